// Carries the shared timer over the room (app/call/room/messages/timer.py), and keeps it in this tab for a reload.
import { type Role } from "../backend.ts";
import { PROTOCOL } from "./protocol.ts";
import { SealedTopic } from "./sealed_topic.ts";
import type { RoomSession } from "./session.ts";
import { FloodGate, leads, readTimerPacket, type SharedTimer, TimerKeeper } from "./shared_timer.ts";
import type { Store } from "./snapshot.ts";

const CHECK_EVERY_MS = 500;
const nowS = () => performance.now() / 1000;

/** Where this tab keeps the timer of its session; in memory alone where the browser keeps nothing. */
export interface KeptTimer {
  read: () => SharedTimer | null;
  write: (timer: SharedTimer | null) => void;
}

export class Timer {
  private readonly keeper: TimerKeeper;
  private readonly room: SealedTopic;
  private readonly gate = new FloodGate(PROTOCOL.timer);
  private readonly timer = setInterval(() => void this.room.sendDue(), CHECK_EVERY_MS);
  private closed = false;

  /** `now` is the server's clock, in milliseconds. */
  constructor(
    session: RoomSession,
    private readonly store: Store,
    role: Role,
    key: string,
    private readonly now: () => number,
    private readonly kept: KeptTimer,
  ) {
    this.keeper = new TimerKeeper(role === PROTOCOL.timer.leading_role);
    const due = () => [this.keeper.due(nowS(), this.now())].filter((packet) => packet !== null);
    this.room = new SealedTopic(session, store, key, PROTOCOL.timer.topic, due, () => this.keeper.peerIsBack());
    session.onTimer = (data, identity) => void this.received(data, identity);
    const before = kept.read();
    if (before) this.keeper.takeKept(before, now());
    this.changed();
  }

  /** Starts one of this length, or stops it (null). Of the user's side it changes nothing. */
  set(lengthMs: number | null): void {
    if (lengthMs === null) this.keeper.stop();
    else this.keeper.start(lengthMs, this.now());
    this.changed();
    void this.room.sendDue();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  /** Only of the professional, by the identity that the server vouches for. */
  private async received(data: Uint8Array, identity: string): Promise<void> {
    if (!leads(identity) || data.length > PROTOCOL.timer.largest_packet || !this.gate.letsThrough(nowS())) return;
    const opened = await this.room.open(data, identity);
    const packet = opened === null ? null : readTimerPacket(opened);
    if (!packet || this.closed) return;
    this.keeper.receive(packet, this.now());
    this.changed();
  }

  private changed(): void {
    const { timer } = this.keeper;
    this.kept.write(timer);
    this.store.update({ timer });
  }
}
