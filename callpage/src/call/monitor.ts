// Monitors a call's connection by what really arrives, whatever LiveKit's client says (app/call/connectivity/link_monitor.py).
import type { RemoteParticipant } from "livekit-client";

import type { AdaptationController } from "../quality/adaptation.ts";
import { type Counters, readCounters } from "../quality/counters.ts";
import type { Quality } from "../quality/quality.ts";
import type { ServerQuality } from "../quality/rating.ts";
import { StallDetector } from "../quality/stalls.ts";
import { sleep, within } from "./connection.ts";
import { LIMITS, PROTOCOL } from "./protocol.ts";
import type { VideoRequests } from "./requests.ts";
import { Resubscriber } from "./resubscribe.ts";
import type { RoomSession } from "./session.ts";
import type { Store } from "./snapshot.ts";

const COUNTERS_LIMIT_S = 1;
const nowS = () => performance.now() / 1000;

export class LinkMonitor {
  private readonly detector = new StallDetector();
  private readonly resubscriber = new Resubscriber();
  private paused = false;
  private running = true;
  private arrivals = 0;
  private restorations = 0;
  private frames = 0;
  private sent = 0;
  private sending = false;
  private qualityAtS = 0;
  private polledAtS = 0;
  private suspendedS = 0;
  private wokeAtS = 0;
  private cutOffAtS: number | null = null;
  private networkChanged = false;

  /** `onLost`: this connection will not come back, as far as patience goes. */
  constructor(
    private readonly session: RoomSession,
    private readonly store: Store,
    private readonly quality: Quality,
    private readonly adaptation: AdaptationController,
    private readonly requests: VideoRequests,
    private readonly onLost: () => void,
  ) {
    addEventListener("online", this.networkCame);
    addEventListener("offline", this.networkWent);
  }

  async run(): Promise<void> {
    while (this.running && this.session.inRoom) {
      await sleep(PROTOCOL.stall.poll_interval_s);
      await this.poll().catch(() => undefined); // one poll that fails must not end them all
    }
  }

  close(): void {
    this.running = false;
    removeEventListener("online", this.networkCame);
    removeEventListener("offline", this.networkWent);
  }

  /** A new connection is being made: there is nothing to poll, and for the report it is an interruption. */
  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.quality.interrupted();
  }

  resume(): void {
    this.paused = this.networkChanged = false;
    this.cutOffAtS = null;
  }

  private async poll(): Promise<void> {
    this.noteGap();
    const { connection } = this.session;
    const counters = await within(readCounters(connection.room), COUNTERS_LIMIT_S).catch(() => null);
    if (this.paused || connection !== this.session.connection || !this.session.inRoom) return;
    if (counters) {
      this.sending = counters.sent > this.sent;
      this.sent = counters.sent;
      this.frames = counters.video.frames;
      this.session.agreement.onFrames(this.frames);
    }
    this.session.updateEncryption();
    this.addQuality(counters);
    void this.requests.sendDue();
    if (counters) this.detect(counters);
    this.evaluate();
  }

  /** A poll that comes late itself (a suspended laptop, a frozen page) proves nothing about what it missed. */
  private noteGap(): void {
    const now = Date.now() / 1000;
    const gapS = this.polledAtS ? now - this.polledAtS : 0;
    this.polledAtS = now;
    if (gapS <= LIMITS.suspended_after_s) return;
    this.suspendedS = gapS;
    this.wokeAtS = now;
    this.detector.skipGap();
  }

  private detect(counters: Counters): void {
    const { session, detector } = this;
    const { peer } = session;
    if (session.restorations !== this.restorations) detector.restart();
    else if (peer.arrivals !== this.arrivals) detector.restartPeer();
    this.restorations = session.restorations;
    this.arrivals = peer.arrivals;
    const expected = this.adaptation.remoteVideoExpected(this.frames, nowS());
    const cameraOn = (peer.state?.cameraOn ?? false) && expected;
    const received = { packets: counters.received, audioPackets: counters.audioPackets, videoFrames: this.frames };
    detector.update(nowS(), received, this.sending, peer.state?.microphoneOn ?? false, cameraOn);
    if (detector.connectionSilent) return session.onInterrupted("stall");
    session.onRestored("stall");
    peer.onStalled(detector.audioStalled, detector.videoStalled);
    peer.onSilence(detector.peerSilent);
    const participant = peer.find();
    if (participant) this.resubscriber.update(participant, detector.audioStalled, detector.videoStalled, nowS());
  }

  private addQuality(counters: Counters | null): void {
    if (nowS() - this.qualityAtS < LIMITS.quality_every_s) return;
    this.qualityAtS = nowS();
    const { peer, room } = this.session;
    const participant = peer.presence === "present" ? peer.find() : null;
    this.quality.add(counters, qualityOf(room.localParticipant), participant && qualityOf(participant));
  }

  /** While cut off: why, as far as can be known, and whether to wait any longer. */
  private evaluate(): void {
    if (this.store.snapshot.state !== "reconnecting") {
      if (this.cutOffAtS !== null) this.resume();
      return;
    }
    this.cutOffAtS ??= nowS();
    const suspendedS = Date.now() / 1000 - this.wokeAtS < LIMITS.suspend_remembered_s ? this.suspendedS : 0;
    if (!navigator.onLine) this.session.setCause("no_network");
    else if (this.networkChanged) this.session.setCause("network_changed");
    else this.session.setCause(suspendedS ? "suspended" : "no_answer");
    const atOnce = navigator.onLine && (this.networkChanged || suspendedS > LIMITS.long_suspend_s);
    const patient = nowS() - this.cutOffAtS <= LIMITS.rejoin_after_s;
    if ((this.detector.connectionSilent && atOnce) || !patient) this.onLost();
  }

  private readonly networkWent = (): void => this.session.setCause("no_network");

  private readonly networkCame = (): void => {
    this.networkChanged = true;
  };
}

function qualityOf(participant: { connectionQuality: string } | RemoteParticipant): ServerQuality {
  return participant.connectionQuality as ServerQuality;
}
