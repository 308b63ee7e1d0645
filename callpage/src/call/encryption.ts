// Encryption from device to device by LiveKit's own worker (app/call/room/encryption.py): AES-GCM for media and data.
import { BaseKeyProvider, type E2EEOptions, type KeyInfo, KeyProviderEvent, type Room, RoomEvent } from "livekit-client";

import { CAN_ENCRYPT } from "./can_encrypt.ts";
import type { KeyUse } from "./key_agreement.ts";
import { PROTOCOL } from "./protocol.ts";

/** The worker's file beside this one; its name carries its content's hash (build.mjs). */
declare const ENCRYPTION_WORKER: string;
/** Indices of the worker's key ring: each frame names that of its key, so that both sides can change keys without losing
 * one.
 */
const GIVEN = 0;
const AGREED = 1;
/** Below this the worker is not ready, and nothing may be sent yet. */
const READY_LIMIT_MS = 5_000;

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): URL };
}

const WORKER_URL = new URL(ENCRYPTION_WORKER, import.meta.url).href;
const trusted = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy("encryption-worker", {
  createScriptURL: (url) => {
    if (url !== WORKER_URL) throw new TypeError("not the worker");
    return url;
  },
});

const newWorker = () => new Worker(trusted?.createScriptURL(WORKER_URL) ?? WORKER_URL);
/** Fetched while the person is still at the preview. */
let spare: Worker | null = null;

export function prepareEncryption(): void {
  if (CAN_ENCRYPT) spare ??= newWorker();
}

/** As `ExternalE2EEKeyProvider` with a key of bytes: one by HKDF that all share, wrong ones accepted for ever, none that
 * ratchets. But with two of them, and it says itself under which is sent.
 */
class KeyRing extends BaseKeyProvider {
  private readonly ring = new Map<number, { text: string; key: CryptoKey }>();
  private current = GIVEN;

  constructor() {
    super({ sharedKey: true, ratchetSalt: PROTOCOL.encryption.salt, ratchetWindowSize: 0, failureTolerance: -1 });
  }

  /** Whether the worker had to be told anything. */
  async hold({ given, agreed, sendsAgreed }: KeyUse): Promise<boolean> {
    const put = [await this.put(GIVEN, given), agreed !== null && (await this.put(AGREED, agreed))].some(Boolean);
    const wanted = sendsAgreed ? AGREED : GIVEN;
    const key = this.ring.get(wanted)?.key;
    if (this.current === wanted || !key) return put;
    this.current = wanted;
    this.emit(KeyProviderEvent.SetKey, { key, keyIndex: wanted }, true);
    return true;
  }

  private async put(keyIndex: number, text: string): Promise<boolean> {
    if (this.ring.get(keyIndex)?.text === text) return false;
    const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(text), "HKDF", false, ["deriveKey"]);
    this.ring.set(keyIndex, { text, key });
    this.emit(KeyProviderEvent.SetKey, { key, keyIndex }, keyIndex === this.current);
    return true;
  }

  /** The client tells the worker again whenever its connection to the server is a new one. */
  override getKeys(): KeyInfo[] {
    return [...this.ring].map(([keyIndex, { key }]) => ({ key, keyIndex }));
  }

  override getLatestManuallySetKeyIndex(): number {
    return this.current;
  }
}

/** One connection's worker, which knows its keys. */
export class ConnectionEncryption {
  readonly options: E2EEOptions;
  private readonly keys = new KeyRing();
  private readonly worker = spare ?? newWorker();
  /** Changes of the keys, one after the other. */
  private holding: Promise<unknown> = Promise.resolve();

  constructor(private readonly use: KeyUse) {
    spare = null;
    this.options = { keyProvider: this.keys, worker: this.worker };
  }

  /** Before the room is connected: what is published from then on is encrypted, or not sent. */
  async switchOn(room: Room): Promise<void> {
    await this.keys.hold(this.use);
    await room.setE2EEEnabled(true);
  }

  /** After it is connected: data too leaves encrypted only once the worker has answered. */
  async ready(room: Room): Promise<void> {
    if (room.isE2EEEnabled) return;
    await new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error("the encryption did not start")), READY_LIMIT_MS);
      room.on(RoomEvent.ParticipantEncryptionStatusChanged, () => room.isE2EEEnabled && resolve());
    });
  }

  /** Returns the agreed key once the worker can read it; null while there is none. Rejects where the worker is gone. */
  hold(use: KeyUse): Promise<string | null> {
    const held = this.holding.then(async () => {
      if (await this.keys.hold(use)) await this.worked();
      return use.agreed;
    });
    this.holding = held.catch(() => undefined);
    return held;
  }

  /** The worker takes one message after the other: what it is asked now it answers once all keys are set. */
  private worked(): Promise<void> {
    const uuid = crypto.randomUUID();
    const data = { uuid, payload: new Uint8Array(1), participantIdentity: "" };
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => done(reject), READY_LIMIT_MS);
      const done = (settle: () => void) => {
        clearTimeout(late);
        this.worker.removeEventListener("message", answered);
        settle();
      };
      const answered = (event: MessageEvent<{ data?: { uuid?: string } }>) => {
        if (event.data.data?.uuid === uuid) done(resolve);
      };
      this.worker.addEventListener("message", answered);
      this.worker.postMessage({ kind: "encryptDataRequest", data });
    });
  }

  close(): void {
    this.worker.terminate();
  }
}
