// Encryption from device to device by LiveKit's own worker (app/call/room/encryption.py): AES-GCM for media and data.
import { type E2EEOptions, ExternalE2EEKeyProvider, type Room, RoomEvent } from "livekit-client";

import { CAN_ENCRYPT } from "./can_encrypt.ts";
import { PROTOCOL } from "./protocol.ts";

/** The worker's file beside this one; its name carries its content's hash (build.mjs). */
declare const ENCRYPTION_WORKER: string;
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

/** One connection's worker, which knows its key. */
export class ConnectionEncryption {
  readonly options: E2EEOptions;
  private readonly keys = new ExternalE2EEKeyProvider({ ratchetSalt: PROTOCOL.encryption.salt });
  private readonly worker = spare ?? newWorker();

  constructor(private readonly key: string) {
    spare = null;
    this.options = { keyProvider: this.keys, worker: this.worker };
  }

  /** Before the room is connected: what is published from then on is encrypted, or not sent. */
  async switchOn(room: Room): Promise<void> {
    await this.keys.setKey(this.key);
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

  close(): void {
    this.worker.terminate();
  }
}
