// The protocol by which one side asks to record and the other agrees (app/call/recording/consent.py, where it is
// explained). Pure.
import { PROTOCOL } from "./protocol.ts";

const { recording } = PROTOCOL;
const ID = new RegExp(recording.id_pattern);

/** What the other says to this side's question. "stale": given, and not repeated lately, or by a page that has been
 * loaded again since.
 */
export type Permission = "open" | "given" | "stale" | "denied";

/** How one side stands: what it asks to record, or records, and what it answers to the other's question. */
export interface RecordingPacket {
  sentAtMs: number;
  askId: string | null;
  writing: boolean;
  answerTo: string | null;
  agreed: boolean;
}

export const recordingPacket = ({ sentAtMs, askId, writing, answerTo, agreed }: RecordingPacket): string =>
  JSON.stringify({ kind: recording.kind, at_ms: sentAtMs, ask: askId, writing, answer_to: answerTo, agreed });

/** Null for what is not of this protocol: it is left alone. */
export function readRecordingPacket(data: string): RecordingPacket | null {
  let said: unknown;
  try {
    said = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof said !== "object" || said === null) return null;
  const { kind, at_ms: sentAtMs, ask: askId, writing, answer_to: answerTo, agreed } = said as Record<string, unknown>;
  if (kind !== recording.kind || !isTime(sentAtMs) || !isId(askId) || !isId(answerTo)) return null;
  return typeof writing === "boolean" && typeof agreed === "boolean"
    ? { sentAtMs, askId, writing, answerTo, agreed }
    : null;
}

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= recording.latest_ms;
const isId = (value: unknown): value is string | null => value === null || (typeof value === "string" && ID.test(value));

/** One side's part. `nowS` is of a monotonic clock, `nowMs` of the server's. */
export class RecordingConsent {
  askId: string | null = null;
  writing = false;
  theirAsk: string | null = null;
  theyWrite = false;
  /** This person's answer to `theirAsk`; null: none yet. */
  agreed: boolean | null = null;
  private theirAnswer: boolean | null = null;
  private wasGiven = false;
  private heardS = -Infinity;
  private newestMs = -1;
  private sentMs = -1;
  private dueS: number | null = null;

  /** In place of a question before. `askId` is a UUID that nothing else has. */
  ask(askId: string): void {
    this.set(askId);
  }

  /** Nothing is asked, and nothing may be written any more. */
  stop(): void {
    if (this.askId !== null) this.set(null);
  }

  private set(askId: string | null): void {
    this.askId = askId;
    this.writing = this.wasGiven = false;
    this.theirAnswer = null;
    this.dueS = 0;
  }

  /** Whether it is being written now: the other is shown it. */
  setWriting(writing: boolean): void {
    if (writing === this.writing || this.askId === null) return;
    this.writing = writing;
    this.dueS = 0;
  }

  /** To their question, if it still is that one; a yes can be taken back, and then they have to ask again. */
  answer(askId: string, agreed: boolean): void {
    if (askId !== this.theirAsk || this.agreed === false) return;
    this.agreed = agreed;
    this.dueS = 0;
  }

  /** Whether this side may write now. */
  permission(nowS: number): Permission {
    if (this.askId === null || this.theirAnswer === false) return "denied";
    if (this.theirAnswer === null) return this.wasGiven ? "stale" : "open";
    return nowS - this.heardS <= recording.stale_after_s ? "given" : "stale";
  }

  /** Of the other; one that is not newer than the newest is of no interest. */
  receive(packet: RecordingPacket, nowS: number): void {
    if (packet.sentAtMs <= this.newestMs) return;
    this.newestMs = packet.sentAtMs;
    if (packet.askId !== this.theirAsk) {
      this.theirAsk = packet.askId;
      this.agreed = null;
      this.dueS = 0;
    }
    this.theyWrite = packet.writing && packet.askId !== null;
    if (this.askId === null) return;
    const answers = packet.answerTo === this.askId;
    if (this.theirAnswer !== false) {
      this.theirAnswer = answers ? packet.agreed : null; // a no is final: it has to be asked again
      this.wasGiven ||= answers && packet.agreed;
    }
    if (answers) this.heardS = nowS;
  }

  /** They have a new connection, or this side has: what they agreed to before it counts once they repeat it. */
  peerIsBack(): void {
    if (this.dueS !== null) this.dueS = 0;
    this.heardS = -Infinity;
  }

  /** What they asked and answered is over with their visit; a no stays one. */
  peerIsGone(): void {
    this.theirAsk = this.agreed = null;
    this.theyWrite = false;
    this.theirAnswer &&= null;
  }

  /** The packet to be sent now. */
  due(nowS: number, nowMs: number): string | null {
    if (this.dueS === null || nowS < this.dueS) return null;
    const answers = this.theirAsk !== null && this.agreed !== null;
    this.dueS = nowS + recording.repeat_after_s * (this.askId !== null || answers ? 1 : 5);
    this.sentMs = Math.max(Math.round(nowMs), this.sentMs + 1);
    const { askId, writing, theirAsk, agreed } = this;
    const answerTo = agreed === null ? null : theirAsk;
    return recordingPacket({ sentAtMs: this.sentMs, askId, writing, answerTo, agreed: agreed === true });
  }
}
