// Shared screens on the stage: the other's, which can be zoomed, and that this side shares one
// (app/components/call/stage/screen.py).
import type { Call } from "../call/call.ts";
import type { Snapshot } from "../call/snapshot.ts";
import { canShareScreen } from "../media/screen.ts";
import { say } from "../words.ts";
import { el, show } from "./dom.ts";
import { icon } from "./icons.ts";
import { roundButton, tile } from "./parts.ts";
import { Zoom } from "./zoom.ts";

/** The other's screen over the whole stage. The video of them is an inset meanwhile. */
export class OtherScreen {
  readonly buttons = el("div", { class: "zooms", role: "group", "aria-label": say("screen.zoom") });
  readonly zoom: Zoom;
  private readonly tile;
  private readonly larger = roundButton("small", () => this.zoom.larger(), "+");
  private readonly smaller = roundButton("small", () => this.zoom.smaller(), "-");
  private readonly whole = roundButton("small", () => this.zoom.whole(), "0");

  constructor(name: string, photo: string | null) {
    this.tile = tile("screen", say("screen.of", { name }), name, photo, false);
    this.zoom = new Zoom(this.tile.element, this.tile.video, () => this.setButtons());
    this.larger.set("zoom_in", say("screen.zoom_in"), false);
    this.smaller.set("zoom_out", say("screen.zoom_out"), false);
    this.whole.set("whole", say("screen.whole"), false);
    this.buttons.append(this.smaller.element, this.whole.element, this.larger.element);
    this.setButtons();
  }

  get element(): HTMLElement {
    return this.tile.element;
  }

  /** Whether it is shown. What is shared next begins whole. */
  update(now: Snapshot): boolean {
    const here = now.state === "in_call" || now.state === "reconnecting";
    const shown = here && (now.peer?.screenOn ?? false);
    if (!shown && this.zoom.zoomed) this.zoom.whole();
    this.tile.set(shown ? now.remoteScreen : null, say("stage.waiting_for_picture"));
    show(this.element, shown);
    show(this.buttons, shown);
    return shown;
  }

  /** + and - and 0, while there is something to zoom. */
  onKey(key: string): void {
    if (this.element.hidden) return;
    if (key === "+") this.zoom.larger();
    else if (key === "-") this.zoom.smaller();
    else this.zoom.whole();
  }

  private setButtons(): void {
    for (const each of [this.smaller, this.whole]) each.element.setAttribute("aria-disabled", `${!this.zoom.zoomed}`);
  }
}

/** Says as long as this side shares a screen that it does, with the way to end it; and why it could not. */
export class OwnScreen {
  readonly button = roundButton("share-button", () => this.call.toggleScreen(), "s");
  readonly bar = el("div", { class: "sharing", hidden: true });
  readonly notice = el("div", { class: "faults" });
  private shownFault = "";

  constructor(private readonly call: Call) {
    const stop = el("button", { type: "button", class: "main", onclick: () => this.call.screen.stop() }, say("screen.stop"));
    this.bar.append(icon("share"), el("span", {}, say("screen.sharing")), stop);
    show(this.button.element, canShareScreen());
  }

  /** Whether it says that something is amiss. */
  update({ screen }: Snapshot): boolean {
    this.button.set("share", say(screen.sharing ? "screen.stop" : "screen.share"), screen.sharing);
    show(this.bar, screen.sharing);
    if ((screen.fault ?? "") !== this.shownFault) {
      this.shownFault = screen.fault ?? "";
      this.notice.replaceChildren(...(screen.fault ? [this.fault(say(`screen.fault.${screen.fault}`))] : []));
    }
    return screen.fault !== null;
  }

  private fault(words: string): HTMLElement {
    const hide = () => this.call.screen.hideFault();
    return el(
      "div",
      { class: "fault", role: "group", "aria-label": words },
      icon("warning"),
      el("p", {}, el("strong", {}, words)),
      el("button", { type: "button", class: "text", onclick: hide, "aria-label": say("screen.hide") }, say("page.hide")),
    );
  }
}
