// One recording of this side's, from its question to its file (app/call/room/messages/recording_run.py).
import type { Permission } from "./recording_consent.ts";
import { NO_RECORDING, type OwnRecording, type RecordingEnd, type RecordingState } from "./snapshot.ts";

const SHOWN_EVERY_MS = 1000;

/** How far it is. `failure`: why it has stopped by itself; what was written until then is whole. */
export interface Progress {
  writtenS: number;
  sizeBytes: number;
  freeBytes: number | null;
  stoodStill: boolean;
  failure: RecordingEnd | null;
}

/** Writes one recording (media/recorder/recorder.ts). */
export interface Recorder {
  /** Once this returns with false, nothing that is seen and heard from now on comes into the file. Never throws. */
  write(on: boolean): void;
  progress(): Progress;
  /** The file's name where the person said; empty where it is only kept, or nothing was written. */
  finish(): Promise<string>;
}

export class RecordingRun {
  shown: OwnRecording;
  /** Nothing is asked or written any more; the file may still be being made ready. */
  over = false;
  writing = false;
  /** It was being written at some time. */
  began = false;
  private recorder: Recorder | null = null;
  private opening: Promise<void> | null = null;
  private agreed = false;
  private shownAtMs = 0;

  /** `open` makes what writes the file, once it may be written. `onNothing`: there will be no file. */
  constructor(
    askId: string,
    private readonly open: () => Promise<Recorder>,
    private readonly onNothing: () => void,
    private readonly onChange: (shown: OwnRecording) => void,
  ) {
    this.shown = { ...NO_RECORDING, state: "asking", askId };
  }

  /** What the other says to it now, and whether both are in the call. */
  follow(permission: Permission, reachable: boolean): void {
    if (this.over) return;
    if (permission === "denied") return void this.finish(this.agreed ? "withdrawn" : "refused");
    this.agreed ||= permission === "given";
    const may = reachable && permission === "given";
    if (may) this.opening ??= this.begin();
    if (!this.recorder) return;
    if (may !== this.writing) this.write(may);
    const { failure } = this.recorder.progress();
    if (failure) return void this.finish(failure);
    this.show(this.writing ? "recording" : "paused");
  }

  /** Nothing more is written once this returns; the promise is for the file. */
  async finish(end: RecordingEnd): Promise<void> {
    if (this.over) return;
    this.over = true;
    this.write(false);
    if (this.opening) this.show("finishing");
    await this.opening;
    const failure = this.recorder?.progress().failure;
    let why = failure ?? end;
    let file = "";
    try {
      file = (await this.recorder?.finish()) ?? "";
      why = this.recorder?.progress().failure ?? why;
    } catch {
      why = "failed";
    }
    if (!this.recorder?.progress().sizeBytes) this.onNothing();
    this.show("ended", why, file);
  }

  private async begin(): Promise<void> {
    try {
      this.recorder = await this.open();
    } catch {
      if (!this.over) void this.finish("failed");
    }
  }

  /** What fails in writing is in the recorder's progress. */
  private write(on: boolean): void {
    this.writing = on;
    this.began ||= on;
    this.recorder?.write(on);
  }

  private show(state: RecordingState, end: RecordingEnd | null = null, file = ""): void {
    if (state === this.shown.state && Date.now() < this.shownAtMs + SHOWN_EVERY_MS) return;
    this.shownAtMs = Date.now();
    const { writtenS, sizeBytes, freeBytes, stoodStill } = this.recorder?.progress() ?? this.shown;
    this.shown = { ...this.shown, state, writtenS, sizeBytes, freeBytes, stoodStill, end, file };
    this.onChange(this.shown);
  }
}
