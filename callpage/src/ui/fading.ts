// The controls fade while nobody needs them, and come back at any sign of life. Not where motion is unwelcome or a
// finger is all there is to bring them back with a screen reader.
const FADE_AFTER_MS = 4_000;

export class Fading {
  /** Nothing is wrong and nothing is open. */
  calm = false;
  private last = Date.now();
  private readonly timer = setInterval(() => this.look(), 1000);
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");
  readonly awake = (): void => {
    this.last = Date.now();
    this.look();
  };

  constructor(private readonly stage: HTMLElement) {
    for (const sign of ["pointermove", "pointerdown", "focusin"]) stage.addEventListener(sign, this.awake);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const quiet = Date.now() - this.last > FADE_AFTER_MS;
    const focused = this.stage.querySelector(".bar :focus-visible, .upper :focus-visible") !== null;
    this.stage.classList.toggle("faded", quiet && this.calm && !this.still.matches && !focused);
  }
}
