// What one connection carries of the shared screen: its video, and its sound where the browser gives one.
import { LocalAudioTrack, LocalVideoTrack, type LocalTrackPublication, type Room, Track } from "livekit-client";

import type { ScreenShare } from "../media/screen.ts";
import { sleep } from "./connection.ts";
import { LIMITS, PROTOCOL } from "./protocol.ts";

const { bits_per_s: MAX_BITRATE, rate_hz: RATE_HZ } = PROTOCOL.screen;

export class PublishedScreen {
  private readonly sent = new Map<MediaStreamTrack, LocalTrackPublication>();
  private working = Promise.resolve();
  private failures = 0;
  private closed = false;

  /** `paused`: nothing of the screen is to be sent now. `rejoin` asks for a new connection. */
  constructor(
    private readonly room: Room,
    private readonly share: ScreenShare,
    private readonly paused: () => boolean,
    private readonly rejoin: () => void,
  ) {}

  /** Brings what is published to what is shared now, one change at a time. */
  sync(): void {
    this.working = this.working.then(() => this.bring());
  }

  /** Returns when what is just being published is. */
  async settled(): Promise<void> {
    await this.working;
  }

  close(): void {
    this.closed = true;
  }

  private async bring(): Promise<void> {
    if (this.closed) return;
    try {
      for (const [media, publication] of this.sent) await this.end(media, publication);
      for (const media of [this.share.video, this.share.audio]) if (media) await this.publish(media);
      await this.pause();
      this.failures = 0;
    } catch {
      if (!this.closed) this.retry();
    }
  }

  private async end(media: MediaStreamTrack, publication: LocalTrackPublication): Promise<void> {
    if (media === this.share.video || media === this.share.audio) return;
    this.sent.delete(media);
    if (publication.track) await this.room.localParticipant.unpublishTrack(publication.track, false);
  }

  private async publish(media: MediaStreamTrack): Promise<void> {
    if (this.sent.has(media) || media.readyState === "ended") return;
    const [track, options] =
      media.kind === "video"
        ? [new LocalVideoTrack(media, undefined, true), VIDEO]
        : [new LocalAudioTrack(media, undefined, true), AUDIO];
    this.sent.set(media, await this.room.localParticipant.publishTrack(track, options));
  }

  private async pause(): Promise<void> {
    const sender = this.share.video && this.sent.get(this.share.video)?.track?.sender;
    const parameters = sender?.getParameters();
    const [encoding] = parameters?.encodings ?? [];
    if (!sender || !parameters || !encoding || encoding.active === !this.paused()) return;
    encoding.active = !this.paused();
    await sender.setParameters(parameters);
  }

  private retry(): void {
    this.failures += 1;
    const pauses = LIMITS.publish_retries_s;
    void sleep(pauses[Math.min(this.failures, pauses.length) - 1] ?? 1).then(() => this.sync());
    if (this.failures === LIMITS.failures_before_rejoin) this.rejoin();
  }
}

const VIDEO = {
  source: Track.Source.ScreenShare,
  name: "screen",
  videoCodec: "vp8",
  simulcast: false,
  screenShareEncoding: { maxBitrate: MAX_BITRATE, maxFramerate: RATE_HZ },
  degradationPreference: "maintain-resolution",
} as const;
const AUDIO = { source: Track.Source.ScreenShareAudio, name: "screen-audio", red: false, dtx: false } as const;
