// Name, time and both connections over the stage, and what is amiss (app/components/call/stage/participants.py).
import type { Rating, Snapshot } from "../call/snapshot.ts";
import { clockWords, say } from "../words.ts";
import { type Child, el, setText, show } from "./dom.ts";
import { EncryptionSign } from "./encryption.ts";
import { icon, type IconName } from "./icons.ts";
import { microphoneNote, notesOf, ownNotes } from "./notes.ts";
import type { TimerPill } from "./timer.ts";

export class TopLine {
  readonly element: HTMLElement;
  private readonly time = el("span", { class: "time", role: "timer" });
  private readonly who = el("div", { class: "pill who" });
  private readonly you = el("div", { class: "pill you" });
  private readonly notes = el("div", { class: "notes" });
  private readonly peerBadge: Badge;
  private readonly ownBadge: Badge;
  private readonly sign: EncryptionSign;
  private shownNotes = "";

  constructor(
    private readonly name: string,
    onQuality: () => void,
    onEncryption: () => void,
    private readonly timer: TimerPill,
  ) {
    this.sign = new EncryptionSign(onEncryption);
    this.peerBadge = new Badge("other", name, onQuality);
    this.ownBadge = new Badge("own", name, onQuality);
    this.who.append(el("strong", {}, name), this.time, this.peerBadge.element);
    this.you.append(el("span", { class: "quiet" }, "You"), this.ownBadge.element);
    this.element = el("div", { class: "top-line" }, this.who, timer.element, this.you, this.sign.element, this.notes);
  }

  update(now: Snapshot): void {
    const together = ["in_call", "reconnecting", "peer_reconnecting"].includes(now.state);
    const cutOff = now.state === "reconnecting"; // which is said in the middle
    const weak = together && !cutOff && now.ownQuality === "poor";
    show(this.who, together);
    show(this.sign.element, together);
    this.sign.set(now);
    this.peerBadge.set(together ? now.peerQuality : null);
    this.ownBadge.set(now.ownQuality);
    show(this.you, now.ownQuality !== null && !weak && !cutOff);
    this.setNotes(now, weak);
    this.tick(now);
  }

  tick(now: Snapshot): void {
    this.timer.tick(now);
    show(this.time, now.inCallSince !== null);
    if (now.inCallSince !== null) setText(this.time, clockWords((Date.now() - now.inCallSince) / 1000));
  }

  private setNotes(now: Snapshot, weak: boolean): void {
    const { name } = this;
    const muted = microphoneNote(now, name);
    const said: [IconName, string][] = [];
    if (muted) said.push(["microphone_off", muted]);
    for (const note of [...notesOf(now, name), ...ownNotes(now)]) said.push(["warning", note]);
    if (now.peerQuality === "poor") said.push(["poor", say("stage.other_weak", { name })]);
    if (weak) said.push(["poor", say("stage.own_weak")]);
    if (now.videoDegraded) said.push(["video", say("stage.reduced")]);
    const is = JSON.stringify(said);
    if (is === this.shownNotes) return;
    this.shownNotes = is;
    this.notes.replaceChildren(...said.map(([sign, words]) => pill(sign, words)));
  }
}

export function pill(sign: IconName, ...words: Child[]): HTMLElement {
  return el("div", { class: `pill note-${sign}` }, icon(sign), ...words);
}

/** A connection in an icon and a word; pressing it opens the figures. */
class Badge {
  readonly element: HTMLButtonElement;
  private shown: Rating | null = null;

  constructor(
    private readonly whose: "own" | "other",
    private readonly name: string,
    onPress: () => void,
  ) {
    this.element = el("button", { type: "button", class: "badge", hidden: true, onclick: onPress });
  }

  set(rating: Rating | null): void {
    show(this.element, rating !== null);
    if (rating === this.shown || rating === null) return;
    this.shown = rating;
    this.element.dataset.rating = rating;
    this.element.setAttribute("aria-label", say(`rating.${rating}.${this.whose}`, { name: this.name }));
    this.element.replaceChildren(icon(rating), el("span", { "aria-hidden": "true" }, say(`rating.${rating}`)));
  }
}
