// What two devices make a key of that nobody between them has: X25519 and HKDF (app/call/keys/pair.py).
import { PROTOCOL } from "./protocol.ts";

const RULES = PROTOCOL.key_agreement;
const X25519 = { name: "X25519" };
const bytes = (text: string) => new TextEncoder().encode(text);

/** The peer's half is not the one that they committed themselves to, or one that gives the secret away. */
export class WrongHalf extends Error {}

/** `text` is what the worker makes the media's key of; the words show both people that it is the same. */
export interface AgreedKey {
  readonly text: string;
  readonly words: readonly string[];
}

/** One side's half of an agreement, in hexadecimal, and the secret to it, which never leaves this object. */
export class Pair {
  private constructor(
    private readonly secret: CryptoKey,
    readonly half: string,
    readonly commitment: string,
  ) {}

  /** Null in a browser that does not know X25519 (Chrome before 133, Firefox before 130, Safari before 17). */
  static async make(): Promise<Pair | null> {
    try {
      const made = (await crypto.subtle.generateKey(X25519, false, ["deriveBits"])) as CryptoKeyPair;
      return await Pair.of(made.privateKey, new Uint8Array(await crypto.subtle.exportKey("raw", made.publicKey)));
    } catch {
      return null;
    }
  }

  static async of(secret: CryptoKey, half: Uint8Array<ArrayBuffer>): Promise<Pair> {
    return new Pair(secret, hex(half), await commitmentTo(half));
  }

  /** The key that only this pair and the peer's give, on top of the session's. Throws `WrongHalf`. */
  async agree(peerHalf: string, peerCommitment: string, sessionKey: string): Promise<AgreedKey> {
    const theirs = unhex(peerHalf);
    if ((await commitmentTo(theirs)) !== peerCommitment || peerHalf === this.half) throw new WrongHalf();
    const secret = await this.exchange(theirs);
    const [first, second] = [this.half, peerHalf].sort().map(unhex) as [Uint8Array, Uint8Array];
    const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
    const derived = async (label: string, length: number): Promise<Uint8Array> => {
      const info = new Uint8Array([...bytes(label), ...first, ...second]);
      const how = { name: "HKDF", hash: "SHA-256", salt: bytes(sessionKey), info };
      return new Uint8Array(await crypto.subtle.deriveBits(how, material, length * 8));
    };
    const text = hex(await derived(RULES.key_label, RULES.key_bytes));
    return { text, words: wordsOf(await derived(RULES.words_label, RULES.word_bytes)) };
  }

  private async exchange(theirs: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
    try {
      const half = await crypto.subtle.importKey("raw", theirs, X25519, false, []);
      const how = { name: "X25519", public: half };
      const secret = await crypto.subtle.deriveBits(how, this.secret, 256);
      if (new Uint8Array(secret).some((each) => each !== 0)) return secret; // RFC 7748, 6.1
    } catch {
      // A browser throws where the shared secret is all zeros.
    }
    throw new WrongHalf();
  }
}

async function commitmentTo(half: Uint8Array): Promise<string> {
  const whole = new Uint8Array([...bytes(RULES.commitment_label), ...half]);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", whole)));
}

function wordsOf(digest: Uint8Array): string[] {
  const bits = BigInt(`0x${hex(digest)}`) >> BigInt(8 * RULES.word_bytes - RULES.word_bits * RULES.word_count);
  const all = wordList();
  return Array.from({ length: RULES.word_count }, (_, at) => {
    const place = BigInt(RULES.word_bits * (RULES.word_count - 1 - at));
    return all[Number((bits >> place) % BigInt(all.length))] ?? "";
  });
}

/** Each word is written as the number of letters that it shares with the one before, and the rest. */
export function wordList(): string[] {
  let before = "";
  return [...RULES.words.matchAll(/(\d)([a-z]*)/g)].map(
    ([, shared, rest]) => (before = before.slice(0, Number(shared)) + rest),
  );
}

const hex = (raw: Uint8Array) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text: string) => new Uint8Array((text.match(/../g) ?? []).map((byte) => parseInt(byte, 16)));
