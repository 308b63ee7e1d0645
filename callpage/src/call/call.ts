// One call from preview to end: its commands, and what keeps it going (app/call/call_controller.py).
import type { Backend, Credentials } from "../backend.ts";
import { type Choices, Devices } from "../media/devices.ts";
import { ScreenShare } from "../media/screen.ts";
import { Speaker } from "../media/speaker.ts";
import { AdaptationController } from "../quality/adaptation.ts";
import { PAUSED } from "../quality/policy.ts";
import { Quality, type QualityReport } from "../quality/quality.ts";
import type { Sample } from "../quality/samples.ts";
import { KEPT_TIMER } from "../link.ts";
import { Chat } from "./chat.ts";
import { type RoomConnection, within } from "./connection.ts";
import { prepareEncryption } from "./encryption.ts";
import { Files } from "./files.ts";
import { CallMachine, type CallEvent } from "./machine.ts";
import { LinkMonitor } from "./monitor.ts";
import { LIMITS } from "./protocol.ts";
import { Published } from "./published.ts";
import { PublishedScreen } from "./published_screen.ts";
import { Recording } from "./recording.ts";
import { Rejoiner } from "./rejoin.ts";
import { DeviceAttributes, VideoRequests } from "./requests.ts";
import { RoomSession } from "./session.ts";
import { type FileProblem, type Snapshot, Store } from "./snapshot.ts";
import { Timer } from "./timer.ts";
import { VideoSender } from "./video_sender.ts";

const FAILED_JOINS = { refused: "join_refused", no_room: "room_closed", failed: "join_failed" } as const;
const PUBLISHING_LIMIT_S = 3;

export class Call {
  readonly store: Store;
  readonly devices: Devices;
  readonly speaker: Speaker;
  readonly screen: ScreenShare;
  private readonly machine = new CallMachine();
  private readonly videoSender = new VideoSender();
  private readonly adaptation = new AdaptationController(() => this.stepChanged());
  private readonly quality: Quality;
  private session: RoomSession | null = null;
  private published: Published | null = null;
  private publishedScreen: PublishedScreen | null = null;
  private attributes: DeviceAttributes | null = null;
  private requests: VideoRequests | null = null;
  private monitor: LinkMonitor | null = null;
  private rejoiner: Rejoiner | null = null;
  /** Asks and answers whether it may be recorded; null before the call. */
  recording: Recording | null = null;
  private chat: Chat | null = null;
  private timer: Timer | null = null;
  private files: Files | null = null;
  private readonly closing = new Set<RoomConnection>();

  /** `now` is the server's clock, in milliseconds; `earlier`: what the call before this one knew of the chat. */
  constructor(
    wanted: Choices,
    private readonly now: () => number,
    earlier: Partial<Snapshot> = {},
  ) {
    this.store = new Store();
    this.store.update(earlier);
    this.devices = new Devices(this.store, wanted);
    this.speaker = new Speaker(this.store, this.devices);
    this.screen = new ScreenShare(this.store);
    this.screen.onChange = () => this.publishedScreen?.sync();
    prepareEncryption();
    this.quality = new Quality(this.store, this.adaptation);
    this.devices.onChange = () => this.deviceChanged();
  }

  get latestSample(): Sample | null {
    return this.quality.latest;
  }

  get report(): QualityReport | null {
    return this.quality.reported;
  }

  /** Opens camera and microphone for the preview; faults are in the snapshot. */
  async prepare(): Promise<void> {
    this.post("preview_opened");
    await this.devices.open();
  }

  /** Connects and publishes. `refresh` gives credentials for a rejoin. */
  async join(credentials: Credentials, backend: Backend, joinId: string, key: string): Promise<void> {
    if (!this.post("join_started")) return;
    const session = new RoomSession(
      this.machine,
      this.store,
      this.adaptation,
      (event) => this.post(event),
      (event) => this.connectionEnded(event),
      key,
      () => this.rejoiner?.start(),
    );
    this.session = session;
    session.onAudio = (track) => this.speaker.set(track);
    session.onScreenAudio = (track) => this.speaker.setScreen(track);
    const { livekit_url: url, access_token: token } = credentials;
    const outcome = await session.connection.connect(url, token, LIMITS.join_s);
    if (this.machine.connection !== "connecting") return void this.closeQuietly(session.connection, false);
    if (outcome !== "connected") return this.end(FAILED_JOINS[outcome]);
    session.onJoined();
    const earlier = this.store.snapshot.chat;
    const chat = new Chat(session, this.store, backend, key, this.now);
    this.chat = chat;
    this.files = new Files(session, this.store, key, this.now, (file, note) => chat.send(note, file.id));
    this.timer = new Timer(session, this.store, backend.role, key, this.now, KEPT_TIMER);
    this.recording = new Recording(session, this.store, backend, key, this.now);
    if (earlier.length) this.chat.takeKept([...earlier]);
    this.keepGoing(session, credentials, () => backend.join(joinId, true));
    this.publish(session);
  }

  /** Hangs up. The devices are free when this returns; the network follows. */
  leave(): void {
    this.end("left");
  }

  /** Into the chat. */
  sendMessage(text: string): void {
    this.chat?.send(text);
  }

  /** To the other's device, sealed; why it is refused, and then nothing is sent. `note` is for the chat. */
  async sendFile(file: File, note: (name: string) => string): Promise<FileProblem | null> {
    return this.files ? this.files.send(file, note) : "not_in_call";
  }

  sendFileAgain(id: string): FileProblem | null {
    return this.files ? this.files.sendAgain(id) : "not_in_call";
  }

  /** Of either; one of theirs that has ended is removed. */
  cancelFile(id: string): void {
    this.files?.cancel(id);
  }

  /** Where the browser saves one of theirs from that is whole. */
  fileUrl(id: string): string {
    return this.files?.urlOf(id) ?? "";
  }

  /** Starts the timer that both see, or stops it (null); the professional's side only. */
  setTimer(lengthMs: number | null): void {
    this.timer?.set(lengthMs);
  }

  /** Shares a screen that the person chooses, or ends it. Within a tap or a key press. */
  toggleScreen(): void {
    if (this.screen.video) this.screen.stop();
    else if (this.machine.inRoom) void this.screen.start();
  }

  async setCamera(on: boolean): Promise<void> {
    await this.devices.camera.setEnabled(on);
  }

  /** Whether this person would go on without encryption, where one side cannot have it. */
  answerUnencrypted(goesOnWithout: boolean): void {
    this.session?.agreement.answer(goesOnWithout);
    void this.attributes?.publish();
  }

  async setMicrophone(on: boolean): Promise<void> {
    await this.devices.microphone.setEnabled(on);
  }

  /** Whether anybody can see the peer's video, and in how many device pixels: they are asked to send no more. */
  setRemoteVideo(visible: boolean, box: [number, number] | null): void {
    this.adaptation.remoteVideoVisible = visible;
    this.adaptation.remoteVideoBox = box;
    void this.requests?.sendDue();
  }

  /** The page is seen again, after a phone call, a locked screen or another app. */
  async awake(): Promise<void> {
    if (this.machine.connection === "ended") return;
    await this.devices.revive();
    await this.speaker.play();
  }

  private keepGoing(session: RoomSession, credentials: Credentials, refresh: () => Promise<Credentials>): void {
    this.attributes = new DeviceAttributes(session, this.store);
    session.onOffer = () => void this.attributes?.publish();
    this.requests = new VideoRequests(session, this.adaptation);
    const lost = () => this.connectionEnded("connection_lost");
    this.monitor = new LinkMonitor(session, this.store, this.quality, this.adaptation, this.requests, lost);
    this.rejoiner = new Rejoiner(
      session,
      this.monitor,
      credentials,
      refresh,
      (connection) => this.closeQuietly(connection, false),
      () => this.publish(session),
      (event) => this.end(event),
    );
    session.onResumed = () => {
      this.published?.resendMute();
      this.attributes?.republish();
    };
    void this.monitor.run();
  }

  private stepChanged(): void {
    this.videoSender.setStep(this.adaptation.step);
    this.publishedScreen?.sync();
  }

  private publish(session: RoomSession): void {
    this.published?.close();
    this.publishedScreen?.close();
    this.published = this.publishedScreen = null;
    this.attributes?.republish();
    if (!session.agreement.usable) return; // nothing may leave before both agreed to go on without encryption
    const rejoin = () => this.rejoiner?.start();
    const { room } = session;
    const use = (sender: RTCRtpSender | null, track: MediaStreamTrack | null) => this.videoSender.use(sender, track);
    this.published = new Published(room, this.devices, this.store, use, rejoin);
    this.published.sync();
    this.publishedScreen = new PublishedScreen(room, this.screen, () => this.adaptation.step === PAUSED, rejoin);
    this.publishedScreen.sync();
  }

  private deviceChanged(): void {
    if (!this.machine.inRoom) return;
    this.published?.sync();
    void this.attributes?.publish();
  }

  /** A DUPLICATE_IDENTITY caused by our own closing connection is not another device. */
  private connectionEnded(event: CallEvent): void {
    const evictedByOwn = event === "joined_elsewhere" && this.closing.size > 0;
    if (this.rejoiner && (event === "connection_lost" || evictedByOwn)) this.rejoiner.start();
    else this.end(event);
  }

  private end(event: CallEvent): void {
    if (!this.post(event)) return;
    const { session, published } = this;
    this.screen.close();
    this.publishedScreen?.close();
    this.session = this.rejoiner = this.published = this.publishedScreen = this.requests = null;
    this.chat?.close();
    this.timer?.close();
    this.files?.close();
    this.recording?.close();
    this.monitor?.close();
    this.devices.close();
    session?.close();
    this.speaker.close();
    if (session) void this.hangUp(session, published, event === "left");
  }

  private async hangUp(session: RoomSession, published: Published | null, onPurpose: boolean): Promise<void> {
    if (published) await within(published.settled(), PUBLISHING_LIMIT_S).catch(() => undefined);
    published?.close();
    await this.closeQuietly(session.connection, onPurpose);
  }

  private async closeQuietly(connection: RoomConnection, onPurpose: boolean): Promise<void> {
    this.closing.add(connection);
    try {
      connection.muteEvents();
      await connection.disconnect(onPurpose);
    } finally {
      this.closing.delete(connection);
    }
  }

  private post(event: CallEvent): boolean {
    if (!this.machine.post(event)) return false;
    const { snapshot } = this.store;
    const { state, endReason } = this.machine;
    const inCallSince = snapshot.inCallSince ?? (state === "in_call" ? Date.now() : null);
    this.store.update({ state, endReason, inCallSince });
    return true;
  }
}
