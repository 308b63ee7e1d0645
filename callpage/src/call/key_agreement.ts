// How two devices agree on a key that the backend does not have, over what the room carries for everybody to see
// (app/call/keys/agreement.py, app/call/keys/offer.py).
import { type AgreedKey, Pair, WrongHalf } from "./key_pair.ts";
import { PROTOCOL } from "./protocol.ts";
import type { KeyOrigin } from "./snapshot.ts";

const RULES = PROTOCOL.key_agreement;
const PATTERN = new RegExp(`^${RULES.pattern}$`);

/** How far a side is. It sends under the agreed key once the other can read it. */
const COMMITTED = 0;
const REVEALED = 1;
const CAN_READ = 2;
const SENDS = 3;

/** `boundTo` is the commitment of the other's half that this half is for: it is revealed to that one alone. */
interface Offer {
  readonly commitment: string;
  readonly boundTo: string;
  readonly half: string;
  readonly step: number;
}

/** Null for what is no offer, or one of a later version. */
function parseOffer(value: string): Offer | null {
  const found = PATTERN.exec(value);
  if (!found) return null;
  const [, commitment = "", boundTo = "", half = "", step = "0"] = found;
  return { commitment, boundTo, half, step: Number(step) };
}

/** What the worker is to hold: `given` is what it reads at index 0, `agreed` at index 1, and it sends under either. */
export interface KeyUse {
  readonly given: string;
  readonly agreed: string | null;
  readonly sendsAgreed: boolean;
}

/** Of one visit to a call, over every connection of it. Seconds are of any one monotonic clock. */
export class KeyAgreement {
  wordsChanged = false;
  private pair: Pair | null = null;
  private boundTo = "";
  private theirs: Offer | null = null;
  private key: AgreedKey | null = null;
  private canRead = false;
  private sends = false;
  private bothSinceS: number | null = null;
  private settled = false;
  private wordsBefore: readonly string[] = [];
  private refused = "";
  private silentSinceS: number | null = null;
  /** One thing after the other, for the browser's cryptography is asynchronous. */
  private work: Promise<void>;

  constructor(
    private readonly sessionKey: string,
    private readonly newPair: () => Promise<Pair | null> = Pair.make,
  ) {
    this.work = this.startOver();
  }

  private async startOver(): Promise<void> {
    this.pair = await this.newPair();
    this.boundTo = "";
    this.theirs = this.key = this.bothSinceS = null;
    this.canRead = this.sends = this.settled = false;
  }

  /** The first pair is there. */
  ready(): Promise<void> {
    return this.work;
  }

  /** What the peer, who is there, says of their half; empty while they say nothing. */
  take(value: string, nowS: number): Promise<void> {
    return (this.work = this.work.then(() => this.takeNext(value, nowS)));
  }

  /** Nobody is there to say anything. With the same device they come back to the same key. */
  peerIsAway(): void {
    this.silentSinceS = null;
  }

  /** On purpose. Whoever comes next has another pair, and could not read what is sent under the agreed key. */
  peerHasLeft(): Promise<void> {
    this.peerIsAway();
    return (this.work = this.work.then(() => (this.boundTo ? this.startOver() : undefined)));
  }

  /** The worker can read what is encrypted with this key from now on. */
  onReadable(key: string, nowS: number): void {
    this.canRead ||= this.key?.text === key;
    this.settle(nowS);
  }

  private async takeNext(value: string, nowS: number): Promise<void> {
    const offer = parseOffer(value);
    if (offer) {
      this.silentSinceS = null;
      await this.takeOffer(offer);
    } else this.silentSinceS ??= nowS;
    this.settle(nowS);
  }

  private async takeOffer(offer: Offer): Promise<void> {
    if (this.boundTo && offer.commitment !== this.boundTo) await this.startOver();
    if (!this.pair) return;
    const own = this.pair.commitment;
    if (offer.commitment === own || offer.commitment === this.refused) return this.refuse(offer);
    this.refused = "";
    if (!this.boundTo && ["", own].includes(offer.boundTo)) this.boundTo = offer.commitment;
    const known = this.boundTo !== "" && offer.boundTo === own;
    this.theirs = known ? offer : null;
    if (!known || this.key) return;
    try {
      this.key = await this.pair.agree(offer.half, offer.commitment, this.sessionKey);
    } catch (error) {
      if (!(error instanceof WrongHalf)) throw error;
      this.refuse(offer);
    }
  }

  private refuse(offer: Offer): void {
    this.refused = offer.commitment;
    this.theirs = null;
  }

  private settle(nowS: number): void {
    const step = this.theirs?.step ?? COMMITTED;
    this.sends = this.canRead && step >= CAN_READ && !this.isSilent(nowS);
    if (this.sends && step === SENDS) this.bothSinceS ??= nowS;
    else this.bothSinceS = null;
    this.settled = this.bothSinceS !== null && nowS - this.bothSinceS >= RULES.on_its_way_s;
    if (!this.settled || this.words.join() === this.wordsBefore.join()) return;
    this.wordsChanged = this.wordsBefore.length > 0;
    this.wordsBefore = this.words;
  }

  private isSilent(nowS: number): boolean {
    return this.silentSinceS !== null && nowS - this.silentSinceS >= RULES.silent_after_s;
  }

  /** To be published; empty where this browser cannot agree on a key. */
  get offer(): string {
    if (!this.pair) return "";
    const { commitment, half } = this.pair;
    if (!this.boundTo) return `1 ${commitment} - - ${COMMITTED}`;
    return `1 ${commitment} ${this.boundTo} ${half} ${this.sends ? SENDS : this.canRead ? CAN_READ : REVEALED}`;
  }

  get use(): KeyUse {
    const { key, sends, settled, sessionKey } = this;
    return { given: key && settled ? key.text : sessionKey, agreed: key?.text ?? null, sendsAgreed: sends };
  }

  /** Only while nothing but what is encrypted with the agreed key is sent or read. */
  get words(): readonly string[] {
    return this.key && this.settled ? this.key.words : [];
  }

  origin(nowS: number): KeyOrigin {
    if (this.settled) return "agreed";
    if (this.refused) return "refused";
    return this.boundTo && !this.isSilent(nowS) ? "agreeing" : "given";
  }
}
