// The call page's own key agreement, bundled as it is, for tests/stage/key_sides.py: an order a line, an answer a line.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // Node 18
const [, , esbuild, sources, bundle] = process.argv;
const { build } = await import(esbuild);
const contents = 'export * from "./key_agreement.ts"; export * from "./key_pair.ts";';
await build({ stdin: { contents, resolveDir: sources }, bundle: true, format: "esm", outfile: bundle, logLevel: "error" });
const { KeyAgreement, Pair, wordList } = await import(pathToFileURL(bundle).href);

const PKCS8 = "302e020100300506032b656e04220420"; // RFC 8410, 7
const sides = new Map();

async function pairOf([secret, half]) {
  const key = Buffer.from(PKCS8 + secret, "hex");
  const name = { name: "X25519" };
  return Pair.of(await crypto.subtle.importKey("pkcs8", key, name, false, ["deriveBits"]), new Uint8Array(Buffer.from(half, "hex")));
}

const doing = {
  async new({ side, key, privates }) {
    const given = [...privates];
    const one = new KeyAgreement(key, async () => (given.length ? pairOf(given.shift()) : Pair.make()));
    sides.set(side, one);
    await one.ready();
  },
  async old({ side }) {
    sides.set(side, new KeyAgreement("a key", async () => null));
    await sides.get(side).ready();
  },
  take: ({ side, value, now }) => sides.get(side).take(value, now),
  away: ({ side }) => sides.get(side).peerIsAway(),
  left: ({ side }) => sides.get(side).peerHasLeft(),
  readable: ({ side, key, now }) => sides.get(side).onReadable(key, now),
  shown({ side, now }) {
    const one = sides.get(side);
    const { offer, use, words, wordsChanged } = one;
    return { offer, use, words, wordsChanged, origin: one.origin(now) };
  },
  words: () => ({ words: wordList() }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  let answer;
  try {
    answer = (await doing[order.do](order)) ?? {};
  } catch (error) {
    answer = { error: String(error.stack) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
