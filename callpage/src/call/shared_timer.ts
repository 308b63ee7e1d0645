// The shared timer's protocol (app/call/chat/timer.py, where it is explained). Pure.
import { PROTOCOL } from "./protocol.ts";

const { timer } = PROTOCOL;

/** A timer that was started and not stopped. `endsAtMs` is of the server's clock, perhaps past already. */
export interface SharedTimer {
  readonly lengthMs: number;
  readonly endsAtMs: number;
}

/** How it stands. `sentAtMs` only tells newer from older ones; `leftMs` is null where there is no timer. */
export interface TimerPacket {
  sentAtMs: number;
  lengthMs: number;
  leftMs: number | null;
}

export const timerPacket = ({ sentAtMs, lengthMs, leftMs }: TimerPacket): string =>
  JSON.stringify({ kind: timer.kind, at_ms: sentAtMs, length_ms: lengthMs, left_ms: leftMs });

/** Null for what is not of this protocol, or no timer that anybody can set: it is left alone. */
export function readTimerPacket(data: string): TimerPacket | null {
  let said: unknown;
  try {
    said = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof said !== "object" || said === null || !("left_ms" in said) || !("length_ms" in said)) return null;
  const { kind, at_ms: sentAtMs, length_ms: lengthMs, left_ms: leftMs } = said as Record<string, unknown>;
  if (kind !== timer.kind || !isWithin(sentAtMs, 0, timer.latest_ms)) return null;
  if (leftMs === null) return { sentAtMs, lengthMs: 0, leftMs };
  if (!isWithin(lengthMs, timer.shortest_ms, timer.longest_ms) || !isWithin(leftMs, 0, lengthMs)) return null;
  return { sentAtMs, lengthMs, leftMs };
}

const isWithin = (value: unknown, least: number, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

/** Whether this participant sets the timer: the backend writes the role into the identity of each token. */
export const leads = (identity: string): boolean => identity.split("_", 1)[0] === timer.leading_role;

/** Lets so many packets of one topic through and no more. Seconds are of a monotonic clock. */
export class FloodGate {
  private left: number;
  private countedS = 0;

  constructor(private readonly limits: { packets_at_once: number; packets_a_second: number }) {
    this.left = limits.packets_at_once;
  }

  letsThrough(nowS: number): boolean {
    const { packets_at_once: most, packets_a_second: rate } = this.limits;
    this.left = Math.min(most, this.left + Math.max(0, nowS - this.countedS) * rate);
    this.countedS = nowS;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}

/** One side's timer. `leads`: this person sets it, and no packet does. `nowMs` is the server's clock. */
export class TimerKeeper {
  timer: SharedTimer | null = null;
  private newestMs = -1;
  /** The timer was set or stopped here: from then on it is said again and again. */
  private said = false;
  private dueS: number | null = null;

  constructor(private readonly leads: boolean) {}

  /** In place of one that runs. */
  start(lengthMs: number, nowMs: number): void {
    if (!this.leads) return;
    const length = Math.trunc(Math.max(timer.shortest_ms, Math.min(lengthMs, timer.longest_ms)));
    this.timer = { lengthMs: length, endsAtMs: nowMs + length };
    this.said = true;
    this.dueS = 0;
  }

  stop(): void {
    if (!this.leads) return;
    this.timer = null;
    this.said = true;
    this.dueS = 0;
  }

  /** What this side knew before it was closed; what has been said in this call counts more. */
  takeKept(kept: SharedTimer, nowMs: number): void {
    const { lengthMs, endsAtMs } = kept;
    const possible = isWithin(lengthMs, timer.shortest_ms, timer.longest_ms) && Number.isFinite(endsAtMs);
    const fits = possible && nowMs - timer.kept_after_its_end_ms < endsAtMs && endsAtMs <= nowMs + lengthMs;
    if (!fits || this.timer || this.said || this.newestMs >= 0) return;
    this.timer = kept;
    this.said = this.leads;
    this.dueS = 0;
  }

  /** Of the professional. An older one than the newest, or the same again, is of no interest. */
  receive({ sentAtMs, lengthMs, leftMs }: TimerPacket, nowMs: number): void {
    if (this.leads || sentAtMs <= this.newestMs) return;
    this.newestMs = sentAtMs;
    if (leftMs === null) {
      this.timer = null;
      return;
    }
    const endsAtMs = nowMs + leftMs;
    const known = this.timer;
    const same = known?.lengthMs === lengthMs && Math.abs(known.endsAtMs - endsAtMs) <= timer.same_within_ms;
    if (!same) this.timer = { lengthMs, endsAtMs };
  }

  /** They have a new connection, or this side has. */
  peerIsBack(): void {
    this.dueS = 0;
  }

  /** The packet to be sent now. `nowS` is of a monotonic clock. */
  due(nowS: number, nowMs: number): string | null {
    if (!this.leads || this.dueS === null || nowS < this.dueS) return null;
    this.dueS = this.said ? nowS + timer.repeat_after_s : null;
    this.newestMs = Math.max(Math.round(nowMs), this.newestMs + 1);
    if (!this.timer) return timerPacket({ sentAtMs: this.newestMs, lengthMs: 0, leftMs: null });
    const { lengthMs, endsAtMs } = this.timer;
    const leftMs = Math.trunc(Math.max(0, Math.min(endsAtMs - nowMs, lengthMs)));
    return timerPacket({ sentAtMs: this.newestMs, lengthMs, leftMs });
  }
}

/** Whole seconds, rounded up; 0 once it is over. */
export const leftS = ({ endsAtMs }: SharedTimer, nowMs: number): number =>
  Math.max(0, Math.ceil((endsAtMs - nowMs) / 1000));

/** Until the planned end; null where that is no length for a timer. */
export function restOfSession(endsAtMs: number, nowMs: number): number | null {
  const rest = endsAtMs - nowMs;
  return rest >= timer.shortest_ms && rest <= timer.longest_ms ? rest : null;
}

export type TimeNotice = "" | "five_left" | "five_left_of_session";

/** What is said for half a minute (app/state/call/words/timer_words.py). */
export function timeNotice(shared: SharedTimer | null, sessionEndsAtMs: number, nowMs: number): TimeNotice {
  const speaks = shared !== null && shared.lengthMs > timer.five_minutes_s * 1000;
  if (speaks && isFiveMinutes(leftS(shared, nowMs))) return "five_left";
  if (!isFiveMinutes((sessionEndsAtMs - nowMs) / 1000)) return "";
  const isSaid = speaks && Math.abs(shared.endsAtMs - sessionEndsAtMs) <= timer.same_end_within_s * 1000;
  return isSaid ? "" : "five_left_of_session";
}

const isFiveMinutes = (seconds: number): boolean =>
  seconds > timer.five_minutes_s - timer.five_left_shown_s && seconds <= timer.five_minutes_s;
