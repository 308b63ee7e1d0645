// The screen, window or tab that this side shares: the browser lets the person choose it, and ends it when they say so
// (https://w3c.github.io/mediacapture-screen-share/). The tracks outlive the connections over which they are sent.
import { PROTOCOL } from "../call/protocol.ts";
import type { ScreenFault, Store } from "../call/snapshot.ts";

const { width, height, rate_hz: rateHz } = PROTOCOL.screen;
/** Not all of it is in TypeScript's types yet. The call's own tab would be a picture in a picture without end, and the
 * whole system's sound has the other's voice in it, which would come back to them.
 */
const WANTED = {
  video: { width: { max: width }, height: { max: height }, frameRate: { max: rateHz }, cursor: "always" },
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, // made for a voice, not for music
  selfBrowserSurface: "exclude",
  surfaceSwitching: "include",
  systemAudio: "exclude",
} as DisplayMediaStreamOptions;

/** Phones that have the function refuse it: there a screen is shown in no other program. */
export function canShareScreen(): boolean {
  const mobile = (navigator as { userAgentData?: { mobile?: boolean } }).userAgentData?.mobile;
  return Boolean(navigator.mediaDevices?.getDisplayMedia) && !(mobile ?? /Android|iPhone|iPad/.test(navigator.userAgent));
}

export class ScreenShare {
  video: MediaStreamTrack | null = null;
  audio: MediaStreamTrack | null = null;
  /** What is shared has changed: what is published has to follow. */
  onChange: () => void = () => undefined;
  private asking = false;
  private closed = false;

  constructor(private readonly store: Store) {}

  /** Within a tap or a key press: the browser asks the person which one. */
  async start(): Promise<void> {
    if (this.asking || this.video || this.closed || !canShareScreen()) return;
    this.asking = true;
    this.store.update({ screen: { sharing: false, fault: null } });
    try {
      this.take(await navigator.mediaDevices.getDisplayMedia(WANTED));
    } catch (error) {
      this.store.update({ screen: { sharing: false, fault: faultOf(error) } });
    } finally {
      this.asking = false;
    }
  }

  stop(): void {
    if (!this.video) return;
    for (const track of [this.video, this.audio]) track?.stop();
    this.video = this.audio = null;
    this.store.update({ screen: { sharing: false, fault: null } });
    this.onChange();
  }

  hideFault(): void {
    this.store.update({ screen: { ...this.store.snapshot.screen, fault: null } });
  }

  /** The call is over: also what the person chooses after that is let go. */
  close(): void {
    this.stop();
    this.closed = true;
  }

  private take(stream: MediaStream): void {
    const [video = null] = stream.getVideoTracks();
    const [audio = null] = stream.getAudioTracks();
    if (this.closed || !video) return stream.getTracks().forEach((track) => track.stop());
    video.contentHint = "detail"; // the resolution is kept, and the rate gives way
    video.addEventListener("ended", () => this.video === video && this.stop());
    [this.video, this.audio] = [video, audio];
    this.store.update({ screen: { sharing: true, fault: null } });
    this.onChange();
  }
}

/** A person who closes the browser's choice has not failed; a system that forbids it says so in the message alone. */
function faultOf(error: unknown): ScreenFault | null {
  const { name, message } = error instanceof DOMException ? error : { name: "", message: "" };
  if (name === "NotAllowedError") return /system/i.test(message) ? "refused" : null;
  if (name === "NotFoundError") return "none_there";
  return name === "AbortError" ? null : "failed";
}
