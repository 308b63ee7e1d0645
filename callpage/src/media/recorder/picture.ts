// What is seen on a recording: both people, and a shared screen, on a canvas whose frames are recorded.
import { type Box, layoutOf, within } from "./layout.ts";

/** Null: off, or away. */
export interface Seen {
  other: MediaStreamTrack | null;
  own: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
}

const [GROUND, TILE, TEXT] = ["#0D1413", "#1B2523", "#A9BAB5"];
const [TILE_WIDTH, TILE_HEIGHT] = [16, 9];

type Frames = MediaStreamTrack & { requestFrame?: () => void };

export class Picture {
  readonly track: Frames;
  private readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D | null;
  private readonly videos = new Map<MediaStreamTrack, HTMLVideoElement>();
  private readonly stream: MediaStream;

  /** `names`: of whom is not seen. */
  constructor(
    width: number,
    height: number,
    private readonly names: { other: string; own: string },
  ) {
    [this.canvas.width, this.canvas.height] = [width, height];
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.stream = this.canvas.captureStream(0); // a frame for each drawing, also where nothing is shown
    let [track] = this.stream.getVideoTracks() as Frames[];
    if (track && !track.requestFrame) [track] = (this.stream = this.canvas.captureStream()).getVideoTracks() as Frames[];
    if (!this.context || !track) throw new Error("no canvas");
    this.track = track;
  }

  draw(seen: Seen): void {
    const { context, canvas } = this;
    if (!context) return;
    this.follow(Object.values(seen) as Seen[keyof Seen][]);
    context.fillStyle = GROUND;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const places = layoutOf(canvas.width, canvas.height, seen.screen !== null);
    if (places.screen) this.put(seen.screen, places.screen, "");
    this.put(seen.other, places.other, this.names.other);
    this.put(seen.own, places.own, this.names.own);
    this.track.requestFrame?.();
  }

  close(): void {
    this.follow([]);
    this.track.stop();
  }

  /** Whole, whatever its shape; a plain tile where there is none. */
  private put(track: MediaStreamTrack | null, box: Box, name: string): void {
    const { context } = this;
    const video = track && this.videos.get(track);
    if (!context) return;
    if (video?.videoWidth) return context.drawImage(video, ...within(box, video.videoWidth, video.videoHeight));
    const [left, top, width, height] = within(box, TILE_WIDTH, TILE_HEIGHT);
    context.fillStyle = TILE;
    context.fillRect(left, top, width, height);
    context.fillStyle = TEXT;
    context.font = `${height / 9}px Inter, sans-serif`;
    context.textAlign = "center";
    context.fillText(name, left + width / 2, top + height / 2, width * 0.9);
  }

  private follow(tracks: (MediaStreamTrack | null)[]): void {
    for (const [track, video] of this.videos) {
      if (tracks.includes(track)) continue;
      video.srcObject = null;
      this.videos.delete(track);
    }
    for (const track of tracks) {
      if (!track || this.videos.has(track)) continue;
      const video = document.createElement("video");
      video.muted = video.playsInline = true;
      video.srcObject = new MediaStream([track]);
      void video.play().catch(() => undefined);
      this.videos.set(track, video);
    }
  }
}
