// Unsubscribes from a stalled track and subscribes again, with growing pauses (app/call/room/resubscribe.py).
import type { RemoteParticipant } from "livekit-client";

import { sleep } from "./connection.ts";
import { LIMITS } from "./protocol.ts";

const nth = (steps: number[], number: number): number => steps[Math.min(number, steps.length - 1)] ?? 0;

export class Resubscriber {
  private sinceS: number | null = null;
  private attempts = 0;

  update(participant: RemoteParticipant, audio: boolean, video: boolean, nowS: number): void {
    if (this.sinceS === null || !(audio || video)) {
      this.sinceS = nowS;
      this.attempts = 0;
    }
    if (nowS - this.sinceS < nth(LIMITS.resubscribe_after_s, this.attempts)) return;
    const gapS = nth(LIMITS.resubscribe_gaps_s, this.attempts);
    const all = this.attempts >= LIMITS.resubscribe_patient_attempts;
    this.sinceS = nowS;
    this.attempts += 1;
    for (const publication of participant.trackPublications.values()) {
      const stalled = publication.source === "camera" ? video : publication.source === "microphone" && audio;
      if (!stalled || !(all || publication.track)) continue;
      publication.setSubscribed(false);
      void sleep(gapS).then(() => publication.setSubscribed(true));
    }
  }
}
