// Plays the peer's sound, and that of a screen that they share. Browsers let a page play only once somebody has tapped: the Join tap unlocks the element.
import type { Store } from "../call/snapshot.ts";
import type { Devices } from "./devices.ts";

export class Speaker {
  readonly element = document.createElement("audio");
  private readonly ofScreen = document.createElement("audio");
  private readonly removeSinks: (() => void)[];

  constructor(
    private readonly store: Store,
    devices: Devices,
  ) {
    for (const element of [this.element, this.ofScreen]) {
      element.autoplay = true;
      element.setAttribute("playsinline", "");
      document.body.append(element);
    }
    this.removeSinks = [this.element, this.ofScreen].map((element) => devices.addSink(element));
  }

  /** What it plays. */
  get tracks(): MediaStreamTrack[] {
    return [this.element, this.ofScreen].flatMap(({ srcObject }) =>
      srcObject instanceof MediaStream ? srcObject.getAudioTracks() : [],
    );
  }

  /** Within a tap or a key press. */
  unlock(): void {
    void this.play();
  }

  set(track: MediaStreamTrack | null): void {
    this.element.srcObject = track ? new MediaStream([track]) : null;
    if (track) void this.play();
    else this.store.update({ audioBlocked: false });
  }

  /** The sound of the screen that they share. Where the voice may be played, so may this. */
  setScreen(track: MediaStreamTrack | null): void {
    this.ofScreen.srcObject = track ? new MediaStream([track]) : null;
    if (track) void this.ofScreen.play().catch(() => undefined);
  }

  async play(): Promise<void> {
    if (this.ofScreen.srcObject) void this.ofScreen.play().catch(() => undefined);
    try {
      await this.element.play();
      this.store.update({ audioBlocked: false });
    } catch (error) {
      const blocked = error instanceof DOMException && error.name === "NotAllowedError";
      if (blocked && this.element.srcObject) this.store.update({ audioBlocked: true });
    }
  }

  close(): void {
    for (const remove of this.removeSinks) remove();
    for (const element of [this.element, this.ofScreen]) {
      element.srcObject = null;
      element.remove();
    }
  }
}
