// Whether the call is encrypted, over every connection of it: it is, unless one side cannot and both agreed to go on
// without (app/call/contract/encryption.py, app/call/room/encryption.py).
import type { TrackPublication } from "livekit-client";

import { CAN_ENCRYPT } from "./can_encrypt.ts";
import type { Encryption, Snapshot, Store } from "./snapshot.ts";

/** So many frames that cannot be decrypted, which the worker reports once a second, within this time. */
const UNREADABLE_ERRORS = 3;
const UNREADABLE_WITHIN_MS = 10_000;

export class EncryptionAgreement {
  on = true;
  private errors: number[] = [];
  private readonly wrong = new Set<string>();
  private frames = 0;
  private isUnreadable = false;

  /** `reconnect` takes a new connection, encrypted or not as `on` says by then. */
  constructor(
    private readonly store: Store,
    private readonly reconnect: () => void,
  ) {}

  /** Whether this side can send or read anything at all over its connection. */
  get usable(): boolean {
    return CAN_ENCRYPT || !this.on;
  }

  /** This person's answer to the question; it can be changed. */
  answer(goesOnWithout: boolean): void {
    this.store.update({ unencryptedAnswer: goesOnWithout });
    this.update();
  }

  /** What is known of the peer, or of this side, has changed. */
  update(): void {
    const { snapshot } = this.store;
    const agreedOff = isAgreedOff(snapshot);
    this.store.update({ encryption: encryptionOf(snapshot, this.isUnreadable || this.wrong.size > 0) });
    if (this.on !== agreedOff) return;
    this.on = !agreedOff;
    this.reconnect();
  }

  /** Whether a track is as it should be. What is not encrypted in an encrypted call could be anybody's. */
  accepts(publication: TrackPublication): boolean {
    const fits = publication.isEncrypted === this.on;
    if (!fits) this.wrong.add(publication.trackSid);
    return fits;
  }

  forget(trackSid: string): void {
    this.wrong.delete(trackSid);
  }

  /** A frame of theirs could not be decrypted. */
  onError(): void {
    const now = Date.now();
    this.errors = [...this.errors.filter((at) => now - at < UNREADABLE_WITHIN_MS), now];
    if (this.errors.length >= UNREADABLE_ERRORS) this.isUnreadable = true;
  }

  /** So many of their frames have been decoded: more than before means that they can be read. */
  onFrames(frames: number): void {
    if (frames > this.frames) this.reset();
    this.frames = frames;
  }

  /** Another connection, or another visit of theirs. */
  reset(): void {
    this.errors = [];
    this.isUnreadable = false;
  }

  onNewConnection(): void {
    this.reset();
    this.wrong.clear();
    this.frames = 0;
  }
}

function isAgreedOff({ peer, unencryptedAnswer }: Snapshot): boolean {
  const missing = !(CAN_ENCRYPT && (peer?.canEncrypt ?? true));
  return missing && unencryptedAnswer === true && peer?.unencryptedAnswer === true;
}

function encryptionOf(snapshot: Snapshot, unreadable: boolean): Encryption {
  const { peer, unencryptedAnswer } = snapshot;
  if (isAgreedOff(snapshot)) return "off";
  if (CAN_ENCRYPT && (peer?.canEncrypt ?? true)) return unreadable ? "unreadable" : "on";
  if (unencryptedAnswer === false) return "declined";
  if (peer?.unencryptedAnswer === false) return "peer_declined";
  return unencryptedAnswer ? "waiting" : "asking";
}
