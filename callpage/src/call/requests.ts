// Sends to the peer what is due: requests for more or less video (app/call/room/video_constraints.py), and which of this
// side's devices fail (app/call/room/device_attributes.py). One message of each kind at a time.
import { ConnectionState, type Room } from "livekit-client";

import type { AdaptationController } from "../quality/adaptation.ts";
import { CAN_ENCRYPT } from "./can_encrypt.ts";
import { sleep, within } from "./connection.ts";
import { type DeviceKind, PROTOCOL } from "./protocol.ts";
import type { RoomSession } from "./session.ts";
import type { Store } from "./snapshot.ts";

const SENDING_LIMIT_S = 5;
const ATTRIBUTES_LIMIT_S = 10;
const ATTRIBUTES_AGAIN_AFTER_S = [1, 2, 5, 10];
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

/** Until the server has them: an answer to a question that never arrives leaves the other side waiting for ever. */
export class DeviceAttributes {
  /** What the server has been told; nothing is known of a participant that is new there. */
  private sent: Faults = {};
  /** The connection over which they are being sent. What is on its way over an earlier one counts for nothing. */
  private publishing: Room | null = null;

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
    const { room } = this.session;
    if (this.publishing === room) return;
    this.publishing = room;
    for (let failures = 0; this.publishing === room && room.state === ConnectionState.Connected; ) {
      const due = this.changed();
      if (!due) break;
      failures = (await this.send(room, due)) ? 0 : failures + 1;
      if (failures) await sleep(ATTRIBUTES_AGAIN_AFTER_S[Math.min(failures, ATTRIBUTES_AGAIN_AFTER_S.length) - 1] ?? 10);
    }
    if (this.publishing === room) this.publishing = null;
  }

  private async send(room: Room, due: Faults): Promise<boolean> {
    const { sent } = this;
    try {
      await within(room.localParticipant.setAttributes(due), ATTRIBUTES_LIMIT_S);
    } catch {
      return false; // no answer, or a room that is reconnecting or closing
    }
    if (this.sent === sent) this.sent = { ...sent, ...due }; // else the server has had a new participant since
    return true;
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
      ...this.session.keys.offer,
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
