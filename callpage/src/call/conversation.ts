// The chat's protocol: what is sent, acknowledged and sent again until it is there once and in order
// (app/call/chat/protocol.py, where it is explained). Pure.
import type { ChatMessage } from "./snapshot.ts";
import { PROTOCOL } from "./protocol.ts";

const { resend_after_s: RESEND_AFTER_S, in_flight: IN_FLIGHT, acknowledged_at_once, longest } = PROTOCOL.chat;
const { most_of_theirs: MOST_OF_THEIRS, clocks_apart_ms: CLOCKS_APART_MS } = PROTOCOL.chat;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LATEST_MS = 253_402_300_799_000; // the end of the year 9999, which Python's datetime ends with

export interface Packet {
  message: ChatMessage | null;
  acknowledged: string[];
}
type Written = Pick<ChatMessage, "id" | "text" | "atMs">;

export const messagePacket = ({ id, text, atMs }: Written): string =>
  JSON.stringify({ kind: "message", id, text, at_ms: atMs });
export const acknowledgementPacket = (ids: string[]): string => JSON.stringify({ kind: "ack", ids });

/** Null for what is not of this protocol: it is left alone. */
export function readPacket(data: string): Packet | null {
  try {
    const said = JSON.parse(data) as Record<string, unknown>;
    if (said.kind === "ack" && Array.isArray(said.ids)) return { message: null, acknowledged: said.ids.map(String) };
    const { id, text, at_ms: at } = said;
    if (said.kind !== "message" || typeof id !== "string" || !UUID.test(id)) return null;
    if (typeof text !== "string" || !text || [...text].length > longest) return null;
    if (typeof at !== "number" || !(Math.abs(at) <= LATEST_MS)) return null;
    return { message: { id, text, atMs: Math.trunc(at), mine: false, delivered: true }, acknowledged: [] };
  } catch {
    return null;
  }
}

/** What is sent of what was typed: without control characters and blank ends, no longer than may be. */
export function cleanMessage(text: string): string {
  const lines = text.normalize("NFC").replace(/\r\n?/g, "\n");
  const kept = lines.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "");
  const trimmed = kept.split("\n").map((line) => line.trimEnd()).join("\n").trim();
  return [...trimmed].slice(0, longest).join("").trim();
}

interface Sending {
  tries: number;
  dueS: number;
}

const inOrder = (one: Written, other: Written): number =>
  one.atMs - other.atMs || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);

/** All messages of a session, and what is still to be sent. Seconds are of a monotonic clock. */
export class Conversation {
  private readonly byId = new Map<string, ChatMessage>();
  private readonly sending = new Map<string, Sending>();
  private toAcknowledge: string[] = [];

  get messages(): ChatMessage[] {
    return [...this.byId.values()].sort(inOrder);
  }

  /** A new message of one's own, after all that are known. */
  write(id: string, text: string, nowMs: number): void {
    const after = [...this.byId.values()].map((each) => each.atMs + 1);
    const atMs = Math.max(Math.trunc(nowMs), ...after);
    this.byId.set(id, { id, text, atMs, mine: true, delivered: false });
    this.sending.set(id, { tries: 0, dueS: 0 });
  }

  /** `nowMs` is the server's clock: what is from further ahead would leave no place below it for an answer. */
  receive({ message, acknowledged }: Packet, nowMs: number): void {
    for (const id of acknowledged) {
      this.sending.delete(id);
      const known = this.byId.get(id);
      if (known?.mine) this.byId.set(id, { ...known, delivered: true });
    }
    if (!message) return;
    if (!this.byId.has(message.id)) {
      const theirs = [...this.byId.values()].filter((each) => !each.mine).length;
      if (theirs >= MOST_OF_THEIRS) return;
      this.byId.set(message.id, { ...message, atMs: Math.min(message.atMs, Math.trunc(nowMs) + CLOCKS_APART_MS) });
    }
    if (!this.toAcknowledge.includes(message.id)) this.toAcknowledge.push(message.id);
  }

  /** What the backend has: of earlier devices and visits. One's own is sent again: nobody knows whether it was delivered. */
  takeKept(kept: ChatMessage[]): void {
    for (const message of kept) {
      if (this.byId.has(message.id)) continue;
      this.byId.set(message.id, message);
      if (message.mine && !message.delivered) this.sending.set(message.id, { tries: 0, dueS: 0 });
    }
  }

  /** They have a new connection, or this side has: what they lack is due at once. */
  peerIsBack(): void {
    for (const sending of this.sending.values()) sending.tries = sending.dueS = 0;
  }

  /** The packets to be sent now, acknowledgements first; each counts as one more try. */
  due(nowS: number): string[] {
    const ids = this.toAcknowledge;
    this.toAcknowledge = [];
    const packets: string[] = [];
    for (let at = 0; at < ids.length; at += acknowledged_at_once) {
      packets.push(acknowledgementPacket(ids.slice(at, at + acknowledged_at_once)));
    }
    const waiting = this.messages.filter((each) => this.sending.has(each.id)).slice(0, IN_FLIGHT);
    for (const message of waiting) {
      const sending = this.sending.get(message.id);
      if (!sending || nowS < sending.dueS) continue;
      sending.dueS = nowS + (RESEND_AFTER_S[Math.min(sending.tries, RESEND_AFTER_S.length - 1)] ?? 8);
      sending.tries += 1;
      packets.push(messagePacket(message));
    }
    return packets;
  }
}
