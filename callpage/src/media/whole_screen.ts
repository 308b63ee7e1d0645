// What a browser offers around a call, each where it has it: the screen stays on, picture in picture, full screen.

/** Keeps the screen from going dark while the page is seen (https://w3c.github.io/screen-wake-lock/). */
export class WakeLock {
  private lock: WakeLockSentinel | null = null;
  private wanted = true;
  private readonly seen = () => void this.take();

  constructor() {
    document.addEventListener("visibilitychange", this.seen);
    void this.take();
  }

  private async take(): Promise<void> {
    if (!("wakeLock" in navigator) || document.hidden || !this.wanted) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
    } catch {
      this.lock = null; // the battery is low: the system decides
    }
  }

  close(): void {
    this.wanted = false;
    document.removeEventListener("visibilitychange", this.seen);
    void this.lock?.release().catch(() => undefined);
  }
}

type SafariVideo = HTMLVideoElement & {
  webkitSupportsPresentationMode?: (mode: string) => boolean;
  webkitSetPresentationMode?: (mode: string) => void;
  webkitPresentationMode?: string;
};

/** The other's video in a small window above all others. */
export class PictureInPicture {
  constructor(private readonly video: SafariVideo) {}

  get possible(): boolean {
    return document.pictureInPictureEnabled || (this.video.webkitSupportsPresentationMode?.("picture-in-picture") ?? false);
  }

  get on(): boolean {
    return document.pictureInPictureElement === this.video || this.video.webkitPresentationMode === "picture-in-picture";
  }

  async toggle(): Promise<void> {
    try {
      if (document.pictureInPictureEnabled) {
        await (this.on ? document.exitPictureInPicture() : this.video.requestPictureInPicture());
      } else {
        this.video.webkitSetPresentationMode?.(this.on ? "inline" : "picture-in-picture");
      }
    } catch {
      // no video yet, or not allowed now: nothing changes
    }
  }

  async leave(): Promise<void> {
    if (this.on) await this.toggle();
  }
}

export const canBeFullScreen = (): boolean => document.fullscreenEnabled;

export async function toggleFullScreen(): Promise<void> {
  try {
    await (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  } catch {
    // not allowed now: nothing changes
  }
}
