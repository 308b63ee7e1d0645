// Follows a call's quality: one sample a second, ratings for the screen, and a report for the end
// (app/call/stats/quality_monitor.py, app/call/stats/report.py).
import { PROTOCOL } from "../call/protocol.ts";
import type { Rating, Store } from "../call/snapshot.ts";
import type { AdaptationController } from "./adaptation.ts";
import type { Counters } from "./counters.ts";
import { Rater, type ServerQuality } from "./rating.ts";
import { type Sample, sampleOf } from "./samples.ts";

const SETTLED_POLLS = 3;

export class Quality {
  latest: Sample | null = null;
  private readonly report = new Report();
  private rater = new Rater();
  private before: Counters | null = null;
  private expectedPolls = 0;
  private wasCutOff = false;

  constructor(
    private readonly store: Store,
    private readonly adaptation: AdaptationController,
  ) {}

  add(counters: Counters | null, ours: ServerQuality, theirs: ServerQuality | null): void {
    const { state, peer } = this.store.snapshot;
    if (state === "reconnecting") return this.interrupted();
    this.wasCutOff = false;
    const { before } = this;
    this.before = counters;
    const expected = state === "in_call" && (peer?.cameraOn ?? false) && this.adaptation.remoteVideoVisible;
    this.expectedPolls = expected ? this.expectedPolls + 1 : 0;
    if (!before || !counters) return;
    const sample = sampleOf(before, counters, this.expectedPolls >= SETTLED_POLLS);
    if (!sample) {
      this.rater = new Rater();
      return;
    }
    this.latest = sample;
    const [own, other] = this.rater.add(sample, ours, theirs);
    this.adaptation.note(sample);
    this.report.add(sample, own, other, this.adaptation.degraded);
    this.store.update({ ownQuality: own, peerQuality: other, videoDegraded: this.adaptation.degraded });
  }

  interrupted(): void {
    if (!this.wasCutOff) this.report.interruptions += 1;
    this.wasCutOff = true;
    this.before = null;
    this.rater = new Rater();
    this.store.update({ ownQuality: "poor", peerQuality: null, videoDegraded: false });
  }

  /** As `PUT .../quality` takes it; null when nothing was measured. */
  get reported(): QualityReport | null {
    return this.report.whole();
  }
}

export interface QualityReport {
  measured_s: number;
  own_rating: Rating;
  other_rating: Rating | null;
  round_trip_ms: number | null;
  loss_in_permille: number | null;
  loss_out_permille: number | null;
  concealed_permille: number | null;
  frozen_s: number;
  reduced_s: number;
  interruptions: number;
  received_height: number | null;
  received_rate_hz: number | null;
}

class Mean {
  private sum = 0;
  private weight = 0;

  add(value: number | null, weight: number): void {
    if (value === null) return;
    this.sum += value * weight;
    this.weight += weight;
  }

  rounded(factor: number): number | null {
    return this.weight > 0 ? Math.round((this.sum / this.weight) * factor) : null;
  }
}

type RatedTime = Record<Rating, number>;

class Report {
  interruptions = 0;
  private measuredS = 0;
  private frozenS = 0;
  private reducedS = 0;
  private readonly own: RatedTime = { good: 0, fair: 0, poor: 0 };
  private readonly other: RatedTime = { good: 0, fair: 0, poor: 0 };
  private readonly heights = new Map<number, number>();
  private readonly means = {
    roundTripMs: new Mean(),
    lossIn: new Mean(),
    lossOut: new Mean(),
    concealed: new Mean(),
    rateHz: new Mean(),
  };

  add(sample: Sample, own: Rating, other: Rating | null, degraded: boolean): void {
    const { spanS, received } = sample;
    this.measuredS += spanS;
    this.own[own] += spanS;
    if (other) this.other[other] += spanS;
    for (const name of ["roundTripMs", "lossIn", "lossOut", "concealed"] as const) {
      this.means[name].add(sample[name], spanS);
    }
    this.frozenS += sample.frozenS;
    if (degraded) this.reducedS += spanS;
    if (!received) return;
    this.heights.set(received.height, (this.heights.get(received.height) ?? 0) + 1);
    this.means.rateHz.add(received.rateHz, spanS);
  }

  whole(): QualityReport | null {
    const measured = Math.floor(this.measuredS);
    const own = rated(this.own);
    if (measured < 1 || !own) return null;
    const [height] = [...this.heights.entries()].sort(([, one], [, two]) => two - one)[0] ?? [null];
    return {
      measured_s: measured,
      own_rating: own,
      other_rating: rated(this.other),
      round_trip_ms: this.means.roundTripMs.rounded(1),
      loss_in_permille: this.means.lossIn.rounded(1000),
      loss_out_permille: this.means.lossOut.rounded(1000),
      concealed_permille: this.means.concealed.rounded(1000),
      frozen_s: Math.min(measured, Math.round(this.frozenS)),
      reduced_s: Math.min(measured, Math.round(this.reducedS)),
      interruptions: Math.min(1000, this.interruptions),
      received_height: height || null,
      received_rate_hz: this.means.rateHz.rounded(1),
    };
  }
}

/** What was worse than good counts when it lasted a tenth of the time. */
function rated({ good, fair, poor }: RatedTime): Rating | null {
  const whole = good + fair + poor;
  if (whole <= 0) return null;
  const worse = whole * PROTOCOL.rating.worse_share;
  if (poor >= worse) return "poor";
  return fair + poor >= worse ? "fair" : "good";
}
