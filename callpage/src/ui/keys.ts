// What the call's keys do: the app's own (app/components/call/stage/keys.py, push_to_talk.py), and P.
export interface KeyActions {
  microphone: () => void;
  camera: () => void;
  quality: () => void;
  chat: () => void;
  notes: () => void;
  timer: () => void;
  keys: () => void;
  layout: () => void;
  fullScreen: () => void;
  screen: () => void;
  /** +, - or 0, of a screen that the other shares. */
  zoom: (key: string) => void;
  pictureInPicture: () => void;
  arrow: (key: string) => boolean;
  escape: () => void;
  /** Push to talk: speaks while the key is held. */
  talk: (on: boolean) => void;
  awake: () => void;
}

export class CallKeys {
  private talking = false;

  constructor(
    private readonly does: KeyActions,
    private readonly muted: () => boolean,
  ) {
    addEventListener("keydown", this.down);
    addEventListener("keyup", this.up);
    addEventListener("blur", this.release);
  }

  close(): void {
    removeEventListener("keydown", this.down);
    removeEventListener("keyup", this.up);
    removeEventListener("blur", this.release);
    this.release();
  }

  private readonly down = (event: KeyboardEvent): void => {
    const { does } = this;
    does.awake();
    if (event.key === "Escape") return does.escape();
    if (event.target instanceof HTMLTextAreaElement) return; // what is written there is text
    if (event.ctrlKey || event.altKey || event.metaKey || event.target instanceof HTMLSelectElement) return;
    if (event.key === "?") return does.keys();
    if (event.key === " " && !(event.target instanceof HTMLButtonElement)) {
      event.preventDefault();
      if (!event.repeat && this.muted()) this.talk(true);
      return;
    }
    if (["+", "-", "0"].includes(event.key)) return does.zoom(event.key);
    if (event.key.startsWith("Arrow")) {
      if (does.arrow(event.key)) event.preventDefault();
      return;
    }
    // What a key opens may take the keyboard at once: the letter is not to be written there.
    if (!event.repeat && this.letter(event.key.toLowerCase())) event.preventDefault();
  };

  private letter(key: string): boolean {
    const { does } = this;
    const actions: Record<string, () => void> = {
      m: does.microphone,
      v: does.camera,
      q: does.quality,
      c: does.chat,
      n: does.notes,
      t: does.timer,
      l: does.layout,
      f: does.fullScreen,
      s: does.screen,
      p: does.pictureInPicture,
    };
    actions[key]?.();
    return key in actions;
  }

  private readonly up = (event: KeyboardEvent): void => {
    if (event.key === " ") this.release();
  };

  /** Also when the window loses the keyboard: the release goes elsewhere then. */
  private readonly release = (): void => {
    if (this.talking) this.talk(false);
  };

  private talk(on: boolean): void {
    this.talking = on;
    this.does.talk(on);
  }
}
