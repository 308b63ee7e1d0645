// Video is reduced before audio suffers. Pure (app/call/adaptation/policy.py).
import { PROTOCOL } from "../call/protocol.ts";
import { mean, type Sample } from "./samples.ts";

const { adaptation: LIMITS } = PROTOCOL;
export const { full: FULL, smallest: SMALLEST, paused: PAUSED } = LIMITS;

export interface Step {
  width: number;
  height: number;
  rateHz: number;
}

export const STEPS: Step[] = LIMITS.steps.map(([width = 0, height = 0, rateHz = 0]) => ({ width, height, rateHz }));

/** The one of these steps that lets the least through. */
export function smallestOf(...steps: number[]): number {
  return steps.reduce((one, other) => (LIMITS.order.indexOf(other) > LIMITS.order.indexOf(one) ? other : one), FULL);
}

export function uplinkDegraded(sample: Sample): boolean {
  return (sample.lossOut ?? 0) >= LIMITS.lost || (sample.roundTripMs ?? 0) >= LIMITS.late_ms;
}

export function downlinkDegraded(sample: Sample): boolean {
  return (sample.concealed ?? 0) >= LIMITS.concealed || (sample.lossIn ?? 0) >= LIMITS.lost;
}

/** A mean of loss over the last samples: one alone is too good or too bad. */
export class LossSmoother {
  private samples: Sample[] = [];

  smooth(sample: Sample): Sample {
    this.samples = [...this.samples, sample].slice(-LIMITS.loss_samples);
    const lossIn = mean(this.samples.map((each) => each.lossIn));
    return { ...sample, lossIn, lossOut: mean(this.samples.map((each) => each.lossOut)) };
  }
}

/** The step that fits what the peer's tile shows: a larger one at once, a smaller one once it is settled. */
export class TileSize {
  step = FULL;
  private smallerSinceS: number | null = null;

  /** `box`: width and height in device pixels; null: nothing is shown yet. */
  update(box: [number, number] | null, nowS: number): void {
    const wanted = box === null ? FULL : stepFor(box);
    if (smallestOf(wanted, this.step) === this.step) {
      this.step = wanted;
      this.smallerSinceS = null;
      return;
    }
    this.smallerSinceS ??= nowS;
    if (nowS - this.smallerSinceS >= LIMITS.smaller_tile_after_s) {
      this.step = wanted;
      this.smallerSinceS = null;
    }
  }
}

function stepFor([width, boxHeight]: [number, number]): number {
  const height = Math.min(boxHeight, (width * 9) / 16);
  return LIMITS.tiles.find((step) => height <= (STEPS[step]?.height ?? 0)) ?? FULL;
}

/** One direction's step: down after some bad seconds, up again with growing patience. */
export class DegradationPolicy {
  step = FULL;
  private badS = 0;
  private goodS = 0;
  private sinceUpS = 2 * LIMITS.relapse_s;
  private patienceS = LIMITS.better_after_s;

  note(degraded: boolean, spanS: number): void {
    this.sinceUpS += spanS;
    this.badS = degraded ? this.badS + spanS : 0;
    this.goodS = degraded ? 0 : this.goodS + spanS;
    if (this.badS >= LIMITS.worse_after_s && this.step < SMALLEST) {
      this.goDown();
    } else if (this.goodS >= this.patienceS && this.step > FULL) {
      this.step -= 1;
      this.goodS = this.sinceUpS = 0;
    } else if (this.step === FULL && this.sinceUpS > 2 * LIMITS.relapse_s) {
      this.patienceS = LIMITS.better_after_s;
    }
  }

  private goDown(): void {
    if (this.sinceUpS <= LIMITS.relapse_s && this.patienceS < LIMITS.max_patience_s) this.patienceS *= 2;
    this.step += 1;
    this.badS = 0;
  }
}
