// Sends to the peer what is due: requests for more or less video (app/call/room/video_constraints.py), and which of this
// side's devices fail (app/call/room/device_attributes.py). One message of each kind at a time.
import type { AdaptationController } from "../quality/adaptation.ts";
import { within } from "./connection.ts";
import { CAN_ENCRYPT } from "./can_encrypt.ts";
import { type DeviceKind, PROTOCOL } from "./protocol.ts";
import type { RoomSession } from "./session.ts";
import type { Store } from "./snapshot.ts";

const SENDING_LIMIT_S = 5;
const ATTRIBUTES_LIMIT_S = 10;
const nowS = () => performance.now() / 1000;

export class VideoRequests {
  private wasPresent = false;
  private sending = false;

  constructor(
    private readonly session: RoomSession,
    private readonly adaptation: AdaptationController,
  ) {}

  /** To be called now and then. */
  async sendDue(): Promise<void> {
    this.adaptation.expireRequest(nowS());
    const { peer } = this.session;
    const present = peer.presence === "present" && peer.state !== null;
    if (present && !this.wasPresent) this.adaptation.onNewPeer();
    this.wasPresent = present;
    if (!present || !peer.state || this.sending) return;
    this.sending = true;
    try {
      for (let due = this.next(); due !== null; due = this.next()) await this.send(due, peer.state.identity);
    } finally {
      this.sending = false;
    }
  }

  private next(): string | null {
    return this.adaptation.nextRequest(nowS());
  }

  private async send(request: string, identity: string): Promise<void> {
    const sending = this.session.room.localParticipant.publishData(new TextEncoder().encode(request), {
      reliable: true,
      destinationIdentities: [identity],
      topic: PROTOCOL.request_topic,
    });
    await within(sending, SENDING_LIMIT_S).catch(() => undefined); // not connected just now, and it is sent again
  }
}

type Faults = Record<string, string>;

export class DeviceAttributes {
  /** What the server has been told; nothing is known of a participant that is new there. */
  private sent: Faults = {};
  private publishing = false;

  constructor(
    private readonly session: RoomSession,
    private readonly store: Store,
  ) {}

  /** The server has a new participant in place of this one, without attributes yet. */
  republish(): void {
    this.sent = {};
    void this.publish();
  }

  async publish(): Promise<void> {
    if (this.publishing || this.session.room.state !== "connected") return;
    this.publishing = true;
    try {
      for (let due = this.changed(); due; due = this.changed()) {
        await within(this.session.room.localParticipant.setAttributes(due), ATTRIBUTES_LIMIT_S);
        this.sent = { ...this.sent, ...due };
      }
    } catch {
      // A room that is closing, or no answer: sent again with the next change.
    } finally {
      this.publishing = false;
    }
  }

  private changed(): Faults | null {
    const { camera, microphone, audioBlocked, unencryptedAnswer: answer } = this.store.snapshot;
    const { answer_attribute, cannot_attribute, answers } = PROTOCOL.encryption;
    const wanted: Record<DeviceKind, string> = {
      camera: camera.enabled ? (camera.fault ?? "") : "",
      microphone: microphone.enabled ? (microphone.fault ?? "") : "",
      speaker: audioBlocked ? "silent" : "",
    };
    const all: Faults = {
      [cannot_attribute]: CAN_ENCRYPT ? "" : "yes",
      [answer_attribute]: Object.entries(answers).find(([, yes]) => yes === answer)?.[0] ?? "",
    };
    for (const [kind, name] of Object.entries(PROTOCOL.fault_attributes)) all[name] = wanted[kind as DeviceKind];
    const due: Faults = {};
    for (const [name, value] of Object.entries(all)) {
      if ((this.sent[name] ?? "") !== value) due[name] = value;
    }
    return Object.keys(due).length ? due : null;
  }
}
