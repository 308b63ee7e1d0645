// The connection to one LiveKit room, joined at most once, and the leave handshake (app/call/room/leave_handshake.py).
import {
  ConnectionError,
  ConnectionErrorReason,
  DisconnectReason,
  LogLevel,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  setLogLevel,
} from "livekit-client";

import type { ConnectionEncryption } from "./encryption.ts";
import type { CallEvent } from "./machine.ts";
import { isPerson, joinIdsOf } from "./peer.ts";
import { PROTOCOL } from "./protocol.ts";

// LiveKit's client names addresses with their tokens in what it logs.
setLogLevel(LogLevel.silent);

export type JoinOutcome = "connected" | "refused" | "no_room" | "failed";

/** What the server's reasons mean to the call; every other one is a lost connection. */
export const ENDINGS: Partial<Record<DisconnectReason, CallEvent>> = {
  [DisconnectReason.DUPLICATE_IDENTITY]: "joined_elsewhere",
  [DisconnectReason.ROOM_DELETED]: "room_closed",
  [DisconnectReason.ROOM_CLOSED]: "room_closed",
  [DisconnectReason.PARTICIPANT_REMOVED]: "room_closed",
};

export type OnPeerLeft = (identity: string, joinIds: string[]) => void;

export class RoomConnection {
  readonly room: Room;
  private mutedEvents = false;
  private closed = false;

  /** `follow` hangs the call's handlers on the room; each is asked first whether events still count. Without
   * `encryption` the server could see and hear what is sent; `usable`: and so it may be.
   */
  constructor(
    follow: (room: Room, counts: () => boolean) => void,
    private readonly onPeerLeft: OnPeerLeft,
    private readonly encryption: ConnectionEncryption | null,
    private readonly usable: boolean,
  ) {
    const options = { dynacast: false, adaptiveStream: false, stopLocalTrackOnUnpublish: false };
    this.room = new Room(encryption ? { ...options, encryption: encryption.options } : options);
    follow(this.room, () => !this.mutedEvents);
  }

  /** From now on nothing that happens to this room is heard. */
  muteEvents(): void {
    this.mutedEvents = true;
  }

  async connect(url: string, token: string, limitS: number): Promise<JoinOutcome> {
    this.room.registerRpcMethod(PROTOCOL.goodbye_method, async ({ callerIdentity, payload }) => {
      if (!this.mutedEvents) this.onPeerLeft(callerIdentity, payload.split(" ").filter(Boolean));
      return "";
    });
    const connecting = this.connected(url, token);
    try {
      await within(connecting, limitS);
      return this.closed ? "failed" : "connected";
    } catch (error) {
      connecting.catch(() => undefined);
      void this.room.disconnect(false).catch(() => undefined);
      return outcomeOf(error);
    }
  }

  private async connected(url: string, token: string): Promise<void> {
    await this.encryption?.switchOn(this.room);
    await this.room.connect(url, token, { autoSubscribe: this.usable && !this.encryption, maxRetries: 0 });
    if (!this.encryption) return;
    await this.encryption.ready(this.room);
    this.subscribeAll();
  }

  /** Only now: of a track that comes before the client is connected the worker does not know yet that it is encrypted
   * (livekit-client 2.23), and drops its first frames. Nothing shows that they are missing, so the picture stood still
   * for three seconds.
   */
  private subscribeAll(): void {
    const subscribe = (publication: RemoteTrackPublication) => publication.setSubscribed(true);
    this.room.on(RoomEvent.TrackPublished, subscribe);
    for (const each of this.room.remoteParticipants.values()) each.trackPublications.forEach(subscribe);
  }

  /** On purpose: everybody in the room has acknowledged it first, or the limit has passed. */
  async disconnect(onPurpose: boolean): Promise<void> {
    this.closed = true;
    if (onPurpose) await this.announceLeave();
    await this.room.disconnect(false).catch(() => undefined);
    this.encryption?.close();
  }

  private async announceLeave(): Promise<void> {
    const { localParticipant, remoteParticipants, state } = this.room;
    if (state !== "connected") return;
    const payload = joinIdsOf(localParticipant).sort().join(" ");
    const people = [...remoteParticipants.values()].filter(isPerson);
    const limitMs = PROTOCOL.goodbye_limit_s * 1000;
    const told = people.map((each) =>
      localParticipant
        .performRpc({
          destinationIdentity: each.identity,
          method: PROTOCOL.goodbye_method,
          payload,
          responseTimeout: limitMs,
        })
        .catch(() => undefined),
    );
    await within(Promise.all(told), PROTOCOL.goodbye_limit_s).catch(() => undefined);
  }

  /** Another listener than LiveKit's own for one room event, as long as events count. */
  static on(room: Room, counts: () => boolean, event: RoomEvent, handler: (...args: never[]) => void): void {
    room.on(event, ((...args: never[]) => {
      if (counts()) handler(...args);
    }) as never);
  }
}

function outcomeOf(error: unknown): JoinOutcome {
  if (!(error instanceof ConnectionError)) return "failed";
  if (error.reason === ConnectionErrorReason.ServiceNotFound || error.status === 404) return "no_room";
  if (error.reason === ConnectionErrorReason.NotAllowed) return "refused";
  return "failed";
}

export class TimedOut extends Error {}

export async function within<Result>(work: Promise<Result>, limitS: number): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut()), limitS * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
