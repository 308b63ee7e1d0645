// How loud the microphone is, for the level meter and for the notice to somebody who speaks while muted.
const BEGINS = 0.02; // root mean square; app/call/audio/vad.py has -38 dB for the same
const SPEAKS_AFTER = 4;
const QUIET_AFTER = 30;

export class Level {
  private context: AudioContext | null = null;
  private analyser: AnalyserNode | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private track: MediaStreamTrack | null = null;
  private loud = 0;
  private quiet = 0;
  private closed = false;
  speaking = false;

  /** Follows another track; a muted track is followed by a clone, which its mute does not reach. */
  follow(track: MediaStreamTrack | null): void {
    if (track === this.track || (this.closed && track)) return;
    this.source?.disconnect();
    this.stopClone();
    this.track = track;
    this.source = null;
    if (!track || !("AudioContext" in globalThis)) return;
    this.context ??= new AudioContext();
    this.analyser ??= new AnalyserNode(this.context, { fftSize: 2048 });
    this.clone = track.clone();
    this.clone.enabled = true;
    this.source = this.context.createMediaStreamSource(new MediaStream([this.clone]));
    this.source.connect(this.analyser);
  }

  /** Within a tap or a key press: browsers start no sound by themselves. */
  unlock(): void {
    void this.context?.resume().catch(() => undefined);
  }

  /** 0..1, of the last 40 ms; to be read ten times a second. */
  read(): number {
    if (!this.analyser || !this.source) return 0;
    const samples = new Float32Array(this.analyser.fftSize);
    this.analyser.getFloatTimeDomainData(samples);
    const level = Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
    this.note(level);
    return Math.min(1, level * 4);
  }

  private note(level: number): void {
    if (level > BEGINS) {
      this.quiet = 0;
      this.loud += 1;
      this.speaking ||= this.loud >= SPEAKS_AFTER;
      return;
    }
    this.quiet += 1;
    this.loud = Math.max(0, this.loud - 0.25);
    if (this.quiet >= QUIET_AFTER) {
      this.speaking = false;
      this.loud = 0;
    }
  }

  close(): void {
    this.closed = true;
    this.follow(null);
    void this.context?.close().catch(() => undefined);
    this.context = null;
  }

  private clone: MediaStreamTrack | null = null;

  private stopClone(): void {
    this.clone?.stop();
    this.clone = null;
  }
}
