// The packets in which a file travels, before they are sealed (app/call/chat/file_packets.py, where they are explained).
// Pure.
import { PROTOCOL } from "./protocol.ts";

const { kinds, largest_piece: LARGEST_PIECE, longest_given_name: LONGEST_GIVEN_NAME } = PROTOCOL.files;
const [OFFER, HAVE, REFUSE, STOP] = kinds;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LARGEST_NUMBER = 2 ** 32 - 1;
const HEAD_BYTES = 21;

export type FilePacket =
  | { kind: "offer"; id: string; name: string; size: number }
  | { kind: "piece"; id: string; at: number; content: Uint8Array }
  | { kind: "have"; id: string; done: number }
  | { kind: "refuse" | "stop"; id: string; why: string };

export function filePacket(packet: FilePacket): Uint8Array {
  const { id } = packet;
  if (packet.kind === "piece") return piecePacket(id, packet.at, packet.content);
  if (packet.kind === "offer") return packed({ kind: OFFER, id, name: packet.name, size: packet.size });
  if (packet.kind === "have") return packed({ kind: HAVE, id, done: packet.done });
  return packed({ kind: packet.kind === "refuse" ? REFUSE : STOP, id, why: packet.why });
}

const packed = (said: object): Uint8Array => new TextEncoder().encode(JSON.stringify(said));

function piecePacket(id: string, at: number, content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(HEAD_BYTES + content.length);
  const hex = id.replaceAll("-", "");
  for (let each = 0; each < 16; each++) whole[1 + each] = parseInt(hex.slice(2 * each, 2 * each + 2), 16);
  new DataView(whole.buffer).setUint32(17, at);
  whole.set(content, HEAD_BYTES);
  return whole;
}

/** Null for what is not of this protocol: it is left alone. */
export function readFilePacket(data: Uint8Array): FilePacket | null {
  if (data[0] === 0) return readPiece(data);
  try {
    const said = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data)) as Record<string, unknown>;
    const { kind, id, name, size, done, why } = said;
    if (typeof id !== "string" || !UUID.test(id)) return null;
    if (kind === OFFER && typeof name === "string" && isNumber(size)) {
      const letters = [...name].map((each) => (/\p{Cs}/u.test(each) ? "?" : each));
      return letters.length <= LONGEST_GIVEN_NAME ? { kind: "offer", id, name: letters.join(""), size } : null;
    }
    if (kind === HAVE && isNumber(done)) return { kind: "have", id, done };
    if ((kind === REFUSE || kind === STOP) && typeof why === "string") {
      return { kind: kind === REFUSE ? "refuse" : "stop", id, why };
    }
  } catch {
    return null;
  }
  return null;
}

function readPiece(data: Uint8Array): FilePacket | null {
  if (data.length <= HEAD_BYTES || data.length > HEAD_BYTES + LARGEST_PIECE) return null;
  const hex = [...data.subarray(1, 17)].map((each) => each.toString(16).padStart(2, "0")).join("");
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const at = new DataView(data.buffer, data.byteOffset).getUint32(17);
  return { kind: "piece", id, at, content: data.subarray(HEAD_BYTES) };
}

const isNumber = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= LARGEST_NUMBER;
