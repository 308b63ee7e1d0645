// One camera or microphone of this side: opened, switched, taken away, come back. The track is ours, not LiveKit's: it
// outlives the connections over which it is sent.
import type { Fault } from "../call/protocol.ts";
import type { DeviceState } from "../call/snapshot.ts";

export type CaptureKind = "camera" | "microphone";
export type Facing = "user" | "environment";

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const MUTED_LIMIT_MS = 2_000;

/** What getUserMedia's errors mean (https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia). */
export function faultOf(error: unknown): Fault {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotFoundError":
    case "OverconstrainedError":
    case "DevicesNotFoundError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
    case "TrackStartError":
      return "busy";
    default:
      return "no_driver";
  }
}

export class Capture {
  track: MediaStreamTrack | null = null;
  state: DeviceState;
  facing: Facing = "user";
  /** What the person has chosen; empty: whatever the browser takes. */
  deviceId = "";
  private attempt = 0;
  private interrupted = false;

  constructor(
    readonly kind: CaptureKind,
    enabled: boolean,
    private readonly onChange: () => void,
  ) {
    this.state = { enabled, working: false, opening: false, fault: null, deviceId: "", label: "" };
  }

  /** Whether something of it may be sent: on, and working. */
  get sending(): boolean {
    return this.state.enabled && this.state.working && this.track !== null;
  }

  get constraints(): MediaTrackConstraints {
    const device: MediaTrackConstraints = this.deviceId ? { deviceId: { exact: this.deviceId } } : {};
    if (this.kind === "microphone") return { ...SOUND, ...device };
    return { ...PICTURE, ...(this.deviceId ? device : { facingMode: this.facing }) };
  }

  /** Takes a track that was opened together with the other kind's. */
  adopt(track: MediaStreamTrack): void {
    this.attempt += 1;
    this.take(track);
  }

  fail(fault: Fault): void {
    this.attempt += 1;
    this.drop();
    this.set({ working: false, opening: false, fault });
  }

  /** Opens it, or opens it again. The one before is closed first: Safari gives a device only once. */
  async open(): Promise<void> {
    const attempt = ++this.attempt;
    this.drop();
    if (!navigator.mediaDevices) return this.set({ working: false, fault: "no_driver" });
    this.set({ opening: true, working: false });
    try {
      const track = await this.request();
      if (attempt === this.attempt && this.state.enabled) this.take(track);
      else track.stop();
    } catch (error) {
      if (attempt === this.attempt) this.set({ opening: false, working: false, fault: faultOf(error) });
    }
  }

  private async request(): Promise<MediaStreamTrack> {
    try {
      return await trackOf(this.kind, this.constraints);
    } catch (error) {
      if (faultOf(error) !== "missing" || !this.deviceId) throw error;
      this.deviceId = ""; // the chosen one is away: whatever else is there
      return trackOf(this.kind, this.constraints);
    }
  }

  /** A camera that is off is closed, and its light with it; a microphone stays open, so that unmuting is immediate. */
  async setEnabled(on: boolean): Promise<void> {
    if (on === this.state.enabled) return;
    this.set({ enabled: on });
    if (on) {
      if (!this.track || this.track.readyState === "ended") await this.open();
      else this.set({ working: !this.track.muted });
    } else if (this.kind === "camera") {
      this.attempt += 1;
      this.drop();
      this.set({ working: false, opening: false, fault: null });
    }
  }

  async choose(deviceId: string): Promise<void> {
    this.deviceId = deviceId;
    this.set({ deviceId });
    if (this.state.enabled || this.kind === "microphone") await this.open();
  }

  async flip(): Promise<void> {
    this.facing = this.facing === "user" ? "environment" : "user";
    this.deviceId = "";
    if (this.state.enabled) await this.open();
  }

  /** The page is seen again, or the devices have changed: what was taken away meanwhile is opened again. */
  async revive(): Promise<void> {
    const gone = !this.track || this.track.readyState === "ended" || this.interrupted;
    if (gone && this.state.enabled && !this.state.opening && this.state.fault !== "refused") await this.open();
  }

  close(): void {
    this.attempt += 1;
    this.drop();
    this.set({ working: false, opening: false });
  }

  private take(track: MediaStreamTrack): void {
    this.drop();
    this.track = track;
    this.interrupted = false;
    track.contentHint = this.kind === "camera" ? "motion" : "speech";
    track.onended = () => this.ended(track);
    track.onmute = () => this.silenced(track);
    track.onunmute = () => this.heardAgain(track);
    const deviceId = track.getSettings().deviceId ?? this.deviceId;
    this.set({ opening: false, working: true, fault: null, deviceId, label: track.label });
  }

  /** Taken away: unplugged, no longer allowed, or ended by the system. Something else may stand in. */
  private ended(track: MediaStreamTrack): void {
    if (track === this.track && this.state.enabled) void this.open();
  }

  /** The system has taken it for a while, as iOS does for a phone call or a page that nobody sees. */
  private silenced(track: MediaStreamTrack): void {
    if (track !== this.track) return;
    this.interrupted = true;
    this.set({ working: false });
    setTimeout(() => {
      if (this.interrupted && track === this.track && !document.hidden && this.state.enabled) {
        this.set({ fault: "silent" });
      }
    }, MUTED_LIMIT_MS);
  }

  private heardAgain(track: MediaStreamTrack): void {
    if (track !== this.track) return;
    this.interrupted = false;
    this.set({ working: true, fault: null });
  }

  private drop(): void {
    if (!this.track) return;
    this.track.onended = this.track.onmute = this.track.onunmute = null;
    this.track.stop();
    this.track = null;
    this.interrupted = false;
  }

  private set(changes: Partial<DeviceState>): void {
    this.state = { ...this.state, ...changes };
    this.onChange();
  }
}

async function trackOf(kind: CaptureKind, constraints: MediaTrackConstraints): Promise<MediaStreamTrack> {
  const wanted = kind === "camera" ? { video: constraints } : { audio: constraints };
  const [track] = (await navigator.mediaDevices.getUserMedia(wanted)).getTracks();
  if (!track) throw new DOMException("no track", "NotFoundError");
  return track;
}
