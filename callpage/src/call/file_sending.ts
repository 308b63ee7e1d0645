// One's own files: offered, and sent piece by piece as the other's device acknowledges them
// (app/call/chat/file_sending.py, where it is explained). Pure.
import { Pace } from "./file_pace.ts";
import type { FilePacket } from "./file_packets.ts";
import { PROTOCOL } from "./protocol.ts";
import type { FileProblem, FileState, FileTransfer } from "./snapshot.ts";

const { files } = PROTOCOL;
const NOTHING = new Uint8Array();
const REFUSALS = files.refusals as unknown as Record<string, [FileState, FileProblem] | undefined>;

interface Outgoing {
  shown: FileTransfer;
  content: Uint8Array;
  /** The offer, since the last interruption. */
  answered: boolean;
  tries: number;
  dueS: number;
  /** Where the next piece begins. */
  sent: number;
  furthest: number;
  /** Together, since something of it last arrived. */
  waitedS: number;
  /** The end of each piece, and when it was sent. */
  underWay: [number, number][];
}

/** Seconds are of a monotonic clock. */
export class FileSending {
  private readonly files = new Map<string, Outgoing>();
  private stops = new Map<string, string>();
  private readonly pace = new Pace();
  private askedS: number | null = null;

  get shown(): FileTransfer[] {
    return [...this.files.values()].map((each) => each.shown);
  }

  get isBusy(): boolean {
    return this.stops.size > 0 || this.unfinished().length > 0;
  }

  private unfinished(): Outgoing[] {
    return [...this.files.values()].filter((each) => each.shown.state === "underway");
  }

  /** Why a file of this size is refused; nothing of it is sent then. */
  problemOf(size: number): FileProblem | null {
    if (size > files.largest_file) return "too_large";
    return this.unfinished().length >= files.at_once ? "too_many" : null;
  }

  /** A file of one's own, its name clean. */
  offer(id: string, name: string, content: Uint8Array, atMs: number): FileProblem | null {
    const refused = this.problemOf(content.length);
    if (refused) return refused;
    const size = content.length;
    const shown: FileTransfer = { id, name, size, mine: true, atMs, state: "underway", done: 0, problem: null, again: false };
    const start = { answered: false, tries: 0, dueS: 0, sent: 0, furthest: 0, waitedS: 0, underWay: [] };
    this.files.set(id, { shown, content, ...start });
    return null;
  }

  /** Name and content of one that failed and may be sent again; it is not shown any more then. */
  contentOf(id: string): { name: string; content: Uint8Array } | null {
    const found = this.files.get(id);
    if (!found?.shown.again) return null;
    this.files.delete(id);
    return { name: found.shown.name, content: found.content };
  }

  cancel(id: string): void {
    const found = this.files.get(id);
    if (found?.shown.state !== "underway") return;
    this.end(found, "cancelled", "cancelled");
    this.noteStop(id, "cancelled");
  }

  peerLeft(): void {
    for (const each of this.unfinished()) this.end(each, "failed", "peer_left");
  }

  /** They have a new connection, or this side has. */
  peerIsBack(): void {
    this.pace.restart();
    for (const each of this.unfinished()) {
      each.tries = each.dueS = 0;
      each.answered = false;
    }
  }

  /** The transfer, if this completed it. */
  onHave(id: string, done: number, nowS: number): FileTransfer | null {
    const found = this.files.get(id);
    if (found?.shown.state !== "underway") {
      this.noteEnd(id, found?.shown.state ?? null);
      return null;
    }
    if (done > found.furthest) return null;
    if (!found.answered || done < found.shown.done) {
      found.sent = done;
      found.underWay = [];
    }
    this.acknowledge(found, done, nowS);
    if (done !== found.shown.size) return null;
    this.end(found, "delivered", null);
    return found.shown;
  }

  private acknowledge(found: Outgoing, done: number, nowS: number): void {
    const more = done - found.shown.done;
    let sentS: number | null = null;
    while (found.underWay[0] && found.underWay[0][0] <= done) sentS = found.underWay.shift()?.[1] ?? null;
    if (sentS !== null && more > 0) this.pace.acknowledged(more, nowS - sentS, nowS);
    if (more > 0) found.waitedS = 0;
    found.answered = true;
    found.tries = 0;
    found.sent = Math.max(found.sent, done);
    found.shown = { ...found.shown, done };
  }

  onRefuse(id: string, why: string): void {
    const found = this.files.get(id);
    if (found?.shown.state !== "underway") return;
    const [state, problem] = (Object.hasOwn(REFUSALS, why) && REFUSALS[why]) || (["failed", "broken"] as const);
    this.end(found, state, problem);
  }

  /** The packets to be sent now, one after the other: what is acknowledged meanwhile makes room for more. */
  *due(nowS: number): Generator<FilePacket> {
    const { stops } = this;
    this.stops = new Map();
    for (const [id, why] of stops) yield { kind: "stop", id, why };
    this.noteTime(nowS);
    for (const each of this.unfinished()) {
      if (each.shown.state === "underway" && !each.answered && nowS >= each.dueS) {
        const pauses = files.offer_again_after_s;
        each.dueS = nowS + (pauses[Math.min(each.tries, pauses.length - 1)] ?? 8);
        each.tries += 1;
        const { id, name, size } = each.shown;
        yield { kind: "offer", id, name, size };
      }
      yield* this.pieces(each, nowS);
    }
  }

  private *pieces(file: Outgoing, nowS: number): Generator<FilePacket> {
    while (file.answered && file.shown.state === "underway" && file.sent < file.shown.size) {
      const underWay = this.unfinished().reduce((sum, each) => sum + each.sent - each.shown.done, 0);
      if (!this.pace.maySend(underWay, nowS)) return;
      const at = file.sent;
      const content = file.content.subarray(at, at + this.pace.pieceBytes);
      file.sent = at + content.length;
      file.furthest = Math.max(file.furthest, file.sent);
      file.underWay.push([file.sent, nowS]);
      this.pace.sent(content.length, nowS);
      yield { kind: "piece", id: file.shown.id, at, content };
    }
  }

  private noteTime(nowS: number): void {
    const passedS = this.askedS === null ? 0 : Math.min(nowS - this.askedS, files.longest_step_s);
    this.askedS = nowS;
    for (const each of this.unfinished()) {
      each.waitedS += passedS;
      const oldest = each.underWay[0];
      if (each.waitedS >= files.stalled_after_s) {
        this.end(each, "failed", "stalled");
        this.noteStop(each.shown.id, "stalled");
      } else if (each.answered && oldest && nowS - oldest[1] >= files.silent_after_s) {
        each.answered = false;
        each.dueS = 0;
      }
    }
  }

  private end(file: Outgoing, state: FileState, problem: FileProblem | null): void {
    file.underWay = [];
    file.shown = { ...file.shown, state, problem, again: state === "failed" };
    const failed = [...this.files.values()].filter((each) => each.shown.again);
    for (const each of failed.slice(0, -files.failed_kept)) each.shown = { ...each.shown, again: false };
    for (const each of this.files.values()) {
      if (each.shown.state !== "underway" && !each.shown.again) each.content = NOTHING;
    }
  }

  /** The receiver waits for more of what has ended here; null: nothing is known of it. */
  private noteEnd(id: string, state: FileState | null): void {
    if (!state) this.noteStop(id, "lost");
    else if (state !== "delivered") this.noteStop(id, state === "cancelled" ? "cancelled" : "stalled");
  }

  private noteStop(id: string, why: string): void {
    if (this.stops.size < files.stops_remembered) this.stops.set(id, why);
  }
}
