// Carries the shared timer over the room (app/call/room/timer.py), and keeps it in this tab for a reload.
import { type Role } from "../backend.ts";
import { within } from "./connection.ts";
import { PROTOCOL } from "./protocol.ts";
import { Seal } from "./sealing.ts";
import type { RoomSession } from "./session.ts";
import { FloodGate, leads, readTimerPacket, type SharedTimer, TimerKeeper } from "./shared_timer.ts";
import type { Store } from "./snapshot.ts";

const SENDING_LIMIT_S = 5;
const CHECK_EVERY_MS = 500;
const nowS = () => performance.now() / 1000;

/** Where this tab keeps the timer of its session; in memory alone where the browser keeps nothing. */
export interface KeptTimer {
  read: () => SharedTimer | null;
  write: (timer: SharedTimer | null) => void;
}

export class Timer {
  private readonly keeper: TimerKeeper;
  private readonly seal: Seal;
  private readonly gate = new FloodGate();
  private readonly timer = setInterval(() => void this.sendDue(), CHECK_EVERY_MS);
  private visits = "";
  private sending = false;
  private closed = false;

  /** `now` is the server's clock, in milliseconds. */
  constructor(
    private readonly session: RoomSession,
    private readonly store: Store,
    role: Role,
    key: string,
    private readonly now: () => number,
    private readonly kept: KeptTimer,
  ) {
    this.keeper = new TimerKeeper(role === PROTOCOL.timer.leading_role);
    this.seal = new Seal(key);
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
    void this.sendDue();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  /** Only of the professional, by the identity that the server vouches for. */
  private async received(data: Uint8Array, identity: string): Promise<void> {
    if (!leads(identity) || data.length > PROTOCOL.timer.largest_packet || !this.gate.letsThrough(nowS())) return;
    const opened = await this.seal.open(data, identity);
    const packet = opened === null ? null : readTimerPacket(opened);
    if (!packet || this.closed) return;
    this.keeper.receive(packet, this.now());
    this.changed();
  }

  private async sendDue(): Promise<void> {
    const { peer, restorations } = this.session;
    if (this.sending || this.store.snapshot.state !== "in_call" || !peer.state) return;
    const visits = `${peer.arrivals} ${restorations}`;
    if (visits !== this.visits) this.keeper.peerIsBack();
    this.visits = visits;
    const packet = this.keeper.due(nowS(), this.now());
    if (packet === null) return;
    this.sending = true;
    const own = this.session.room.localParticipant;
    try {
      const sealed = await this.seal.close(packet, own.identity);
      const destinationIdentities = [peer.state.identity];
      const sent = own.publishData(sealed, { reliable: true, destinationIdentities, topic: PROTOCOL.timer.topic });
      await within(sent, SENDING_LIMIT_S).catch(() => undefined); // not connected just now, and it is said again
    } finally {
      this.sending = false;
    }
  }

  private changed(): void {
    const { timer } = this.keeper;
    this.kept.write(timer);
    this.store.update({ timer });
  }
}
