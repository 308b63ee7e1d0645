// Two readings become one sample. Pure (app/call/stats/samples.py).
import type { Counters, VideoCounters } from "./counters.ts";

export interface VideoSize {
  width: number;
  height: number;
  rateHz: number;
}

/** Shares are 0..1; null: unknown. */
export interface Sample {
  atS: number;
  spanS: number;
  roundTripMs: number | null;
  lossIn: number | null;
  lossOut: number | null;
  frozenS: number;
  concealed: number | null;
  bufferMs: number | null;
  received: VideoSize | null;
  sent: VideoSize | null;
  bandwidthLimited: boolean;
}

const GROWS = ["received", "sent", "audioSamples", "leftBuffer"] as const;

/** null when the readings do not belong together, as after a full reconnect. */
export function sampleOf(before: Counters, after: Counters, videoExpected: boolean): Sample | null {
  const spanS = after.atS - before.atS;
  if (spanS <= 0 || GROWS.some((name) => after[name] < before[name])) return null;
  const came = after.media - before.media;
  const missed = Math.max(0, after.lostIn - before.lostIn);
  const missedOut = Math.max(0, after.lostOut - before.lostOut);
  return {
    atS: after.atS,
    spanS,
    roundTripMs: after.roundTripS === null ? null : after.roundTripS * 1000,
    lossIn: share(missed, came + missed),
    lossOut: share(missedOut, after.sent - before.sent),
    frozenS: videoExpected ? frozenS(before, after, spanS) : 0,
    concealed: share(after.audioConcealed - before.audioConcealed, after.audioSamples - before.audioSamples),
    bufferMs: ratio((after.bufferedS - before.bufferedS) * 1000, after.leftBuffer - before.leftBuffer),
    received: sizeOf(before.video, after.video, spanS),
    sent: sizeOf(before.sentVideo, after.sentVideo, spanS),
    bandwidthLimited: after.bandwidthLimited,
  };
}

/** WebRTC counts a freeze only when it is over; one that goes on shows in that no frame came at all. */
function frozenS(before: Counters, after: Counters, spanS: number): number {
  if (after.video.frames === before.video.frames) return spanS;
  return Math.min(Math.max(0, after.frozenS - before.frozenS), spanS);
}

function sizeOf(before: VideoCounters, after: VideoCounters, spanS: number): VideoSize | null {
  const frames = after.frames - before.frames;
  return frames > 0 ? { width: after.width, height: after.height, rateHz: frames / spanS } : null;
}

export function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function share(part: number, whole: number): number | null {
  const found = ratio(Math.max(0, part), whole);
  return found === null ? null : Math.min(1, found);
}

export function mean(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
