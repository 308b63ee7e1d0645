// What is heard on a recording: both voices and the sound of shared screens, mixed; and the clock of its frames.

export class Sound {
  private readonly context = new AudioContext();
  private readonly mixed = this.context.createMediaStreamDestination();
  private readonly silent = new GainNode(this.context, { gain: 0 });
  private readonly heard = new Map<MediaStreamTrack, MediaStreamAudioSourceNode>();

  private readonly seen = () => void this.context.resume().catch(() => undefined); // a phone call has held it

  constructor() {
    this.silent.connect(this.mixed);
    document.addEventListener("visibilitychange", this.seen);
  }

  get track(): MediaStreamTrack | undefined {
    return this.mixed.stream.getAudioTracks()[0];
  }

  follow(tracks: MediaStreamTrack[]): void {
    for (const [track, source] of this.heard) {
      if (tracks.includes(track)) continue;
      source.disconnect();
      this.heard.delete(track);
    }
    for (const track of tracks) {
      if (this.heard.has(track)) continue;
      const source = this.context.createMediaStreamSource(new MediaStream([track]));
      source.connect(this.mixed);
      this.heard.set(track, source);
    }
  }

  /** Calls `tick` so often a second, until this is closed. A page that nobody sees is given one timer a second and no
   * frames to animate, but its sound goes on: silences of the right length say when each is over.
   */
  every(seconds: number, tick: () => void): void {
    let due = this.context.currentTime;
    const next = (): void => {
      if (this.context.state === "closed") return;
      const now = this.context.currentTime;
      due = Math.max(due + seconds, now);
      const silence = new ConstantSourceNode(this.context, { offset: 0 });
      silence.connect(this.silent);
      silence.onended = () => {
        silence.disconnect();
        tick();
        next();
      };
      silence.start();
      silence.stop(due);
    };
    this.seen();
    next();
  }

  close(): void {
    this.follow([]);
    document.removeEventListener("visibilitychange", this.seen);
    void this.context.close().catch(() => undefined);
  }
}
