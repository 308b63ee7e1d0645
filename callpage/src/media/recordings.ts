// Where recordings are kept until they are saved: the browser's private file system (https://fs.spec.whatwg.org), a
// folder for each and a file for each slice, which is whole as soon as it is written; in memory where there is none.
// A file that the person chose would not do: until it is closed, what is written to it stands in a file beside it. In
// Chromium 156 a megabyte was written and not closed: of it nothing was left when the page crashed, and when the browser
// was killed only that other file. Of one that was closed all was left.
import type { Role } from "../backend.ts";
import { SESSION_ID } from "../link.ts";

/** One that is not where the person wants it yet. `url` is what a link saves. */
export interface Kept {
  id: string;
  name: string;
  size: number;
  url: string;
}

const SAVED = "saved";
const IN_MEMORY = 1_000_000_000;
const FORGOTTEN_AFTER_MS = 7 * 86_400_000;

/** What this browser writes best, by its name for it; empty where it cannot record at all. */
export function recordingType(): string {
  if (!("MediaRecorder" in globalThis) || !("captureStream" in HTMLCanvasElement.prototype)) return "";
  const mp4 = ["mp4a.40.2", "opus"].map((sound) => `video/mp4;codecs=avc1.42E028,${sound}`);
  const types = [...mp4, "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
  return types.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
}

/** "Rendezvous 2026-11-30 14.05.webm", of the device's own clock. */
export function recordingName(type: string, at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join("-");
  return `Rendezvous ${date} ${two(at.getHours())}.${two(at.getMinutes())}.${type.includes("mp4") ? "mp4" : "webm"}`;
}

/** One that is being written. */
export class Slices {
  size = 0;
  private readonly slices: Blob[] = [];

  private constructor(
    readonly id: string,
    readonly name: string,
    readonly folder: FileSystemDirectoryHandle | null,
  ) {}

  static async begin(id: string, name: string, role: Role): Promise<Slices> {
    try {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle(`${SESSION_ID}.${role}.${id}`, { create: true });
      await folder.getFileHandle(name, { create: true }).then((handle) => handle.createWritable()).then((it) => it.close());
      void holdLock(folder.name);
      return new Slices(id, name, folder);
    } catch {
      return new Slices(id, name, null); // a private window, or a browser without
    }
  }

  /** Rejects where the device has no room, or takes nothing. */
  async add(slice: Blob): Promise<void> {
    this.slices.push(this.folder ? await written(this.folder, String(this.slices.length).padStart(6, "0"), slice) : slice);
    this.size += slice.size;
  }

  /** Bytes that there is room for, as far as the browser says. */
  async free(): Promise<number | null> {
    if (!this.folder) return IN_MEMORY - this.size;
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined || usage === undefined ? null : quota - usage;
  }

  whole(type: string): Blob {
    return new Blob(this.slices, { type });
  }
}

async function written(folder: FileSystemDirectoryHandle, name: string, content: Blob): Promise<File> {
  const handle = await folder.getFileHandle(name, { create: true });
  const out = await handle.createWritable();
  try {
    await out.write(content);
    await out.close();
  } catch (error) {
    await out.abort().catch(() => undefined);
    throw error;
  }
  return handle.getFile();
}

/** As long as this page lives: what has no lock was left behind by a page that ended in the middle. */
function holdLock(name: string): Promise<unknown> | undefined {
  return navigator.locks?.request(name, () => new Promise(() => undefined));
}

/** This person's of this session that are still to be saved. They outlast a call. */
export class Recordings {
  list: Kept[] = [];
  onChange: () => void = () => undefined;
  private root: FileSystemDirectoryHandle | null = null;
  private readonly inMemory = new Set<string>();
  private readonly prefix: string;

  constructor(role: Role) {
    this.prefix = `${SESSION_ID}.${role}.`;
    void this.find().catch(() => undefined);
  }

  /** One would be lost with this page. */
  get atRisk(): boolean {
    return this.inMemory.size > 0;
  }

  add(slices: Slices, type: string): void {
    if (!slices.folder) this.inMemory.add(slices.id);
    this.put({ id: slices.id, name: slices.name, size: slices.size, url: URL.createObjectURL(slices.whole(type)) });
  }

  /** A link has saved it: whether all of it was, nobody is told. So it goes once this page has ended. */
  async saved(id: string): Promise<void> {
    this.inMemory.delete(id);
    const folder = await this.root?.getDirectoryHandle(this.prefix + id).catch(() => null);
    if (folder) await written(folder, SAVED, new Blob());
  }

  async remove(id: string): Promise<void> {
    this.inMemory.delete(id);
    for (const { url } of this.list.filter((each) => each.id === id)) URL.revokeObjectURL(url);
    this.list = this.list.filter((each) => each.id !== id);
    this.onChange();
    this.root ??= await navigator.storage.getDirectory();
    await this.root.removeEntry(this.prefix + id, { recursive: true });
  }

  private put(kept: Kept): void {
    this.list = [...this.list, kept];
    this.onChange();
  }

  /** What pages have left that ended in the middle of it. What was saved, or is old, goes. */
  private async find(): Promise<void> {
    this.root = await navigator.storage.getDirectory();
    for await (const handle of this.root.values()) {
      if (handle.kind !== "directory") continue;
      await navigator.locks.request(handle.name, { ifAvailable: true }, async (lock) => {
        if (lock) await this.take(handle as FileSystemDirectoryHandle);
      });
    }
  }

  private async take(folder: FileSystemDirectoryHandle): Promise<void> {
    const files = new Map<string, File>();
    for await (const handle of folder.values()) {
      if (handle.kind === "file") files.set(handle.name, await (handle as FileSystemFileHandle).getFile());
    }
    const name = [...files.keys()].find((each) => each.startsWith("Rendezvous")) ?? "";
    const slices = [...files.keys()].filter((each) => /^\d+$/.test(each)).sort().map((each) => files.get(each) as File);
    const old = (files.get(name)?.lastModified ?? 0) < Date.now() - FORGOTTEN_AFTER_MS;
    if (old || files.has(SAVED) || !slices.length) return void this.root?.removeEntry(folder.name, { recursive: true });
    if (!folder.name.startsWith(this.prefix)) return;
    void holdLock(folder.name);
    const blob = new Blob(slices, { type: name.endsWith("mp4") ? "video/mp4" : "video/webm" });
    this.put({ id: folder.name.slice(this.prefix.length), name, size: blob.size, url: URL.createObjectURL(blob) });
  }
}
