// The states of a call and the transitions between them: the native engine's own two tables (app/call/state/machine.py).
import { PROTOCOL } from "./protocol.ts";

export type CallEvent =
  | "preview_opened"
  | "join_started"
  | "joined"
  | "join_refused"
  | "join_failed"
  | "peer_came"
  | "peer_left"
  | "peer_lost"
  | "peer_grace_expired"
  | "connection_interrupted"
  | "connection_restored"
  | "joined_elsewhere"
  | "room_closed"
  | "connection_lost"
  | "left";
export type Connection = "idle" | "preparing" | "connecting" | "connected" | "reconnecting" | "ended";
export type Presence = "absent" | "present" | "away";
export type CallState =
  | "idle"
  | "preparing"
  | "connecting"
  | "waiting"
  | "in_call"
  | "reconnecting"
  | "peer_reconnecting"
  | "ended";
export type EndReason =
  | "left"
  | "joined_elsewhere"
  | "room_closed"
  | "refused"
  | "connection_lost"
  | "could_not_connect";

type Table<State extends string> = Record<State, Partial<Record<CallEvent, State>>>;
const CONNECTIONS = PROTOCOL.machine.connection as Table<Connection>;
const PRESENCES = PROTOCOL.machine.peer as Table<Presence>;
const PEER_EVENTS = new Set(Object.values(PROTOCOL.machine.peer).flatMap((row) => Object.keys(row)));
const END_REASONS = PROTOCOL.machine.end_reasons as Partial<Record<CallEvent, EndReason>>;
const CONNECTED: Record<Presence, CallState> = { absent: "waiting", present: "in_call", away: "peer_reconnecting" };

export class CallMachine {
  connection: Connection = "idle";
  presence: Presence = "absent";
  endReason: EndReason | null = null;

  /** Both regions in one: what the peer does shows only while this side is connected. */
  get state(): CallState {
    return this.connection === "connected" ? CONNECTED[this.presence] : this.connection;
  }

  get inRoom(): boolean {
    return this.connection === "connected" || this.connection === "reconnecting";
  }

  /** Whether the tables name this event here; nothing changes where they do not. */
  post(event: CallEvent): boolean {
    if (PEER_EVENTS.has(event)) {
      const presence = PRESENCES[this.presence][event];
      if (!presence || !PROTOCOL.machine.with_peer.includes(this.connection)) return false;
      this.presence = presence;
      return true;
    }
    const connection = CONNECTIONS[this.connection][event];
    if (!connection) return false;
    this.connection = connection;
    this.endReason = connection === "ended" ? (END_REASONS[event] ?? null) : null;
    return true;
  }
}
