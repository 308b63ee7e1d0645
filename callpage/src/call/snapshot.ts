// Everything that the page shows of a call, except video. A new object per change.
import type { CallState, EndReason } from "./machine.ts";
import type { Fault } from "./protocol.ts";
import type { SharedTimer } from "./shared_timer.ts";

export type Rating = "good" | "fair" | "poor";
export type ReconnectCause = "no_answer" | "network_changed" | "no_network" | "suspended" | "server_gone";
export type Publication = "none" | "underway" | "published" | "delayed";

/** One device of this side: switched on or off, what is chosen, what is wrong. `label` is for people. */
export interface DeviceState {
  readonly enabled: boolean;
  readonly working: boolean;
  readonly opening: boolean;
  readonly fault: Fault | null;
  readonly deviceId: string;
  readonly label: string;
}

/** Why no screen is shared though the person wanted it (app/call/contract/screen.py). */
export type ScreenFault = "none_there" | "refused" | "failed";

export interface PeerState {
  readonly identity: string;
  readonly name: string;
  readonly microphoneOn: boolean;
  readonly cameraOn: boolean;
  readonly screenOn: boolean;
  readonly speaking: boolean;
  readonly cameraFault: Fault | null;
  readonly microphoneFault: Fault | null;
  readonly speakerFault: Fault | null;
  readonly audioStalled: boolean;
  readonly videoStalled: boolean;
  readonly canEncrypt: boolean;
  readonly unencryptedAnswer: boolean | null;
}

/** What the screen says of it. Whatever it is, nobody's media leaves a device unencrypted but in "off". */
export type Encryption = "on" | "asking" | "waiting" | "declined" | "peer_declined" | "off" | "unreadable";

/** Who knows the key of picture and voice in an encrypted call (app/call/contract/encryption.py). */
export type KeyOrigin = "given" | "agreeing" | "agreed" | "refused";

/** Plain text. `delivered`: the other's device has it; of theirs, always. */
export interface ChatMessage {
  readonly id: string;
  readonly text: string;
  readonly atMs: number;
  readonly mine: boolean;
  readonly delivered: boolean;
}

export type FileState = "underway" | "delivered" | "cancelled" | "failed";
export type FileProblem =
  | "too_large"
  | "too_many"
  | "not_in_call"
  | "cancelled"
  | "peer_cancelled"
  | "stalled"
  | "peer_left"
  | "lost"
  | "full"
  | "broken";

/** One file in one of the two directions (app/call/contract/files.py). `name` is clean; `done` counts bytes. */
export interface FileTransfer {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly mine: boolean;
  readonly atMs: number;
  readonly state: FileState;
  readonly done: number;
  readonly problem: FileProblem | null;
  /** It failed and can be sent again. */
  readonly again: boolean;
}

/** Where this side's own recording stands (app/call/contract/recording.py). */
export type RecordingState = "off" | "asking" | "recording" | "paused" | "finishing" | "ended";
export type RecordingEnd =
  | "stopped"
  | "refused"
  | "withdrawn"
  | "peer_left"
  | "call_ended"
  | "disk_full"
  | "not_writable"
  | "failed";

/** `file` is where it was saved to, as the person said; `freeBytes` is what the browser has left for it. */
export interface OwnRecording {
  readonly state: RecordingState;
  readonly askId: string;
  readonly file: string;
  readonly writtenS: number;
  readonly sizeBytes: number;
  readonly freeBytes: number | null;
  /** The browser drew nothing for a while: this page was hidden, or the device too busy. */
  readonly stoodStill: boolean;
  readonly end: RecordingEnd | null;
}

/** What the other asks to write, or writes. `agreed` is this person's answer; null: none yet. */
export interface PeerRecording {
  readonly askId: string;
  readonly agreed: boolean | null;
  readonly writing: boolean;
}

export interface Snapshot {
  readonly state: CallState;
  readonly endReason: EndReason | null;
  readonly camera: DeviceState;
  readonly microphone: DeviceState;
  readonly publications: Readonly<Record<"camera" | "microphone", Publication>>;
  /** That this side shares. */
  readonly screen: { readonly sharing: boolean; readonly fault: ScreenFault | null };
  readonly peer: PeerState | null;
  readonly inCallSince: number | null;
  readonly reconnectCause: ReconnectCause | null;
  readonly ownQuality: Rating | null;
  readonly peerQuality: Rating | null;
  readonly videoDegraded: boolean;
  readonly audioBlocked: boolean;
  /** All of the session, in order. */
  readonly chat: readonly ChatMessage[];
  /** Ids of one's own that the backend has, and that it refused. */
  readonly keptMessages: readonly string[];
  readonly refusedMessages: readonly string[];
  /** Of this call, in the order in which they were offered. */
  readonly files: readonly FileTransfer[];
  /** That the professional has set. */
  readonly timer: SharedTimer | null;
  readonly recording: OwnRecording;
  readonly peerRecording: PeerRecording | null;
  readonly encryption: Encryption;
  readonly keyOrigin: KeyOrigin;
  /** Of the agreed key, to be compared; empty unless it is "agreed". Changed: they were others earlier in this visit. */
  readonly keyWords: readonly string[];
  readonly keyWordsChanged: boolean;
  /** This person's, to going on without encryption; null: not answered. */
  readonly unencryptedAnswer: boolean | null;
  readonly remoteVideo: MediaStreamTrack | null;
  readonly remoteScreen: MediaStreamTrack | null;
}

const NO_DEVICE: DeviceState = {
  enabled: true,
  working: false,
  opening: false,
  fault: null,
  deviceId: "",
  label: "",
};

export const NO_RECORDING: OwnRecording = {
  state: "off",
  askId: "",
  file: "",
  writtenS: 0,
  sizeBytes: 0,
  freeBytes: null,
  stoodStill: false,
  end: null,
};

export const FIRST_SNAPSHOT: Snapshot = {
  state: "idle",
  endReason: null,
  camera: NO_DEVICE,
  microphone: NO_DEVICE,
  publications: { camera: "none", microphone: "none" },
  screen: { sharing: false, fault: null },
  peer: null,
  inCallSince: null,
  reconnectCause: null,
  ownQuality: null,
  peerQuality: null,
  videoDegraded: false,
  audioBlocked: false,
  chat: [],
  keptMessages: [],
  refusedMessages: [],
  files: [],
  timer: null,
  recording: NO_RECORDING,
  peerRecording: null,
  encryption: "on",
  keyOrigin: "given",
  keyWords: [],
  keyWordsChanged: false,
  unencryptedAnswer: null,
  remoteVideo: null,
  remoteScreen: null,
};

export type Listener = (now: Snapshot, before: Snapshot) => void;

export class Store {
  snapshot: Snapshot = FIRST_SNAPSHOT;
  private readonly listeners = new Set<Listener>();

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Fields that are equal already are not announced. */
  update(changes: Partial<Snapshot>): void {
    const before = this.snapshot;
    const now = { ...before, ...changes };
    if (Object.keys(changes).every((key) => same(now[key as keyof Snapshot], before[key as keyof Snapshot]))) return;
    this.snapshot = now;
    for (const listener of this.listeners) listener(now, before);
  }
}

function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one instanceof MediaStreamTrack || other instanceof MediaStreamTrack) return false;
  return JSON.stringify(one) === JSON.stringify(other);
}
