// What this side publishes over one connection: the captures' tracks, replaced and muted as those change.
import { LocalAudioTrack, type LocalTrackPublication, LocalVideoTrack, type Room, Track } from "livekit-client";

import type { Capture, CaptureKind } from "../media/capture.ts";
import type { Devices } from "../media/devices.ts";
import { sleep } from "./connection.ts";
import { LIMITS, PROTOCOL } from "./protocol.ts";
import type { Publication, Store } from "./snapshot.ts";

const KINDS: CaptureKind[] = ["microphone", "camera"];
const { bits_per_s: MAX_BITRATE, rate_hz: RATE_HZ } = PROTOCOL.video;

interface Slot {
  publication: LocalTrackPublication | null;
  working: Promise<void>;
  again: boolean;
  failures: number;
}

export class Published {
  readonly kinds: Record<CaptureKind, Slot> = { camera: nothing(), microphone: nothing() };
  private closed = false;

  /** `onVideo`: there is a sender for video, whose encoding may have to be set. `rejoin` asks for a new connection. */
  constructor(
    private readonly room: Room,
    private readonly devices: Devices,
    private readonly store: Store,
    private readonly onVideo: (sender: RTCRtpSender | null, track: MediaStreamTrack | null) => void,
    private readonly rejoin: () => void,
  ) {}

  /** Brings what is published to what the captures give now; one change at a time for each kind. */
  sync(): void {
    for (const kind of KINDS) {
      const state = this.kinds[kind];
      if (state.again) continue;
      state.again = true;
      state.working = state.working.then(async () => {
        state.again = false;
        await this.bring(kind, state);
      });
    }
  }

  /** The server keeps the state from before where a mute fell into a reconnect: it is told again. */
  resendMute(): void {
    for (const { publication } of Object.values(this.kinds)) {
      if (publication) this.room.engine.updateMuteStatus(publication.trackSid, publication.isMuted);
    }
  }

  /** Returns when what is just being published is. */
  async settled(): Promise<void> {
    await Promise.all(KINDS.map((kind) => this.kinds[kind].working));
  }

  close(): void {
    this.closed = true;
    this.onVideo(null, null);
    this.store.update({ publications: { camera: "none", microphone: "none" } });
  }

  private async bring(kind: CaptureKind, state: Slot): Promise<void> {
    const capture = this.devices.of(kind);
    if (this.closed) return;
    try {
      if (!state.publication) {
        if (capture.sending) await this.publish(kind, state, capture);
      } else {
        await this.follow(kind, state.publication, capture);
      }
      state.failures = 0;
    } catch {
      if (!this.closed) this.retry(kind, state);
    }
  }

  private async publish(kind: CaptureKind, state: Slot, capture: Capture): Promise<void> {
    const media = capture.track;
    if (!media) return;
    this.set(kind, state.failures ? "delayed" : "underway");
    const late = setTimeout(() => this.set(kind, "delayed"), LIMITS.publish_late_s * 1000);
    try {
      state.publication = await this.room.localParticipant.publishTrack(
        kind === "camera" ? new LocalVideoTrack(media, undefined, true) : new LocalAudioTrack(media, undefined, true),
        kind === "camera" ? VIDEO : AUDIO,
      );
    } finally {
      clearTimeout(late);
    }
    this.set(kind, "published");
    await this.follow(kind, state.publication, capture);
  }

  private async follow(kind: CaptureKind, publication: LocalTrackPublication, capture: Capture): Promise<void> {
    const track = publication.track;
    if (!track) return;
    if (!capture.sending) {
      if (!publication.isMuted) await publication.mute();
      return;
    }
    if (capture.track && capture.track !== track.mediaStreamTrack) await track.replaceTrack(capture.track, true);
    if (publication.isMuted) await publication.unmute();
    if (kind === "camera") this.onVideo(track.sender ?? null, capture.track);
  }

  private retry(kind: CaptureKind, state: Slot): void {
    state.failures += 1;
    this.set(kind, "delayed");
    const pauses = LIMITS.publish_retries_s;
    const pause = pauses[Math.min(state.failures, pauses.length) - 1] ?? 1;
    void sleep(pause).then(() => this.sync());
    if (state.failures === LIMITS.failures_before_rejoin) this.rejoin();
  }

  private set(kind: CaptureKind, publication: Publication): void {
    if (!this.closed) this.store.update({ publications: { ...this.store.snapshot.publications, [kind]: publication } });
  }
}

function nothing(): Slot {
  return { publication: null, working: Promise.resolve(), again: false, failures: 0 };
}

/** As the native engine's: no simulcast in a call of two, and over a narrow path the picture shrinks. */
const VIDEO = {
  source: Track.Source.Camera,
  name: "camera",
  videoCodec: "vp8",
  simulcast: false,
  videoEncoding: { maxBitrate: MAX_BITRATE, maxFramerate: RATE_HZ },
  degradationPreference: "maintain-framerate",
} as const;
const AUDIO = { source: Track.Source.Microphone, name: "microphone", red: true } as const;
