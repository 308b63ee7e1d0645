// One topic of sealed data messages between the two devices (app/call/room/messages/sealed_topic.py).
import { within } from "./connection.ts";
import { Seal } from "./sealing.ts";
import type { RoomSession } from "./session.ts";
import type { Store } from "./snapshot.ts";

const SENDING_LIMIT_S = 5;

export class SealedTopic {
  private readonly seal: Seal;
  private visits = "";
  private sending = false;
  private again = false;

  /** `packetsDue`: what is to be sent now. `peerIsBack`: they have a new connection, or this side has. */
  constructor(
    private readonly session: RoomSession,
    private readonly store: Store,
    key: string,
    private readonly topic: string,
    private readonly packetsDue: () => Iterable<string | Uint8Array>,
    private readonly peerIsBack: () => void,
  ) {
    this.seal = new Seal(key);
  }

  /** Null for what this sender has not sealed with the session's key. */
  open(data: Uint8Array, identity: string): Promise<string | null> {
    return this.seal.open(data, identity);
  }

  /** The same of what is not text. */
  openBytes(data: Uint8Array, identity: string): Promise<Uint8Array | null> {
    return this.seal.openBytes(data, identity);
  }

  /** While the other is there, one packet after the other; what does not get out is due again by itself. */
  async sendDue(): Promise<void> {
    const { peer, restorations } = this.session;
    this.again = true;
    if (this.sending || this.store.snapshot.state !== "in_call" || !peer.state) return;
    const visits = `${peer.arrivals} ${restorations}`;
    if (visits !== this.visits) this.peerIsBack();
    this.visits = visits;
    this.sending = true;
    try {
      for (; this.again && this.store.snapshot.state === "in_call"; ) {
        this.again = false;
        for (const packet of this.packetsDue()) await this.send(packet, peer.state.identity);
      }
    } finally {
      this.sending = false;
    }
  }

  private async send(packet: string | Uint8Array, identity: string): Promise<void> {
    const own = this.session.room.localParticipant;
    const sealed = await this.seal.close(packet, own.identity);
    const options = { reliable: true, destinationIdentities: [identity], topic: this.topic };
    await within(own.publishData(sealed, options), SENDING_LIMIT_S).catch(() => undefined); // not connected just now
  }
}
