// The moment before a call: own picture, own sound, who is there already, and Join (app/screens/before_call.py).
import type { Backend, Facts } from "../backend.ts";
import type { Call } from "../call/call.ts";
import type { Snapshot } from "../call/snapshot.ts";
import type { Level } from "../media/level.ts";
import type { ServerClock } from "../page.ts";
import { countdownWords, say, spanWords } from "../words.ts";
import type { Recordings } from "../media/recordings.ts";
import { avatar } from "./avatar.ts";
import { DeviceChoices } from "./device_choices.ts";
import { el, setText, show, showScreen } from "./dom.ts";
import { icon } from "./icons.ts";
import { KeptList } from "./kept_recordings.ts";
import { backLink, deviceButtons, faultNotices, roundButton, type Tile, tile } from "./parts.ts";

const PRESENCE_EVERY_MS = 5_000;

export class BeforeScreen {
  private readonly choices: DeviceChoices;
  private readonly buttons: ReturnType<typeof deviceButtons>;
  private readonly faults: ReturnType<typeof faultNotices>;
  private readonly preview: Tile;
  private readonly join: HTMLButtonElement;
  private readonly problem = el("p", { class: "problem", role: "alert", hidden: true });
  private readonly opens = el("p", { class: "quiet", hidden: true });
  private readonly allow = el("p", { class: "allow" }, say("page.allow"));
  private readonly presence = el("p", { class: "presence" });
  private readonly flip = roundButton("flip", () => void this.call.devices.camera.flip());
  private readonly timers: ReturnType<typeof setInterval>[];
  private readonly unsubscribe: () => void;

  constructor(
    private readonly call: Call,
    private readonly backend: Backend,
    private readonly facts: Facts,
    private readonly clock: ServerClock,
    level: Level,
    onJoin: () => Promise<string>,
    recordings: Recordings,
  ) {
    this.choices = new DeviceChoices(call, level);
    this.buttons = deviceButtons(call);
    this.faults = faultNotices(call, facts.other_name);
    this.preview = tile("preview", say("page.own_video"), facts.own_name, null, false);
    this.join = el("button", { type: "button", class: "main join" }, icon("video"), el("span", {}, say("stage.join")));
    this.join.addEventListener("click", () => void this.pressed(onJoin));
    showScreen(this.layout(recordings), say("stage.session", { name: facts.other_name }));
    this.unsubscribe = call.store.subscribe((now) => this.update(now));
    this.update(call.store.snapshot);
    this.timers = [
      setInterval(() => void this.lookWhoIsThere(), PRESENCE_EVERY_MS),
      setInterval(() => this.countDown(), 1000),
    ];
    void this.lookWhoIsThere();
    this.countDown();
    addEventListener("keydown", this.onKey);
    this.join.focus();
  }

  close(): void {
    this.unsubscribe();
    this.choices.close();
    this.timers.forEach(clearInterval);
    removeEventListener("keydown", this.onKey);
  }

  private layout(recordings: Recordings): HTMLElement {
    const { facts } = this;
    this.flip.set("flip", say("page.flip"), false);
    const left = el(
      "section",
      { class: "left", "aria-label": say("page.own_video") },
      el("div", { class: "held" }, this.preview.element, el("div", { class: "over" }, ...this.buttons.elements, this.flip.element)),
      this.allow,
      this.faults.element,
    );
    const when = spanWords(new Date(facts.starts_at), new Date(facts.ends_at), this.clock());
    const who = el(
      "div",
      { class: "who" },
      avatar(facts.other_name, facts.other_photo, "middle"),
      el("div", {}, el("h1", {}, say("stage.session", { name: facts.other_name })), el("p", { class: "quiet" }, when)),
    );
    const right = el(
      "section",
      { class: "right" },
      who,
      this.presence,
      el("div", { class: "joining" }, this.join, this.opens, this.problem),
      this.choices.element,
      new KeptList(recordings).element,
    );
    const head = facts.app_url ? el("header", {}, backLink(facts.app_url, false)) : null;
    return el("main", { class: "before" }, head, el("div", { class: "columns" }, left, right));
  }

  private update(now: Snapshot): void {
    this.buttons.update(now);
    this.faults.update(now);
    this.choices.update(now);
    const { camera, microphone } = now;
    const words = !camera.enabled
      ? say("stage.own_camera_off")
      : camera.fault
        ? say("stage.no_picture_from_camera")
        : say("camera.starting");
    this.preview.element.classList.toggle("mirrored", this.call.devices.camera.facing === "user");
    this.preview.set(camera.enabled && camera.working ? this.call.devices.camera.track : null, words);
    show(this.allow, (camera.opening || microphone.opening) && !camera.working && !microphone.working);
  }

  private async pressed(onJoin: () => Promise<string>): Promise<void> {
    if (this.join.getAttribute("aria-disabled") === "true") return;
    this.setBusy(true);
    show(this.problem, false);
    const problem = await onJoin();
    if (!problem) return;
    this.setBusy(false);
    setText(this.problem, problem);
    show(this.problem, true);
  }

  /** Stays focusable: a button that is disabled would lose the focus. */
  private setBusy(busy: boolean): void {
    this.join.setAttribute("aria-disabled", String(busy));
    const words = this.join.querySelector("span");
    if (words) setText(words, say(busy ? "stage.joining" : "stage.join"));
  }

  private async lookWhoIsThere(): Promise<void> {
    const other = this.facts.own_role === "user" ? "professional" : "user";
    const there = await this.backend.isThere(other).catch(() => false);
    const name = this.facts.other_name;
    const words = say(there ? "stage.there" : "stage.not_there", { name });
    this.presence.classList.toggle("there", there);
    if (this.presence.textContent !== words) this.presence.replaceChildren(icon(there ? "check" : "schedule"), words);
  }

  private countDown(): void {
    show(this.flip.element, this.call.store.snapshot.camera.enabled && this.call.devices.severalCameras);
    const left = (new Date(this.facts.opens_at).getTime() - this.clock().getTime()) / 1000;
    show(this.opens, left > 0);
    if (left > 0) {
      setText(this.opens, say("stage.opens", { countdown: countdownWords(left) }));
      this.join.setAttribute("aria-disabled", "true");
    } else if (this.join.querySelector("span")?.textContent === say("stage.join")) {
      this.join.setAttribute("aria-disabled", "false");
    }
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target instanceof HTMLSelectElement) return;
    const { snapshot } = this.call.store;
    if (event.key.toLowerCase() === "m") void this.call.setMicrophone(!snapshot.microphone.enabled);
    else if (event.key.toLowerCase() === "v") void this.call.setCamera(!snapshot.camera.enabled);
  };
}
