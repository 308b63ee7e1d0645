// Oneself in a corner of the stage: dragged to another one, or sent there by the arrow keys. The other, where they are
// an inset too, stands above or below.
const ARROWS: Record<string, [string, string]> = {
  ArrowLeft: ["right", "left"],
  ArrowRight: ["left", "right"],
  ArrowUp: ["bottom", "top"],
  ArrowDown: ["top", "bottom"],
};

export class InsetPlace {
  private corner = "bottom-right";
  private from: [number, number] | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly other: HTMLElement,
  ) {
    this.place();
    element.addEventListener("pointerdown", (event) => this.begin(event));
    element.addEventListener("pointermove", (event) => this.drag(event));
    element.addEventListener("pointerup", (event) => this.drop(event));
    element.addEventListener("pointercancel", () => this.settle());
  }

  /** Whether the key moves it. */
  onArrow(key: string): boolean {
    const way = ARROWS[key];
    if (!way) return false;
    this.corner = this.corner.replace(...way);
    this.place();
    return true;
  }

  private begin(event: PointerEvent): void {
    this.from = [event.clientX, event.clientY];
    this.element.setPointerCapture(event.pointerId);
    this.element.classList.add("dragged");
  }

  private drag(event: PointerEvent): void {
    if (!this.from) return;
    const [x, y] = this.from;
    this.element.style.translate = `${event.clientX - x}px ${event.clientY - y}px`;
  }

  private drop(event: PointerEvent): void {
    if (!this.from) return;
    const box = this.element.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    this.corner = `${y < innerHeight / 2 ? "top" : "bottom"}-${x < innerWidth / 2 ? "left" : "right"}`;
    this.element.releasePointerCapture(event.pointerId);
    this.settle();
  }

  private settle(): void {
    this.from = null;
    this.element.style.translate = "";
    this.element.classList.remove("dragged");
    this.place();
  }

  private place(): void {
    const [upright = "bottom", side = "right"] = this.corner.split("-");
    this.element.dataset.corner = this.corner;
    this.other.dataset.corner = `${upright === "top" ? "bottom" : "top"}-${side}`;
  }
}
