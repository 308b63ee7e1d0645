// A call while it is in its room: what the room's events mean to it, over every connection (app/call/room/room_session.py).
import {
  DisconnectReason,
  type Participant,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
  Track,
} from "livekit-client";

import type { AdaptationController } from "../quality/adaptation.ts";
import { EncryptionAgreement } from "./agreement.ts";
import { CAN_ENCRYPT } from "./can_encrypt.ts";
import { ENDINGS, RoomConnection } from "./connection.ts";
import { CallMachine, type CallEvent } from "./machine.ts";
import { isPerson, Peer } from "./peer.ts";
import { PROTOCOL } from "./protocol.ts";
import { RoomKeys } from "./room_keys.ts";
import type { ReconnectCause, Store } from "./snapshot.ts";

/** Who says that this side is cut off. It is, as long as one of them says so. */
export type Interruption = "sdk" | "stall" | "rejoin";

export class RoomSession {
  connection: RoomConnection;
  readonly peer: Peer;
  readonly agreement: EncryptionAgreement;
  readonly keys: RoomKeys;
  /** How often the connection came back: what was counted before proves nothing. */
  restorations = 0;
  /** LiveKit's client has reconnected by itself. */
  onResumed: () => void = () => undefined;
  /** The peer's sound, to be played; null when it is gone. */
  onAudio: (track: MediaStreamTrack | null) => void = () => undefined;
  /** This side's half of the key is another, or how far it is with it. */
  onOffer: () => void = () => undefined;
  /** The sound of the screen that they share; as above. */
  onScreenAudio: (track: MediaStreamTrack | null) => void = () => undefined;
  /** A packet of the chat, from the peer. */
  onChat: (data: Uint8Array, identity: string) => void = () => undefined;
  /** A packet of the timer, from the peer. */
  onTimer: (data: Uint8Array, identity: string) => void = () => undefined;
  /** A packet of files, from the peer. */
  onFiles: (data: Uint8Array, identity: string) => void = () => undefined;
  /** A packet of the recording's consent, from the peer. */
  onRecording: (data: Uint8Array, identity: string) => void = () => undefined;
  private interruptions = new Set<Interruption>();

  constructor(
    private readonly machine: CallMachine,
    private readonly store: Store,
    private readonly adaptation: AdaptationController,
    private readonly post: (event: CallEvent) => void,
    private readonly onEnd: (event: CallEvent) => void,
    encryptionKey: string,
    rejoin: () => void,
  ) {
    this.agreement = new EncryptionAgreement(store, rejoin);
    this.keys = new RoomKeys(encryptionKey, store, () => this.onOffer());
    this.peer = new Peer(machine, store, post, () => this.connection?.room ?? null);
    this.peer.onLeft = () => void this.keys.peerHasLeft();
    this.connection = this.newConnection();
  }

  get room(): Room {
    return this.connection.room;
  }

  get inRoom(): boolean {
    return this.machine.inRoom;
  }

  onJoined(): void {
    const participant = this.peer.find();
    if (participant) this.peer.onPresent(participant);
    this.post("joined");
    this.updateEncryption();
  }

  /** What is known of the peer, or of this side, has changed. Also to be called now and then. */
  updateEncryption(): void {
    this.agreement.update();
    void this.keys.follow(this.peer.presence === "present" ? this.peer.find() : null);
  }

  onInterrupted(by: Interruption): void {
    if (!this.inRoom) return;
    this.interruptions.add(by);
    if (this.machine.state === "reconnecting") return;
    this.post("connection_interrupted");
    this.setCause(navigator.onLine ? "no_answer" : "no_network");
  }

  setCause(reconnectCause: ReconnectCause): void {
    if (this.machine.state === "reconnecting") this.store.update({ reconnectCause });
  }

  onRestored(by: Interruption): void {
    if (!this.interruptions.has(by) || this.machine.state !== "reconnecting") return;
    this.interruptions.delete(by);
    if (this.interruptions.size && by === "stall") return; // something arrives, but the client is not done yet
    this.interruptions.clear();
    if (by === "sdk") this.onResumed();
    this.restorations += 1;
    this.peer.onConnectionRestored();
    this.post("connection_restored");
    this.store.update({ reconnectCause: null });
    this.updateEncryption();
  }

  /** Takes a new connection, not connected yet, and gives back the one before, whose events count no more. */
  replaceConnection(): RoomConnection {
    const before = this.connection;
    before.muteEvents();
    this.onInterrupted("rejoin");
    this.interruptions = new Set(["rejoin"]);
    this.dropTracks();
    this.connection = this.newConnection();
    return before;
  }

  close(): void {
    this.peer.close();
    this.dropTracks();
  }

  private newConnection(): RoomConnection {
    const { agreement } = this;
    agreement.onNewConnection();
    return new RoomConnection(
      (room, counts) => this.follow(room, counts),
      (identity, joinIds) => {
        if (this.inRoom) this.peer.onLeaveAnnounced(identity, joinIds);
      },
      this.keys.newConnection(agreement.on && CAN_ENCRYPT),
      agreement.usable,
    );
  }

  private follow(room: Room, counts: () => boolean): void {
    const on = (event: RoomEvent, handler: (...args: never[]) => void) =>
      RoomConnection.on(room, counts, event, handler);
    const changed = (participant: Participant) => this.peerChanged(participant);
    on(RoomEvent.ParticipantConnected, changed);
    on(RoomEvent.ParticipantDisconnected, (participant: RemoteParticipant) => {
      this.agreement.reset();
      if (this.inRoom) this.peer.onDisconnected(participant);
    });
    on(RoomEvent.EncryptionError, () => this.agreement.onError());
    on(RoomEvent.TrackPublished, (_: unknown, participant: Participant) => changed(participant));
    on(RoomEvent.TrackUnpublished, (_: unknown, participant: Participant) => changed(participant));
    on(RoomEvent.TrackMuted, (_: unknown, participant: Participant) => changed(participant));
    on(RoomEvent.TrackUnmuted, (_: unknown, participant: Participant) => changed(participant));
    on(RoomEvent.ParticipantNameChanged, (_: unknown, participant: Participant) => changed(participant));
    on(RoomEvent.ParticipantAttributesChanged, (_: unknown, participant: Participant) => changed(participant));
    on(RoomEvent.TrackSubscribed, this.subscribed);
    on(RoomEvent.TrackUnsubscribed, this.unsubscribed);
    on(RoomEvent.ActiveSpeakersChanged, (speakers: Participant[]) => {
      this.peer.onSpeakers(new Set(speakers.map((each) => each.identity)));
    });
    on(RoomEvent.DataReceived, this.messageReceived);
    on(RoomEvent.SignalReconnecting, () => this.onInterrupted("sdk"));
    on(RoomEvent.Reconnecting, () => this.onInterrupted("sdk"));
    on(RoomEvent.Reconnected, () => this.onRestored("sdk"));
    on(RoomEvent.Disconnected, (reason?: DisconnectReason) => {
      if (this.inRoom) this.onEnd((reason !== undefined && ENDINGS[reason]) || "connection_lost");
    });
  }

  private peerChanged(participant: Participant): void {
    if (!this.inRoom || participant.isLocal) return;
    this.peer.onChanged(participant as RemoteParticipant);
    this.updateEncryption();
  }

  private readonly subscribed = (
    track: RemoteTrack,
    publication: RemoteTrackPublication,
    participant: RemoteParticipant,
  ): void => {
    if (!isPerson(participant) || !this.agreement.accepts(publication)) return;
    this.take(publication.source, track.kind, track.mediaStreamTrack);
    if (!this.peer.silent) this.peerChanged(participant); // else it was our own resubscription, and no sign of life
  };

  private readonly unsubscribed = (track: RemoteTrack, publication: RemoteTrackPublication): void => {
    this.agreement.forget(publication.trackSid);
    const { remoteVideo, remoteScreen } = this.store.snapshot;
    if (track.kind === Track.Kind.Audio) this.take(publication.source, track.kind, null);
    else if (remoteVideo === track.mediaStreamTrack) this.store.update({ remoteVideo: null });
    else if (remoteScreen === track.mediaStreamTrack) this.store.update({ remoteScreen: null });
  };

  /** A shared screen has places of its own: it must take neither the voice's nor the camera's. */
  private take(source: Track.Source, kind: Track.Kind, media: MediaStreamTrack | null): void {
    const ofScreen = source === Track.Source.ScreenShare || source === Track.Source.ScreenShareAudio;
    if (kind === Track.Kind.Audio) (ofScreen ? this.onScreenAudio : this.onAudio)(media);
    else this.store.update(ofScreen ? { remoteScreen: media } : { remoteVideo: media });
  }

  private readonly messageReceived = (
    payload: Uint8Array,
    participant: RemoteParticipant | undefined,
    _kind: unknown,
    topic: string | undefined,
  ): void => {
    if (!participant || participant.identity !== this.peer.state?.identity) return;
    if (topic === PROTOCOL.chat.topic) this.onChat(payload, participant.identity);
    if (topic === PROTOCOL.timer.topic) this.onTimer(payload, participant.identity);
    if (topic === PROTOCOL.files.topic) this.onFiles(payload, participant.identity);
    if (topic === PROTOCOL.recording.topic) this.onRecording(payload, participant.identity);
    if (topic === PROTOCOL.request_topic) this.adaptation.onRequest(payload, performance.now() / 1000);
  };

  private dropTracks(): void {
    this.onAudio(null);
    this.onScreenAudio(null);
    this.store.update({ remoteVideo: null, remoteScreen: null });
  }
}
