// Seals the chat's packets from device to device (app/call/chat/sealing.py): AES-GCM with a key of their own, derived
// from the session's by HKDF. And the proof that the backend asks for.
import { PROTOCOL } from "./protocol.ts";

const { info, salt, nonce_bytes: NONCE_BYTES, proof_of: PROOF_OF } = PROTOCOL.chat.sealing;
const bytes = (text: string) => new TextEncoder().encode(text);

export class Seal {
  private readonly key: Promise<CryptoKey>;

  constructor(sessionKey: string) {
    this.key = derived(sessionKey);
  }

  async close(packet: string | Uint8Array, sender: string): Promise<Uint8Array> {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const algorithm = { name: "AES-GCM", iv, additionalData: bytes(sender) };
    const plain = new Uint8Array(typeof packet === "string" ? bytes(packet) : packet);
    const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, await this.key, plain));
    const whole = new Uint8Array(NONCE_BYTES + sealed.length);
    whole.set(iv);
    whole.set(sealed, NONCE_BYTES);
    return whole;
  }

  /** Null for what the sender has not sealed with this key. */
  async open(sealed: Uint8Array, sender: string): Promise<string | null> {
    const opened = await this.openBytes(sealed, sender);
    try {
      return opened && new TextDecoder("utf-8", { fatal: true }).decode(opened);
    } catch {
      return null;
    }
  }

  /** Null for what the sender has not sealed with this key. */
  async openBytes(sealed: Uint8Array, sender: string): Promise<Uint8Array | null> {
    const [iv, rest] = [sealed.slice(0, NONCE_BYTES), sealed.slice(NONCE_BYTES)];
    try {
      const algorithm = { name: "AES-GCM", iv, additionalData: bytes(sender) };
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, await this.key, rest));
    } catch {
      return null;
    }
  }
}

async function derived(sessionKey: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", bytes(sessionKey), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: bytes(salt), info: bytes(info) };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** Shows the backend that this page has the session's key, without the key (backend/calls/rules/messages.py). */
export async function keyProof(sessionKey: string): Promise<string> {
  const key = await crypto.subtle.importKey("raw", bytes(sessionKey), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signed = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes(PROOF_OF)));
  return [...signed].map((each) => each.toString(16).padStart(2, "0")).join("");
}
