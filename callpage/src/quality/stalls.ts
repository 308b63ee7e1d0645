// Notices what LiveKit's client reports late or never. Pure: counters and times are passed in
// (app/call/stats/stall_detector.py).
import { PROTOCOL } from "../call/protocol.ts";

const { stall: LIMITS } = PROTOCOL;

/** How long a counter has stood still. */
class CounterTimeout {
  began = false;
  private count: number | null = null;
  private sinceS = 0;

  stillS(nowS: number): number {
    return this.count === null ? 0 : nowS - this.sinceS;
  }

  stopped(count: number, nowS: number, limitS: number): boolean {
    if (this.count === null || count > this.count) {
      this.began ||= this.count !== null;
      this.sinceS = nowS;
    }
    this.count = count;
    return nowS - this.sinceS > (this.began ? limitS : Math.max(limitS, LIMITS.first_after_s));
  }

  restart(): void {
    this.count = null;
    this.began = false;
  }

  /** There was no poll for a while: the time until now does not count. */
  skipGap(): void {
    this.count = null;
  }
}

export interface Received {
  packets: number;
  audioPackets: number;
  videoFrames: number;
}

export class StallDetector {
  connectionSilent = false;
  audioStalled = false;
  videoStalled = false;
  /** Nothing comes of all that they have switched on. */
  peerSilent = false;
  private readonly connection = new CounterTimeout();
  private readonly audio = new CounterTimeout();
  private readonly video = new CounterTimeout();

  restart(): void {
    this.connectionSilent = false;
    this.connection.restart();
    this.restartPeer();
  }

  restartPeer(): void {
    this.peerSilent = this.audioStalled = this.videoStalled = false;
    this.audio.restart();
    this.video.restart();
  }

  skipGap(): void {
    for (const timeout of [this.connection, this.audio, this.video]) timeout.skipGap();
  }

  update(nowS: number, received: Received, sending: boolean, microphoneOn: boolean, cameraOn: boolean): void {
    const limitS = sending ? LIMITS.silent_after_s : LIMITS.idle_silent_after_s;
    this.connectionSilent = this.connection.stopped(received.packets, nowS, limitS);
    if (this.connectionSilent) {
      this.audio.restart();
      this.video.restart();
      return;
    }
    this.audioStalled = stalled(this.audio, received.audioPackets, nowS, microphoneOn);
    this.videoStalled = stalled(this.video, received.videoFrames, nowS, cameraOn);
    const found = [...(microphoneOn ? [this.audioStalled] : []), ...(cameraOn ? [this.videoStalled] : [])];
    const awaited = !microphoneOn && !this.video.began;
    const patient = awaited && this.video.stillS(nowS) <= LIMITS.video_alone_first_after_s;
    this.peerSilent = found.length > 0 && found.every(Boolean) && !patient;
  }
}

function stalled(timeout: CounterTimeout, count: number, nowS: number, isOpen: boolean): boolean {
  if (!isOpen) {
    timeout.restart();
    return false;
  }
  return timeout.stopped(count, nowS, LIMITS.silent_after_s);
}
