// Records the call in the browser: one picture and one sound, in slices of a second (https://w3c.github.io/mediacapture-record/).
// It is fetched when somebody first asks to record.
import type { Progress, Recorder } from "../../call/recording_run.ts";
import type { RecordingEnd } from "../../call/snapshot.ts";
import { PROTOCOL } from "../../call/protocol.ts";
import type { Recordings, Slices } from "../recordings.ts";
import { Picture, type Seen } from "./picture.ts";
import { Sound } from "./sound.ts";

export { sourcesOf } from "./sources.ts";

const RATE_HZ = 25;
const SLICE_MS = 1000;
const KEY_FRAME_MS = 1000;
/** Bytes that always stay free (app/call/recording/messages.py). */
const RESERVE = 200_000_000;
const FREE_EVERY_MS = 5_000;
const STANDS_STILL_MS = 2_000;
const STOPPING_LIMIT_MS = 5_000;

/** What is seen and heard now. */
export interface Sources {
  seen: Seen;
  heard: MediaStreamTrack[];
}

/** Where the person has said, in browsers that ask; not all of it is in TypeScript's types yet. */
export type Place = FileSystemFileHandle & { remove?: () => Promise<void> };

export class PageRecorder implements Recorder {
  private readonly sound = new Sound();
  private readonly picture: Picture;
  private readonly recorder: MediaRecorder;
  private on = false;
  private onSinceMs = 0;
  private writtenMs = 0;
  private free: number | null = null;
  private drawnMs = 0;
  private stoodStill = false;
  private failure: RecordingEnd | null = null;
  private gap = false;
  private adding: Promise<void> = Promise.resolve();
  private readonly timer = setInterval(() => void this.measure(), FREE_EVERY_MS);

  constructor(
    private readonly sources: () => Sources,
    names: { other: string; own: string },
    private readonly type: string,
    private readonly slices: Slices,
    private readonly place: Place | null,
    private readonly recordings: Recordings,
  ) {
    const wide = matchMedia("(pointer: fine)").matches; // a phone has neither the screen nor the strength for more
    this.picture = new Picture(wide ? 1920 : 1280, wide ? 1080 : 720, names);
    const voices = this.sound.track;
    this.recorder = new MediaRecorder(new MediaStream(voices ? [this.picture.track, voices] : [this.picture.track]), {
      mimeType: type,
      videoBitsPerSecond: PROTOCOL.screen.bits_per_s,
      audioBitsPerSecond: 128_000,
      videoKeyFrameIntervalDuration: KEY_FRAME_MS, // Chromium gives MP4 away only up to the last of them
    } as MediaRecorderOptions);
    this.recorder.ondataavailable = ({ data }) => this.add(data);
    this.recorder.onerror = () => (this.failure ??= "failed");
    this.sound.every(1 / RATE_HZ, () => this.draw());
    void this.measure();
  }

  write(on: boolean): void {
    if (on === this.on) return;
    this.on = on;
    if (on) this.onSinceMs = performance.now();
    else this.writtenMs += performance.now() - this.onSinceMs;
    try {
      if (!on) {
        this.recorder.pause();
        this.recorder.requestData();
        return this.sound.follow([]);
      }
      this.draw();
      if (this.recorder.state === "inactive") this.recorder.start(SLICE_MS);
      else this.recorder.resume();
    } catch {
      this.failure ??= "failed";
    }
  }

  progress(): Progress {
    const writtenMs = this.writtenMs + (this.on ? performance.now() - this.onSinceMs : 0);
    const { free: freeBytes, failure, stoodStill } = this;
    return { writtenS: writtenMs / 1000, sizeBytes: this.slices.size, freeBytes, stoodStill, failure };
  }

  async finish(): Promise<string> {
    this.write(false);
    clearInterval(this.timer);
    await this.stopped();
    await this.adding;
    this.sound.close();
    this.picture.close();
    if (this.slices.size) return this.deliver();
    await this.recordings.remove(this.slices.id).catch(() => undefined);
    return "";
  }

  private draw(): void {
    if (!this.on) return;
    const now = performance.now();
    this.stoodStill ||= this.drawnMs > this.onSinceMs && now - this.drawnMs > STANDS_STILL_MS;
    this.drawnMs = now;
    const { seen, heard } = this.sources();
    this.sound.follow(heard);
    this.picture.draw(seen);
  }

  private add(slice: Blob): void {
    if (!slice.size) return;
    this.adding = this.adding.then(async () => {
      if (this.gap) return; // what follows one cannot be played
      await this.slices.add(slice).catch((error: unknown) => {
        this.gap = true;
        const full = error instanceof DOMException && error.name === "QuotaExceededError";
        this.failure = full ? "disk_full" : "not_writable";
      });
    });
  }

  private async measure(): Promise<void> {
    this.free = await this.slices.free().catch(() => null);
    if (this.free !== null && this.free < RESERVE) this.failure ??= "disk_full";
  }

  /** The last slice has come, or never will. */
  private stopped(): Promise<void> {
    if (this.recorder.state === "inactive") return Promise.resolve();
    return new Promise((resolve) => {
      this.recorder.onstop = () => resolve();
      setTimeout(resolve, STOPPING_LIMIT_MS);
      this.recorder.stop();
    });
  }

  /** To where the person said; else it stays here until they save it. */
  private async deliver(): Promise<string> {
    const { place, slices, recordings, type } = this;
    if (place) {
      try {
        await slices.whole(type).stream().pipeTo(await place.createWritable());
        await recordings.remove(slices.id).catch(() => undefined);
        return place.name;
      } catch {
        // no room there, or the folder is gone: what was recorded is not lost
      }
    }
    recordings.add(slices, type);
    return "";
  }
}
