// Zoom and pan of a picture in its frame: by wheel, pinch, drag, double click, buttons and keys.
export const MOST = 6;
const STEP = 1.4;
const DOUBLE_CLICK = 2.5;
const PAN_SHARE = 0.15;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
/** Of a wheel's movement, in CSS pixels; a trackpad's pinch comes as small movements with Ctrl. */
const WHEEL = 0.0015;
const PINCH = 0.01;

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };

/** As large as `factor` says, with the same spot of the picture under the point. The frame stays covered. */
export function zoomedAt(view: View, factor: number, x: number, y: number, width: number, height: number): View {
  const scale = Math.min(MOST, Math.max(1, view.scale * factor));
  const grown = scale / view.scale;
  return covering({ scale, x: x - (x - view.x) * grown, y: y - (y - view.y) * grown }, width, height);
}

export function panned(view: View, x: number, y: number, width: number, height: number): View {
  return covering({ ...view, x: view.x + x, y: view.y + y }, width, height);
}

function covering({ scale, x, y }: View, width: number, height: number): View {
  const within = (at: number, size: number) => Math.min(0, Math.max(size * (1 - scale), at));
  return { scale, x: within(x, width), y: within(y, height) };
}

export class Zoom {
  view = WHOLE;
  private readonly pointers = new Map<number, [number, number]>();

  /** `frame` is what holds the picture and takes the gestures. `onChange`: buttons may have to follow. */
  constructor(
    private readonly frame: HTMLElement,
    private readonly picture: HTMLElement,
    private readonly onChange: () => void,
  ) {
    picture.style.transformOrigin = "0 0";
    frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    frame.addEventListener("dblclick", (event) => this.double(event));
    frame.addEventListener("pointerdown", (event) => this.down(event));
    frame.addEventListener("pointermove", (event) => this.move(event));
    for (const over of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
      frame.addEventListener(over, ({ pointerId }) => this.pointers.delete(pointerId));
    }
  }

  get zoomed(): boolean {
    return this.view.scale > 1;
  }

  larger(): void {
    this.byMiddle(STEP);
  }

  smaller(): void {
    this.byMiddle(1 / STEP);
  }

  whole(): void {
    this.set(WHOLE);
  }

  /** Whether the key moves the picture: only where there is more of it than is seen. */
  onArrow(key: string): boolean {
    const way = ARROWS[key];
    if (!this.zoomed || !way) return false;
    const [x, y] = way;
    const [width, height] = this.size;
    this.set(panned(this.view, x * width * PAN_SHARE, y * height * PAN_SHARE, width, height));
    return true;
  }

  private get size(): [number, number] {
    return [this.frame.clientWidth, this.frame.clientHeight];
  }

  private place({ clientX, clientY }: { clientX: number; clientY: number }): [number, number] {
    const { left, top } = this.frame.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  private byMiddle(factor: number): void {
    const [width, height] = this.size;
    this.set(zoomedAt(this.view, factor, width / 2, height / 2, width, height));
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const factor = Math.exp(-event.deltaY * (event.ctrlKey ? PINCH : WHEEL));
    this.set(zoomedAt(this.view, factor, ...this.place(event), ...this.size));
  }

  private double(event: MouseEvent): void {
    this.set(this.zoomed ? WHOLE : zoomedAt(this.view, DOUBLE_CLICK, ...this.place(event), ...this.size));
  }

  private down(event: PointerEvent): void {
    this.pointers.set(event.pointerId, this.place(event));
    this.frame.setPointerCapture(event.pointerId);
  }

  /** One finger or the mouse moves the picture; two make it larger or smaller, about their middle. */
  private move(event: PointerEvent): void {
    const from = this.pointers.get(event.pointerId);
    if (!from) return;
    const to = this.place(event);
    const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    this.pointers.set(event.pointerId, to);
    if (!other) return this.set(panned(this.view, to[0] - from[0], to[1] - from[1], ...this.size));
    const factor = distance(to, other) / Math.max(1, distance(from, other));
    this.set(zoomedAt(this.view, factor, (to[0] + other[0]) / 2, (to[1] + other[1]) / 2, ...this.size));
  }

  private set(view: View): void {
    this.view = view;
    this.picture.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    this.onChange();
  }
}

function distance(one: [number, number], other: [number, number]): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}
