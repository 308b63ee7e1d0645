// The other's files: taken in order, up to what was announced, and only so many (app/call/chat/file_receiving.py, where it
// is explained). Pure.
import { cleanFileName } from "./file_names.ts";
import type { FilePacket } from "./file_packets.ts";
import { PROTOCOL } from "./protocol.ts";
import type { FileProblem, FileState, FileTransfer } from "./snapshot.ts";

const { files } = PROTOCOL;
const STOPS = files.stops as unknown as Record<string, [FileState, FileProblem] | undefined>;
/** Whatever is in it: the browser saves it and shows nothing of it. */
const TYPE = "application/octet-stream";

interface Incoming {
  shown: FileTransfer;
  /** Room for what was announced, while it comes. */
  content: Uint8Array<ArrayBuffer> | null;
  whole: Blob | null;
  waitedS: number;
}

/** Seconds are of a monotonic clock. */
export class FileReceiving {
  private readonly files = new Map<string, Incoming>();
  private readonly removed = new Set<string>();
  private haves = new Set<string>();
  private refusals = new Map<string, string>();
  private askedS: number | null = null;

  get shown(): FileTransfer[] {
    return [...this.files.values()].map((each) => each.shown);
  }

  get isBusy(): boolean {
    return this.haves.size > 0 || this.refusals.size > 0 || this.unfinished().length > 0;
  }

  private unfinished(): Incoming[] {
    return [...this.files.values()].filter((each) => each.shown.state === "underway");
  }

  /** Of a file that is whole. */
  contentOf(id: string): Blob | null {
    return this.files.get(id)?.whole ?? null;
  }

  /** Takes no more of it. One that is whole, or has ended, is removed. */
  cancel(id: string): void {
    const found = this.files.get(id);
    if (!found) return;
    if (found.shown.state === "underway") return this.end(found, "cancelled", "cancelled", "cancelled");
    this.files.delete(id);
    this.removed.add(id);
  }

  /** `atMs` is of the server's clock. */
  onOffer(id: string, name: string, size: number, atMs: number): void {
    const known = this.files.get(id);
    if (this.removed.has(id)) this.refuse(id, "cancelled");
    else if (!known) this.take(id, name, size, atMs);
    else if (known.shown.state === "underway" && known.shown.size !== size) this.end(known, "failed", "broken", "broken");
    else this.answer(known);
  }

  private take(id: string, name: string, size: number, atMs: number): void {
    if (this.files.size >= files.most_of_theirs || this.unfinished().length >= files.at_once) {
      return this.refuse(id, "too_many");
    }
    const shown: FileTransfer = {
      id,
      name: cleanFileName(name),
      size,
      mine: false,
      atMs,
      state: "underway",
      done: 0,
      problem: null,
      again: false,
    };
    const file: Incoming = { shown, content: null, whole: null, waitedS: 0 };
    const good = this.shown.filter((each) => each.problem === null);
    const held = good.reduce((sum, each) => sum + each.size, 0);
    this.files.set(id, file);
    if (size > files.largest_file) return this.end(file, "failed", "too_large", "too_large");
    if (held + size > files.room) return this.end(file, "failed", "full", "full");
    file.content = new Uint8Array(size);
    this.advance(file, 0);
  }

  onPiece(id: string, at: number, content: Uint8Array): void {
    const file = this.files.get(id);
    if (!file?.content) {
      if (file) this.answer(file);
    } else if (at !== file.shown.done) {
      this.answer(file);
    } else if (at + content.length > file.shown.size) {
      this.end(file, "failed", "broken", "broken");
    } else {
      file.content.set(content, at);
      file.waitedS = 0;
      this.advance(file, at + content.length);
    }
  }

  private advance(file: Incoming, done: number): void {
    const isWhole = done === file.shown.size;
    file.shown = { ...file.shown, done, state: isWhole ? "delivered" : "underway" };
    if (isWhole && file.content) {
      file.whole = new Blob([file.content], { type: TYPE });
      file.content = null;
    }
    this.answer(file);
  }

  onStop(id: string, why: string): void {
    const file = this.files.get(id);
    if (file?.shown.state !== "underway") return;
    const [state, problem] = (Object.hasOwn(STOPS, why) && STOPS[why]) || (["failed", "lost"] as const);
    this.end(file, state, problem);
  }

  peerLeft(): void {
    for (const each of this.unfinished()) this.end(each, "failed", "peer_left");
  }

  /** Says where each unfinished one stands: who does not know it any more says so. */
  peerIsBack(): void {
    for (const each of this.unfinished()) this.haves.add(each.shown.id);
  }

  /** The packets to be sent now. */
  *due(nowS: number): Generator<FilePacket> {
    this.noteTime(nowS);
    const { refusals, haves } = this;
    this.refusals = new Map();
    this.haves = new Set();
    for (const [id, why] of refusals) yield { kind: "refuse", id, why };
    for (const id of haves) {
      const file = this.files.get(id);
      if (file) yield { kind: "have", id, done: file.shown.done };
    }
  }

  private noteTime(nowS: number): void {
    const passedS = this.askedS === null ? 0 : Math.min(nowS - this.askedS, files.longest_step_s);
    this.askedS = nowS;
    for (const each of this.unfinished()) {
      each.waitedS += passedS;
      if (each.waitedS >= files.stalled_after_s) this.end(each, "failed", "stalled", "stalled");
    }
  }

  private answer(file: Incoming): void {
    if (file.shown.problem === null) this.haves.add(file.shown.id);
    else this.refuse(file.shown.id, file.shown.problem);
  }

  private end(file: Incoming, state: FileState, problem: FileProblem, why = ""): void {
    file.content = null;
    file.shown = { ...file.shown, state, problem };
    this.haves.delete(file.shown.id);
    if (why) this.refuse(file.shown.id, why);
  }

  private refuse(id: string, why: string): void {
    if (this.refusals.size < files.refused_at_once) this.refusals.set(id, why);
  }
}
