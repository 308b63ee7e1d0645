// The shared timer on the stage: what both see of it, and how the professional sets it (app/components/call/stage/timer.py).
import type { Facts } from "../backend.ts";
import type { Call } from "../call/call.ts";
import { PROTOCOL } from "../call/protocol.ts";
import { leftS, restOfSession, timeNotice, type SharedTimer } from "../call/shared_timer.ts";
import type { Snapshot } from "../call/snapshot.ts";
import type { ServerClock } from "../page.ts";
import { clockWords, lengthWords, say, timeWords } from "../words.ts";
import { el, setText, show } from "./dom.ts";
import { icon } from "./icons.ts";

const EVERY_MS = 500;

export const leads = (facts: Facts): boolean => facts.own_role === PROTOCOL.timer.leading_role;

function timerWords(timer: SharedTimer, clock: ServerClock): [string, string] {
  const left = leftS(timer, clock().getTime());
  if (!left) return [say("timer.is_up"), say("timer.is_up")];
  return [clockWords(left), say("timer.left", { clock: clockWords(left) })];
}

/** Counts down for both; `onShow` opens where it is set. */
export class TimerPill {
  readonly element: HTMLElement;
  private readonly words = el("span", { class: "time", "aria-hidden": "true" });

  constructor(
    private readonly clock: ServerClock,
    private readonly onShow: (() => void) | null,
  ) {
    const parts = [icon("timer"), this.words];
    const attributes = { class: "pill shared-timer", hidden: true };
    this.element = onShow
      ? el("button", { type: "button", ...attributes, onclick: onShow }, ...parts)
      : el("div", { role: "timer", ...attributes }, ...parts);
  }

  tick({ timer }: Snapshot): void {
    show(this.element, timer !== null);
    if (!timer) return;
    const [words, label] = timerWords(timer, this.clock);
    setText(this.words, words);
    this.element.setAttribute("aria-label", this.onShow ? `${label}. ${say("timer.open")}` : label);
    this.element.classList.toggle("over", leftS(timer, this.clock().getTime()) === 0);
  }
}

/** Calmly, for half a minute, that five minutes are left; else empty. */
export function timeNoticeWords({ timer }: Snapshot, facts: Facts, clock: ServerClock): string {
  const notice = timeNotice(timer, new Date(facts.ends_at).getTime(), clock().getTime());
  return notice ? say(`timer.${notice}`) : "";
}

/** For the professional: a length, the rest of the session first; or stopping the one that runs. */
export class TimerPanel {
  readonly element: HTMLElement;
  private readonly running = el("p", { class: "large-time", role: "timer" });
  private readonly stop: HTMLButtonElement;
  private readonly untilEnd: HTMLButtonElement;
  private readonly lengths: HTMLElement;
  private readonly timer = setInterval(() => this.update(), EVERY_MS);

  constructor(
    private readonly call: Call,
    facts: Facts,
    private readonly clock: ServerClock,
  ) {
    const endsAt = new Date(facts.ends_at);
    const rest = () => restOfSession(endsAt.getTime(), clock().getTime());
    this.rest = rest;
    const set = (length: number | null) => {
      call.setTimer(length);
      this.update();
    };
    this.stop = el("button", { type: "button", class: "outlined", onclick: () => set(null) }, say("timer.stop"));
    this.untilEnd = el("button", { type: "button", class: "main" }, `${say("timer.until_the_end")}, ${timeWords(endsAt)}`);
    this.untilEnd.addEventListener("click", () => {
      const length = rest();
      if (length !== null) set(length);
    });
    const buttons = PROTOCOL.timer.lengths_minutes.map((minutes) =>
      el("button", { type: "button", class: "outlined", onclick: () => set(minutes * 60_000) }, lengthWords(minutes * 60)),
    );
    this.lengths = el("div", { class: "lengths" }, ...buttons);
    const explained = el("p", { class: "quiet" }, say("timer.explained"));
    this.element = el("div", { class: "timer-setting" }, explained, this.running, this.stop, this.untilEnd, this.lengths);
    this.update();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private readonly rest: () => number | null;

  private update(): void {
    const { timer } = this.call.store.snapshot;
    show(this.running, timer !== null);
    show(this.stop, timer !== null);
    show(this.lengths, timer === null);
    show(this.untilEnd, timer === null && this.rest() !== null);
    if (!timer) return;
    const [words, label] = timerWords(timer, this.clock);
    setText(this.running, words);
    this.running.setAttribute("aria-label", label);
  }
}
