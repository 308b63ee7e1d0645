// How good each side's connection is, from the last seconds. Pure (app/call/stats/rating.py).
import { PROTOCOL } from "../call/protocol.ts";
import type { Rating } from "../call/snapshot.ts";
import { mean, ratio, type Sample } from "./samples.ts";

const { rating: LIMITS } = PROTOCOL;
const ORDER: Rating[] = ["good", "fair", "poor"];

export function worst(...ratings: Rating[]): Rating {
  return ORDER[Math.max(0, ...ratings.map((each) => ORDER.indexOf(each)))] ?? "good";
}

/** What the server says of a connection (LiveKit's ConnectionQuality). */
export type ServerQuality = "excellent" | "good" | "poor" | "lost" | "unknown";

export class Rater {
  private samples: Sample[] = [];
  private readonly own = new Hysteresis();
  private peer = new Hysteresis();

  /** The rating of this side and of the peer, null while they are not there (`theirs` null). */
  add(sample: Sample, ours: ServerQuality, theirs: ServerQuality | null): [Rating, Rating | null] {
    this.samples = [...this.samples, sample].filter((each) => sample.atS - each.atS <= LIMITS.window_s);
    const own = this.own.add(ownRating(this.samples, ours, theirs), sample.atS);
    if (theirs === null) {
      this.peer = new Hysteresis();
      return [own, null];
    }
    return [own, this.peer.add(peerRating(this.samples, own, theirs), sample.atS)];
  }
}

/** Follows a rating down at once and up with patience. */
class Hysteresis {
  private shown: Rating | null = null;
  private betterSinceS: number | null = null;

  add(rating: Rating, atS: number): Rating {
    const { shown } = this;
    if (shown === null || worst(rating, shown) === rating) {
      this.betterSinceS = null;
      return (this.shown = rating);
    }
    this.betterSinceS ??= atS;
    if (atS - this.betterSinceS >= LIMITS.better_after_s) {
      this.betterSinceS = null;
      return (this.shown = rating);
    }
    return shown;
  }
}

const isBad = (quality: ServerQuality | null): boolean => quality === "poor" || quality === "lost";
const isGood = (quality: ServerQuality): boolean => quality === "excellent" || quality === "good";

function ownRating(samples: Sample[], ours: ServerQuality, theirs: ServerQuality | null): Rating {
  const theirGaps = isBad(theirs) && isGood(ours);
  return worst(
    rate(mean(samples.map((each) => each.roundTripMs)), LIMITS.round_trip_ms),
    rate(mean(samples.map((each) => each.lossOut)), LIMITS.loss),
    theirGaps ? "good" : rate(mean(samples.map((each) => each.lossIn)), LIMITS.loss),
    isBad(ours) ? "poor" : "good",
  );
}

function peerRating(samples: Sample[], own: Rating, theirs: ServerQuality): Rating {
  const reported: Rating = isBad(theirs) ? "poor" : "good";
  if (own !== "good") return reported;
  const whole = samples.reduce((sum, each) => sum + each.spanS, 0);
  const frozen = samples.reduce((sum, each) => sum + each.frozenS, 0);
  return worst(
    reported,
    rate(ratio(frozen, whole), LIMITS.frozen),
    rate(mean(samples.map((each) => each.concealed)), LIMITS.concealed),
  );
}

function rate(value: number | null, limits: number[]): Rating {
  const [fair = Infinity, poor = Infinity] = limits;
  if (value === null || value < fair) return "good";
  return value < poor ? "fair" : "poor";
}
