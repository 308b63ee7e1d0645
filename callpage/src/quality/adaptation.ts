// Both directions of adaptation: the video that this side sends, and what it asks the peer to send
// (app/call/adaptation/controller.py). A request is a data message, one digit.
import { PROTOCOL } from "../call/protocol.ts";
import {
  DegradationPolicy,
  downlinkDegraded,
  FULL,
  LossSmoother,
  PAUSED,
  smallestOf,
  STEPS,
  TileSize,
  uplinkDegraded,
} from "./policy.ts";
import type { Sample } from "./samples.ts";

const { adaptation: LIMITS } = PROTOCOL;

export class AdaptationController {
  /** What may be sent now: an index of `STEPS`. */
  step = FULL;
  /** Whether somebody can see the peer's video, and in how many device pixels. */
  remoteVideoVisible = true;
  remoteVideoBox: [number, number] | null = null;
  private readonly tile = new TileSize();
  private readonly outgoing = new DegradationPolicy();
  private readonly incoming = new DegradationPolicy();
  private readonly loss = new LossSmoother();
  private requested = FULL;
  private requestedAtS = 0;
  private sent = FULL;
  private sentAtS = 0;
  private reducedAtS: number | null = null;
  private pausedAtS: number | null = null;
  private framesWhenPaused = 0;
  private limitedS = 0;
  private knownS = 0;

  constructor(private readonly onStep: () => void) {}

  note(sample: Sample): void {
    this.knownS += sample.spanS;
    const settled = this.knownS > LIMITS.settling_s;
    const smooth = this.loss.smooth(sample);
    this.outgoing.note(settled && uplinkDegraded(smooth), sample.spanS);
    if (this.remoteVideoVisible) this.incoming.note(settled && downlinkDegraded(smooth), sample.spanS);
    this.limitedS = sample.bandwidthLimited ? this.limitedS + sample.spanS : 0;
    this.setStep(sample.atS);
  }

  /** The peer's request; anything else on the topic is ignored. */
  onRequest(payload: Uint8Array, nowS: number): void {
    const text = new TextDecoder().decode(payload);
    if (!/^\d$/.test(text) || Number(text) >= STEPS.length) return;
    this.requested = Number(text);
    this.requestedAtS = nowS;
    this.setStep(nowS);
  }

  expireRequest(nowS: number): void {
    this.setStep(nowS);
  }

  /** What to send to the peer now: at once when it changes, again and again while it is less than everything. */
  nextRequest(nowS: number): string | null {
    this.tile.update(this.remoteVideoBox, nowS);
    const request = this.remoteVideoVisible ? smallestOf(this.incoming.step, this.tile.step) : PAUSED;
    const pauseS = request === FULL ? LIMITS.full_repeat_s : LIMITS.request_repeat_s;
    const again = (request !== FULL || this.mayBeReduced(nowS)) && nowS - this.sentAtS >= pauseS;
    if (request === this.sent && !again) return null;
    this.sent = request;
    this.sentAtS = nowS;
    if (request !== FULL) this.reducedAtS = nowS;
    return String(request);
  }

  /** Who has just come knows nothing of what was asked before. */
  onNewPeer(): void {
    this.sent = this.requested = FULL;
    this.reducedAtS = null;
    this.knownS = 0;
  }

  /** Whether the peer's video has to be coming, `frames` having come so far. */
  remoteVideoExpected(frames: number, nowS: number): boolean {
    if (!this.remoteVideoVisible) {
      this.pausedAtS = nowS;
      this.framesWhenPaused = frames;
      return false;
    }
    if (this.pausedAtS === null) return true;
    if (frames <= this.framesWhenPaused && nowS - this.pausedAtS <= LIMITS.request_valid_s) return false;
    this.pausedAtS = null;
    return true;
  }

  get degraded(): boolean {
    const whole = [FULL, PAUSED, ...LIMITS.tiles];
    return !whole.includes(this.step) || this.limitedS >= LIMITS.bandwidth_limited_after_s;
  }

  private mayBeReduced(nowS: number): boolean {
    return this.reducedAtS !== null && nowS - this.reducedAtS <= LIMITS.request_valid_s;
  }

  private setStep(nowS: number): void {
    if (nowS - this.requestedAtS > LIMITS.request_valid_s) this.requested = FULL;
    const step = smallestOf(this.outgoing.step, this.requested);
    if (step === this.step) return;
    this.step = step;
    this.onStep();
  }
}
