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

  /** `packetsDue`: what is to be sent now. `peerIsBack`: they have a new connection, or this side has. */
  constructor(
    private readonly session: RoomSession,
    private readonly store: Store,
    key: string,
    private readonly topic: string,
    private readonly packetsDue: () => string[],
    private readonly peerIsBack: () => void,
  ) {
    this.seal = new Seal(key);
  }

  /** Null for what this sender has not sealed with the session's key. */
  open(data: Uint8Array, identity: string): Promise<string | null> {
    return this.seal.open(data, identity);
  }

  /** While the other is there, one packet after the other; what does not get out is due again by itself. */
  async sendDue(): Promise<void> {
    const { peer, restorations } = this.session;
    if (this.sending || this.store.snapshot.state !== "in_call" || !peer.state) return;
    const visits = `${peer.arrivals} ${restorations}`;
    if (visits !== this.visits) this.peerIsBack();
    this.visits = visits;
    this.sending = true;
    const own = this.session.room.localParticipant;
    try {
      for (const packet of this.packetsDue()) {
        const sealed = await this.seal.close(packet, own.identity);
        const destinationIdentities = [peer.state.identity];
        const sent = own.publishData(sealed, { reliable: true, destinationIdentities, topic: this.topic });
        await within(sent, SENDING_LIMIT_S).catch(() => undefined); // not connected just now
      }
    } finally {
      this.sending = false;
    }
  }
}
