// Recording on the stage: asking for it, answering, and that both see all the time that it goes on
// (app/components/call/stage/recording.py).
import type { Call } from "../call/call.ts";
import type { Snapshot } from "../call/snapshot.ts";
import { type Recordings, recordingType } from "../media/recordings.ts";
import { clockWords, say, sizeWords } from "../words.ts";
import { el, setText, show } from "./dom.ts";
import { icon } from "./icons.ts";
import { KeptList } from "./kept_recordings.ts";
import { roundButton } from "./parts.ts";

/** A question that comes up under a finger must not be answered by it. */
const ANSWERED_AFTER_MS = 700;
/** Below this it is said how much is left. */
const LITTLE_SPACE = 2_000_000_000;

const isOn = ({ recording }: Snapshot): boolean => recording.state === "recording" || recording.state === "paused";

function button(words: string, onclick: () => void, kind = "text", label = words): HTMLButtonElement {
  return el("button", { type: "button", class: kind, onclick, "aria-label": label }, words);
}

/** Asks, takes the question back, or stops: in the bar, and as `row` among the lesser actions where that is narrow. */
export class RecordButton {
  readonly button = roundButton("record-button", () => this.press());
  readonly row: HTMLElement;
  private readonly words = el("span");
  private readonly wide: HTMLButtonElement;

  constructor(
    private readonly call: Call,
    private readonly ask: () => void,
  ) {
    this.wide = el("button", { type: "button", class: "outlined record-row", onclick: () => this.press() });
    this.wide.append(icon("record"), this.words);
    const can = recordingType() !== "";
    this.row = can ? this.wide : el("p", { class: "quiet" }, say("page.cannot_record"));
    show(this.button.element, can);
  }

  update(now: Snapshot): void {
    const asking = now.recording.state === "asking";
    const record = say("recording.record");
    const label = asking ? `${record}: ${say("recording.cancel")}` : isOn(now) ? say("recording.stop") : record;
    this.button.set("record", label, asking || isOn(now));
    setText(this.words, label);
    const idle = now.state !== "in_call" || now.recording.state === "finishing";
    for (const each of [this.button.element, this.wide]) {
      each.setAttribute("aria-disabled", String(idle && !asking && !isOn(now)));
    }
  }

  private press(): void {
    const now = this.call.store.snapshot;
    if (isOn(now) || now.recording.state === "asking") this.call.recording?.stop();
    else if (now.state === "in_call" && now.recording.state !== "finishing") this.ask();
  }
}

/** Over all else as long as somebody records, with the way to end it: nothing covers it, and it does not fade. */
export class RecordingPills {
  readonly element = el("div", { class: "recordings", hidden: true });
  private readonly own: Pill;
  private readonly theirs: Pill;
  private theirsS = 0;
  private countedMs: number | null = null;

  constructor(
    private readonly call: Call,
    private readonly name: string,
  ) {
    this.own = new Pill(() => call.recording?.stop());
    this.theirs = new Pill(() => {
      const { peerRecording } = call.store.snapshot;
      if (peerRecording) call.recording?.answer(peerRecording.askId, false);
    });
    this.element.append(this.own.element, this.theirs.element);
  }

  tick(now: Snapshot): void {
    const { recording, peerRecording: theirs } = now;
    const { freeBytes, writtenS, sizeBytes } = recording;
    const free = freeBytes === null ? "" : say("page.size_left", { size: sizeWords(freeBytes) });
    const left = freeBytes !== null && freeBytes < LITTLE_SPACE ? free : "";
    this.own.element.title = free;
    const running = recording.state === "recording";
    const detail = [clockWords(writtenS), sizeWords(sizeBytes), left].filter(Boolean).join(" · ");
    const writing = theirs?.writing ?? false;
    const theirsShown = writing || theirs?.agreed === true;
    show(this.element, isOn(now) || theirsShown);
    this.own.set(isOn(now), running, say(running ? "recording.recording" : "recording.paused"), detail);
    if (!theirs?.agreed) this.theirsS = 0;
    const atMs = performance.now();
    if (writing && this.countedMs !== null) this.theirsS += (atMs - this.countedMs) / 1000;
    this.countedMs = writing ? atMs : null;
    const words = say(writing ? "recording.theirs" : "recording.theirs_paused", { name: this.name });
    this.theirs.set(theirsShown, writing, words, clockWords(this.theirsS));
  }

  /** On the way to stop what was just allowed. */
  focus(): void {
    this.tick(this.call.store.snapshot);
    this.theirs.focus();
  }
}

class Pill {
  readonly element: HTMLElement;
  private readonly words = el("span");
  private readonly detail = el("span", { class: "time", role: "timer" });
  private readonly stop: HTMLButtonElement;

  constructor(onStop: () => void) {
    this.stop = button(say("recording.stop_now"), onStop, "stop", say("recording.stop"));
    const said = el("span", { class: "said" }, this.words, " ", this.detail);
    this.element = el("div", { class: "pill recording", hidden: true }, el("span", { class: "dot" }), said, this.stop);
  }

  set(shown: boolean, running: boolean, words: string, detail: string): void {
    show(this.element, shown);
    this.element.classList.toggle("paused", !running);
    setText(this.words, words);
    setText(this.detail, detail);
  }

  focus(): void {
    this.stop.focus();
  }
}

/** The other's question, one's own that is not answered, and how a recording ended. It takes the focus from nobody. */
export class RecordingNotice {
  readonly element = el("div", { class: "faults" });
  private shown = "";
  private shownAtMs = 0;
  private hidden = "";

  constructor(
    private readonly call: Call,
    private readonly name: string,
    private readonly recordings: Recordings,
    private readonly onAllowed: () => void,
  ) {}

  get open(): boolean {
    return this.element.childElementCount > 0;
  }

  update(now: Snapshot): void {
    const { recording, peerRecording: theirs } = now;
    const asked = theirs?.agreed === null ? theirs.askId : "";
    const { state, askId, stoodStill } = recording;
    const shown = state === "asking" || state === "finishing" || this.hidden !== `${askId} ${state}`;
    const own = shown && recordingWords(recording, this.name) ? `${askId} ${state} ${stoodStill}` : "";
    const is = `${asked} ${own}`;
    if (is === this.shown) return;
    this.shown = is;
    this.shownAtMs = Date.now();
    this.element.replaceChildren(...(asked ? [this.question(asked)] : []), ...(own ? [this.word(now)] : []));
  }

  private question(askId: string): HTMLElement {
    const title = say("recording.asks", { name: this.name });
    const answer = (agreed: boolean) => () => {
      if (agreed && Date.now() < this.shownAtMs + ANSWERED_AFTER_MS) return;
      this.call.recording?.answer(askId, agreed);
      if (agreed) this.onAllowed();
    };
    return notice(
      el("p", {}, el("strong", {}, title), ` ${say("recording.explained")}`),
      button(say("recording.allow"), answer(true)),
      button(say("recording.do_not_allow"), answer(false)),
    );
  }

  private word({ recording }: Snapshot): HTMLElement {
    const { state, askId } = recording;
    const words = el("p", {}, recordingWords(recording, this.name));
    if (state === "asking") return notice(words, button(say("recording.cancel"), () => this.call.recording?.stop()));
    if (state === "finishing") return notice(words);
    const hide = () => {
      this.hidden = `${askId} ${state}`;
      this.update(this.call.store.snapshot);
    };
    const made = notice(words, button(say("page.hide"), hide));
    words.after(new KeptList(this.recordings).element);
    return made;
  }
}

function notice(words: HTMLElement, ...choices: HTMLElement[]): HTMLElement {
  const attributes = { class: "fault", role: "group", "aria-label": words.textContent ?? "" };
  return el("div", attributes, icon("record"), words, el("span", { class: "choices" }, ...choices));
}

/** Of one's own: what goes on, or how it ended. */
export function recordingWords({ state, end, file, stoodStill }: Snapshot["recording"], name: string): string {
  if (state === "asking") return say("recording.asking", { name });
  if (state === "finishing") return say("recording.finishing");
  const said = state === "ended" ? [say(`recording.end.${end ?? "failed"}`, { name })] : [];
  if (file) said.push(say("recording.saved", { file }));
  if (stoodStill) said.push(say("page.stood_still"));
  return said.join(" ");
}

/** For a screen reader. */
export function recordingAnnouncement(before: Snapshot, after: Snapshot, name: string): string {
  const [was, is] = [before.recording, after.recording];
  if (was.state !== is.state) {
    if (is.state === "recording") return `${say("recording.recording")}.`;
    return is.state === "paused" ? `${say("recording.paused")}.` : recordingWords(is, name);
  }
  const [theirs, now] = [before.peerRecording, after.peerRecording];
  if (now?.agreed === null && theirs?.askId !== now.askId) return `${say("recording.asks", { name })}. ${say("recording.explained")}`;
  if (theirs?.writing === (now?.writing ?? false)) return "";
  if (now?.writing) return `${say("recording.theirs", { name })}.`;
  if (!theirs?.writing) return "";
  return `${say(now?.agreed ? "recording.theirs_paused" : "recording.theirs_ended", { name })}.`;
}
