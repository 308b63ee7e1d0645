// Applies the step that is allowed now to the encoder of this side's video: its size and rate, or nothing.
import { PAUSED, STEPS } from "../quality/policy.ts";
import { PROTOCOL } from "./protocol.ts";

export class VideoSender {
  private sender: RTCRtpSender | null = null;
  private track: MediaStreamTrack | null = null;
  private step = 0;
  private applying = Promise.resolve();

  use(sender: RTCRtpSender | null, track: MediaStreamTrack | null): void {
    this.sender = sender;
    this.track = track;
    this.apply();
  }

  setStep(step: number): void {
    this.step = step;
    this.apply();
  }

  /** One after the other: `setParameters` takes only what `getParameters` gave last. */
  private apply(): void {
    this.applying = this.applying.then(() => this.set()).catch(() => undefined);
  }

  private async set(): Promise<void> {
    const { sender, track } = this;
    if (!sender || !track) return;
    const parameters = sender.getParameters();
    const [encoding] = parameters.encodings;
    if (!encoding) return; // not negotiated yet: a new publication starts with everything
    const allowed = STEPS[this.step] ?? PROTOCOL_FULL;
    encoding.active = this.step !== PAUSED;
    if (encoding.active) {
      encoding.scaleResolutionDownBy = scaleFor(track, allowed.width, allowed.height);
      encoding.maxFramerate = allowed.rateHz;
      encoding.maxBitrate = PROTOCOL.video.bits_per_s;
    }
    await sender.setParameters(parameters);
  }
}

const PROTOCOL_FULL = { width: PROTOCOL.video.width, height: PROTOCOL.video.height, rateHz: PROTOCOL.video.rate_hz };

/** A phone's picture stands upright: the longer side is held against the longer one. */
function scaleFor(track: MediaStreamTrack, width: number, height: number): number {
  const { width: w = 0, height: h = 0 } = track.getSettings();
  return Math.max(1, Math.max(w, h) / Math.max(width, height), Math.min(w, h) / Math.min(width, height));
}
