// Asks over the room whether the call may be recorded, answers the other's question, and records while it is agreed
// (app/call/room/messages/recording.py).
import type { Backend, RecordingEvent } from "../backend.ts";
import { PROTOCOL } from "./protocol.ts";
import { readRecordingPacket, RecordingConsent } from "./recording_consent.ts";
import { type Recorder, RecordingRun } from "./recording_run.ts";
import { SealedTopic } from "./sealed_topic.ts";
import type { RoomSession } from "./session.ts";
import { FloodGate } from "./shared_timer.ts";
import { NO_RECORDING, type OwnRecording, type RecordingEnd, type Store } from "./snapshot.ts";

const CHECK_EVERY_MS = 200;
const nowS = () => performance.now() / 1000;

export class Recording {
  private readonly consent = new RecordingConsent();
  private readonly room: SealedTopic;
  private readonly gate = new FloodGate(PROTOCOL.recording);
  private readonly timer = setInterval(() => this.check(), CHECK_EVERY_MS);
  private readonly unsubscribe: () => void;
  private run: RecordingRun | null = null;
  private following = false;

  /** `now` is the server's clock, in milliseconds. */
  constructor(
    session: RoomSession,
    private readonly store: Store,
    private readonly backend: Pick<Backend, "noteRecording">,
    key: string,
    private readonly now: () => number,
  ) {
    const due = () => [this.consent.due(nowS(), this.now())].filter((packet) => packet !== null);
    this.room = new SealedTopic(session, store, key, PROTOCOL.recording.topic, due, () => this.consent.peerIsBack());
    session.onRecording = (data, identity) => void this.received(data, identity);
    this.unsubscribe = store.subscribe(() => this.follow());
  }

  /** Nothing changes while nobody is there to be asked, or another question or recording is under way. */
  ask(open: (askId: string) => Promise<Recorder>, onNothing: () => void): void {
    const { run } = this;
    if (this.store.snapshot.state !== "in_call" || (run && run.shown.state !== "ended")) return onNothing();
    const askId = crypto.randomUUID();
    this.run = new RecordingRun(askId, () => open(askId), onNothing, (shown) => this.show(askId, shown));
    this.consent.ask(askId);
    this.note(askId, "asked");
    this.show(askId, this.run.shown);
    this.check();
  }

  /** The question is taken back, the recording ended, or the word about the last one put away. */
  stop(): void {
    const { run } = this;
    if (!run || run.shown.state === "finishing") return;
    if (run.shown.state === "recording" || run.shown.state === "paused") return this.finish("stopped");
    this.run = null;
    void run.finish("stopped");
    this.store.update({ recording: NO_RECORDING });
    this.check();
  }

  /** To the other's question, if it still is that one. A no after a yes takes that back. */
  answer(askId: string, agreed: boolean): void {
    const before = this.consent.agreed;
    this.consent.answer(askId, agreed);
    if (this.consent.agreed !== before) this.note(askId, agreed ? "agreed" : before ? "withdrawn" : "refused");
    this.check();
  }

  /** The call is over: nothing is written any more, and the file is made ready. */
  close(): void {
    clearInterval(this.timer);
    this.unsubscribe();
    this.finish("call_ended");
    this.store.update({ peerRecording: null });
  }

  private async received(data: Uint8Array, identity: string): Promise<void> {
    if (data.length > PROTOCOL.recording.largest_packet || !this.gate.letsThrough(nowS())) return;
    const opened = await this.room.open(data, identity);
    const packet = opened === null ? null : readRecordingPacket(opened);
    if (!packet || this.store.snapshot.state === "ended") return;
    this.consent.receive(packet, nowS());
    this.check();
  }

  private check(): void {
    this.follow();
    void this.room.sendDue();
  }

  /** Nothing is written any more, once this returns, that may not be. */
  private follow(): void {
    if (this.following) return; // what it changes announces itself
    this.following = true;
    const { consent, store, run } = this;
    const { state } = store.snapshot;
    if (state === "waiting") {
      this.finish("peer_left");
      consent.peerIsGone();
    }
    if (run && !run.over) {
      const { began } = run;
      run.follow(consent.permission(nowS()), state === "in_call");
      if (run.began && !began) this.note(run.shown.askId, "began");
      if (run.over) this.ended(run);
    }
    if (!run || run.over) consent.stop();
    else consent.setWriting(run.writing);
    const { theirAsk: askId, agreed } = consent;
    const writing = consent.theyWrite && state === "in_call"; // else nobody knows, and they may not
    store.update({ peerRecording: askId === null ? null : { askId, agreed, writing } });
    this.following = false;
  }

  private finish(end: RecordingEnd): void {
    const { run } = this;
    if (!run || run.over) return;
    void run.finish(end);
    this.ended(run);
    this.consent.stop();
    void this.room.sendDue();
  }

  private ended({ began, shown }: RecordingRun): void {
    if (began) this.note(shown.askId, "ended");
  }

  private note(askId: string, event: RecordingEvent): void {
    void this.backend.noteRecording(askId, event, this.now());
  }

  private show(askId: string, shown: OwnRecording): void {
    if (this.run?.shown.askId === askId) this.store.update({ recording: shown });
  }
}
