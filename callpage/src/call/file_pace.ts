// How fast a file is sent, so that voice and picture do not feel it (app/call/chat/file_pace.py, where it is explained).
// Pure.
import { PROTOCOL } from "./protocol.ts";

const { pace } = PROTOCOL.files;
const [FIRST_WINDOW = 8000, SMALLEST_WINDOW = 4000, LARGEST_WINDOW = 250_000] = pace.windows;
const [SMALLEST_PIECE = 1000, LARGEST_PIECE = 14_000] = pace.pieces;

/** Of all files that this side sends together. Seconds are of a monotonic clock. */
export class Pace {
  private window = FIRST_WINDOW;
  private shortestS = Infinity;
  private latest: number[] = [];
  private atLeast: number[] = [];
  private nextS = 0;
  private shrunkS = 0;

  get pieceBytes(): number {
    return Math.trunc(Math.max(SMALLEST_PIECE, Math.min(this.window / pace.pieces_a_window, LARGEST_PIECE)));
  }

  /** `underWay` is in bytes, sent and not acknowledged. */
  maySend(underWay: number, nowS: number): boolean {
    return nowS >= this.nextS && (!underWay || underWay + this.pieceBytes <= this.window);
  }

  sent(size: number, nowS: number): void {
    this.nextS = Math.max(this.nextS, nowS - pace.at_once_s) + size / pace.most_a_second;
  }

  acknowledged(size: number, roundTripS: number, nowS: number): void {
    this.note(roundTripS);
    const offTarget = (pace.target_s - (Math.min(...this.latest) - this.shortestS)) / pace.target_s;
    let wanted = this.window + (offTarget * size * this.pieceBytes) / this.window;
    if (offTarget < 0) {
      if (nowS < this.shrunkS + roundTripS) return;
      this.shrunkS = nowS;
      wanted = this.window * Math.max(pace.shrinks_by, 1 + offTarget / pace.pieces_a_window);
    }
    this.window = Math.max(SMALLEST_WINDOW, Math.min(wanted, LARGEST_WINDOW));
  }

  private note(roundTripS: number): void {
    this.latest = [...this.latest, roundTripS].slice(-pace.latest);
    this.shortestS = Math.min(this.shortestS, roundTripS);
    this.atLeast = this.window > SMALLEST_WINDOW ? [] : [...this.atLeast, roundTripS];
    if (this.atLeast.length < pace.least_under_way) return;
    this.shortestS = Math.min(...this.atLeast);
    this.atLeast = [];
  }

  /** Another connection: what was known of the path counts no more. */
  restart(): void {
    this.window = FIRST_WINDOW;
    this.shortestS = Infinity;
    this.latest = [];
    this.atLeast = [];
  }
}
