// The call's state in the middle of the stage, in words, with what goes on meanwhile.
import type { Facts } from "../backend.ts";
import type { Snapshot } from "../call/snapshot.ts";
import type { ServerClock } from "../page.ts";
import { keyOf, say, timeWords } from "../words.ts";
import { avatar } from "./avatar.ts";
import { el, setText, show } from "./dom.ts";

const SPOKEN = ["connecting", "waiting", "reconnecting", "peer_reconnecting"];
const MOVING_ON = ["idle", "preparing", "connecting", "reconnecting"];

export class StateNotice {
  readonly element: HTMLElement;
  private readonly face: HTMLElement;
  private readonly ring = el("span", { class: "ring small" });
  private readonly words = el("p", { class: "state" });
  private readonly detail = el("p", { class: "detail" });

  constructor(
    private readonly facts: Facts,
    private readonly clock: ServerClock,
  ) {
    this.face = avatar(facts.other_name, facts.other_photo, "large");
    const line = el("div", { class: "line" }, this.ring, this.words);
    this.element = el("div", { class: "notice", hidden: true }, this.face, line, this.detail);
  }

  /** `over`: a picture of the other is behind it. */
  update(now: Snapshot, over: boolean): void {
    const early = now.state === "idle" || now.state === "preparing";
    const state = early ? "connecting" : now.state;
    const spoken = SPOKEN.includes(state);
    show(this.element, spoken);
    if (!spoken) return;
    this.element.classList.toggle("over", over);
    show(this.face, !over);
    show(this.ring, MOVING_ON.includes(now.state));
    setText(this.words, say(keyOf(`status.${state}`, "status.connecting"), { name: this.facts.other_name }));
    this.tick(now);
  }

  tick(now: Snapshot): void {
    setText(this.detail, this.detailWords(now));
  }

  /** A second line where waiting raises a question: until when, and what goes on meanwhile. */
  private detailWords(now: Snapshot): string {
    if (now.state === "reconnecting") return say(`reconnecting.${now.reconnectCause ?? "no_answer"}`);
    if (now.state !== "waiting") return "";
    if (now.inCallSince !== null) return say("stage.left", { name: this.facts.other_name });
    const starts = new Date(this.facts.starts_at);
    return say(this.clock() < starts ? "stage.starts" : "stage.started", { at: timeWords(starts) });
  }
}
