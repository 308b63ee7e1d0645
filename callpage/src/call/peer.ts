// The remote participant: who they are, what they publish, and how far they are away (app/call/room/remote_peer.py).
import type { Participant, RemoteParticipant, Room } from "livekit-client";

import type { CallEvent, CallMachine, Presence } from "./machine.ts";
import { LIMITS, parseAnswer, parseFault, PROTOCOL } from "./protocol.ts";
import type { PeerState, Store } from "./snapshot.ts";

const STANDARD = 0; // ParticipantKind.STANDARD of livekit_models.proto; recorders and agents are others

export function isPerson(participant: Participant): boolean {
  return (participant.kind as number) === STANDARD;
}

/** What tells this join from every other: the connection's SID, and the token's attribute, which outlives it. */
export function joinIdsOf(participant: Participant): string[] {
  return [participant.sid, participant.attributes[PROTOCOL.join_attribute] ?? ""].filter(Boolean);
}

function isSending(participant: RemoteParticipant, source: string): boolean {
  return [...participant.trackPublications.values()].some((each) => each.source === source && !each.isMuted);
}

export class Peer {
  /** They are in the room, and nothing comes of all that they have switched on. */
  silent = false;
  /** How often they came, the first time included: what was counted before proves nothing. */
  arrivals = 0;
  /** On purpose, and so for good. */
  onLeft: () => void = () => undefined;
  private grace: ReturnType<typeof setTimeout> | null = null;
  private graceExpired = false;
  private left = new Set<string>();
  private speaking = new Set<string>();

  constructor(
    private readonly machine: CallMachine,
    private readonly store: Store,
    private readonly post: (event: CallEvent) => void,
    private readonly room: () => Room | null,
  ) {}

  get state(): PeerState | null {
    return this.store.snapshot.peer;
  }

  get presence(): Presence {
    return this.machine.presence;
  }

  /** They, or whoever else is a person in the room; null when nobody is. */
  find(): RemoteParticipant | null {
    const there = [...(this.room()?.remoteParticipants.values() ?? [])];
    const persons = there.filter((each) => isPerson(each) && !this.hasLeft(each));
    return persons.find((each) => each.identity === this.state?.identity) ?? persons[0] ?? null;
  }

  /** They came, came back, or changed what they publish. */
  onChanged(participant: RemoteParticipant): void {
    if (!isPerson(participant) || this.hasLeft(participant)) return;
    if (this.room()?.remoteParticipants.get(participant.identity) !== participant) return;
    const stranger = this.state !== null && participant.identity !== this.state.identity;
    if (!(stranger && this.presence === "present")) this.onPresent(participant);
  }

  onPresent(participant: RemoteParticipant): void {
    this.endGrace();
    const came = this.presence !== "present";
    if (came) {
      this.arrivals += 1;
      this.silent = false;
    }
    const before = came ? null : this.state;
    const [microphoneOn, cameraOn] = [isSending(participant, "microphone"), isSending(participant, "camera")];
    const { identity, name, attributes } = participant;
    this.publish({
      identity,
      name: name || identity,
      microphoneOn,
      cameraOn,
      screenOn: isSending(participant, "screen_share"),
      speaking: this.speaking.has(identity),
      cameraFault: parseFault(attributes, "camera"),
      microphoneFault: parseFault(attributes, "microphone"),
      speakerFault: parseFault(attributes, "speaker"),
      audioStalled: microphoneOn && (before?.audioStalled ?? false),
      videoStalled: cameraOn && (before?.videoStalled ?? false),
      canEncrypt: attributes[PROTOCOL.encryption.cannot_attribute] !== "yes",
      unencryptedAnswer: parseAnswer(attributes),
    });
    if (came) this.post("peer_came");
  }

  onDisconnected(participant: RemoteParticipant): void {
    if (participant.identity !== this.state?.identity || this.hasLeft(participant)) return;
    if (this.graceExpired) this.onGone("peer_grace_expired");
    else this.onLost();
  }

  /** They will disconnect as soon as this is acknowledged. It can come before the server has announced them at all. */
  onLeaveAnnounced(identity: string, joinIds: string[]): void {
    if (this.state && identity !== this.state.identity) return;
    this.left = new Set(joinIds);
    this.onGone("peer_left");
  }

  onSpeakers(identities: Set<string>): void {
    this.speaking = identities;
    const { state } = this;
    if (state && this.presence === "present") this.publish({ ...state, speaking: identities.has(state.identity) });
  }

  /** Which of their tracks are switched on and have stopped coming. */
  onStalled(audio: boolean, video: boolean): void {
    const { state } = this;
    if (!state) return;
    this.publish({ ...state, audioStalled: state.microphoneOn && audio, videoStalled: state.cameraOn && video });
  }

  /** Whether nothing comes of all that they have switched on, though the server never counted them out. */
  onSilence(silent: boolean): void {
    this.silent = silent;
    if (silent && this.machine.state === "in_call") return this.onLost();
    const participant = this.find();
    if (!silent && this.machine.state === "peer_reconnecting" && participant) this.onChanged(participant);
  }

  /** They are gone without an announcement, or silent. Starts the grace, unless it is running already. */
  onLost(): void {
    if (!this.grace && !this.graceExpired && this.presence !== "absent") {
      this.grace = setTimeout(() => this.onGraceExpired(), LIMITS.peer_grace_s * 1000);
    }
    if (this.presence === "present") this.post("peer_lost");
  }

  /** This side was cut off, and is not any more: who is in the room now. */
  onConnectionRestored(): void {
    this.silent = false;
    this.speaking = new Set();
    this.onStalled(false, false);
    const participant = this.find();
    if (participant) this.onPresent(participant);
    else if (this.graceExpired) this.onGone("peer_grace_expired");
    else this.onLost();
  }

  close(): void {
    this.endGrace();
  }

  private hasLeft(participant: Participant): boolean {
    return joinIdsOf(participant).some((id) => this.left.has(id));
  }

  private onGone(event: CallEvent): void {
    if (this.presence === "absent") return;
    this.endGrace();
    const { state } = this;
    if (state) this.publish({ ...state, ...GONE });
    this.post(event);
    if (event === "peer_left") this.onLeft();
  }

  /** While the server still counts them in, they are only silent. */
  private onGraceExpired(): void {
    this.grace = null;
    this.graceExpired = true;
    if (this.machine.inRoom && !this.find()) this.onGone("peer_grace_expired");
  }

  private endGrace(): void {
    this.graceExpired = false;
    if (this.grace) clearTimeout(this.grace);
    this.grace = null;
  }

  private publish(peer: PeerState): void {
    this.store.update({ peer });
  }
}

const GONE = {
  unencryptedAnswer: null,
  microphoneOn: false,
  cameraOn: false,
  screenOn: false,
  speaking: false,
  cameraFault: null,
  microphoneFault: null,
  speakerFault: null,
  audioStalled: false,
  videoStalled: false,
} as const;
