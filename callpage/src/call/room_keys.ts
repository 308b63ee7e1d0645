// Keeps the worker's keys as the two devices have agreed, over every connection of the call (app/call/room/room_keys.py).
import type { RemoteParticipant } from "livekit-client";

import { ConnectionEncryption } from "./encryption.ts";
import { KeyAgreement } from "./key_agreement.ts";
import { PROTOCOL } from "./protocol.ts";
import type { Store } from "./snapshot.ts";

const ATTRIBUTE = PROTOCOL.key_agreement.attribute;
const nowS = () => performance.now() / 1000;

export class RoomKeys {
  private readonly agreement: KeyAgreement;
  private encryption: ConnectionEncryption | null = null;
  private published = "";

  /** `publish` is called when `offer` is another. */
  constructor(
    sessionKey: string,
    private readonly store: Store,
    private readonly publish: () => void,
  ) {
    this.agreement = new KeyAgreement(sessionKey);
    void this.agreement.ready().then(() => this.tell());
  }

  /** The attribute to publish. */
  get offer(): Record<string, string> {
    return { [ATTRIBUTE]: this.agreement.offer };
  }

  newConnection(encrypted: boolean): ConnectionEncryption | null {
    return (this.encryption = encrypted ? new ConnectionEncryption(this.agreement.use) : null);
  }

  /** What `peer` says of their half; null while nobody is there. Also to be called now and then: time counts. */
  async follow(peer: RemoteParticipant | null): Promise<void> {
    if (peer) await this.agreement.take(peer.attributes[ATTRIBUTE] ?? "", nowS());
    else this.agreement.peerIsAway();
    this.tell();
    const { encryption } = this;
    if (!encryption) return;
    try {
      const readable = await encryption.hold(this.agreement.use);
      if (readable && encryption === this.encryption) this.agreement.onReadable(readable, nowS());
    } catch {
      return; // a worker that is closing, or too busy: the next poll tries again
    }
    await encryption.hold(this.agreement.use).catch(() => null);
    this.tell();
  }

  /** On purpose: what was agreed on with them is over. */
  async peerHasLeft(): Promise<void> {
    await this.agreement.peerHasLeft();
    await this.encryption?.hold(this.agreement.use).catch(() => null);
    this.tell();
  }

  private tell(): void {
    const { agreement } = this;
    const { words: keyWords, wordsChanged: keyWordsChanged } = agreement;
    this.store.update({ keyOrigin: agreement.origin(nowS()), keyWords, keyWordsChanged });
    if (agreement.offer === this.published) return;
    this.published = agreement.offer;
    this.publish();
  }
}
