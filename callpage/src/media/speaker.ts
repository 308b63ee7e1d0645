// Plays the peer's sound. Browsers let a page play only once somebody has tapped: the Join tap unlocks the element.
import type { Store } from "../call/snapshot.ts";
import type { Devices } from "./devices.ts";

export class Speaker {
  readonly element = document.createElement("audio");
  private readonly removeSink: () => void;

  constructor(
    private readonly store: Store,
    devices: Devices,
  ) {
    this.element.autoplay = true;
    this.element.setAttribute("playsinline", "");
    document.body.append(this.element);
    this.removeSink = devices.addSink(this.element);
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

  async play(): Promise<void> {
    try {
      await this.element.play();
      this.store.update({ audioBlocked: false });
    } catch (error) {
      const blocked = error instanceof DOMException && error.name === "NotAllowedError";
      if (blocked && this.element.srcObject) this.store.update({ audioBlocked: true });
    }
  }

  close(): void {
    this.removeSink();
    this.element.srcObject = null;
    this.element.remove();
  }
}
