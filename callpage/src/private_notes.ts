// A person's own notes: saved as they are typed, kept on this device until they are (app/state/core/private_notes.py,
// where it is explained).
import { type Backend, mayPass, type Note, NoteChanged, pauseAfter } from "./backend.ts";
import { PROTOCOL } from "./call/protocol.ts";
import { SESSION_ID } from "./link.ts";

const { longest, pause_s: PAUSE_S, again_after_s: AGAIN_AFTER_S, between } = PROTOCOL.notes;
const MOST_UNANSWERED = 20;

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export type Saving = "loading" | "saved" | "saving" | "not_yet" | "too_long" | "refused";

/** What can be saved of what was typed: as it is, but for control characters. */
export function cleanNote(text: string): string {
  const lines = text.normalize("NFC").replace(/\r\n?/g, "\n");
  return lines.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    "",
  );
}

/** Both texts, written over the same `base` on two devices: what the other saved, and below it what is new here. */
export function joined(base: string, theirs: string, mine: string): string {
  if (!theirs.trim() || theirs === base || mine.startsWith(theirs)) return mine;
  if (mine === base || theirs.startsWith(mine) || `\n${theirs}\n`.includes(`\n${mine}\n`)) return theirs;
  const added = mine.startsWith(base) ? mine.slice(base.length).replace(/^\n+/, "") : mine;
  return theirs.replace(/\n+$/, "") + between + added;
}

interface Kept {
  text: string;
  base: string;
  version: number;
}

/** The session's, for the person of this page. They outlast a call and a rejoin. */
export class Notes {
  text = "";
  saving: Saving = "loading";
  /** Another device's text was joined with this one. */
  bothKept = false;
  /** `textChanged`: not by the person who types. */
  onChange: (textChanged: boolean) => void = () => undefined;
  private version = 0;
  private base = "";
  /** Texts whose answers did not come: the backend may have them. */
  private sent: string[] = [];
  private running = false;
  private reading = false;
  private readonly key: string;

  constructor(
    private readonly backend: Pick<Backend, "note" | "saveNote">,
    role: string,
    private readonly pauseS = PAUSE_S,
  ) {
    this.key = `rendezvous.note.${SESSION_ID}.${role}`;
    const kept = this.read();
    if (!kept) return;
    ({ text: this.text, base: this.base, version: this.version } = kept);
    this.saving = "not_yet";
    void this.save(0);
  }

  /** Somebody looks at them: reads what is kept unless something is under way. */
  async open(): Promise<void> {
    if (!this.isSaved || this.reading) return;
    this.reading = true;
    await this.readKept();
    this.reading = false;
  }

  /** Again until it is known what is kept: an empty field would say that there is nothing. What is typed meanwhile is
   * joined with it later. */
  private async readKept(): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        const found = await this.backend.note();
        if (!this.isSaved) return;
        const changed = this.text !== found.text;
        this.text = this.base = found.text;
        this.version = found.version;
        return this.set("saved", changed);
      } catch (error) {
        if (this.saving !== "loading") return;
        if (!mayPass(error)) return this.set("refused");
      }
      await pauseAfter(failures);
    }
  }

  /** The field says that now. */
  typed(text: string): void {
    const cleaned = cleanNote(text);
    if (cleaned === this.text) return;
    this.text = cleaned;
    this.keepHere();
    this.set(this.saving === "not_yet" ? "not_yet" : "saving");
    void this.save(this.pauseS);
  }

  /** Nothing is said of them then. */
  get neverWritten(): boolean {
    return this.saving === "saved" && !this.version;
  }

  private get isSaved(): boolean {
    return this.saving === "loading" || this.saving === "saved";
  }

  /** One loop at a time; it saves whatever is the text by then. */
  private async save(pauseS: number): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      for (let failures = 0; ; ) {
        await sleep(pauseS);
        if ([...this.text].length > longest) return this.set("too_long");
        this.sent = [...this.sent.slice(-MOST_UNANSWERED), this.text];
        try {
          this.take(await this.backend.saveNote(this.text, this.version));
          [failures, pauseS] = [0, this.pauseS];
          if (this.text === this.base) return this.set("saved");
        } catch (error) {
          if (error instanceof NoteChanged) this.join(error.note);
          else if (mayPass(error)) {
            this.set("not_yet");
            pauseS = AGAIN_AFTER_S[Math.min(failures, AGAIN_AFTER_S.length - 1)] ?? 30;
            failures += 1;
          } else return this.set("refused");
        }
      }
    } finally {
      this.running = false;
    }
  }

  private take({ text, version }: Note): void {
    this.base = text;
    this.version = version;
    this.sent = [];
    this.keepHere();
  }

  private join(theirs: Note): void {
    if (this.sent.includes(theirs.text)) return this.take(theirs); // it is this device's own
    const both = joined(this.base, theirs.text, this.text);
    const changed = both !== this.text;
    this.bothKept ||= changed && both !== theirs.text;
    this.text = both;
    this.take(theirs);
    this.set(this.text === this.base ? "saved" : this.saving, changed);
  }

  private set(saving: Saving, textChanged = false): void {
    this.saving = saving;
    this.onChange(textChanged);
  }

  private read(): Kept | null {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.key) ?? "null");
      const { text, base, version } = (kept ?? {}) as Record<string, unknown>;
      const fits = typeof text === "string" && typeof base === "string" && Number.isSafeInteger(version);
      return fits ? { text, base, version: version as number } : null;
    } catch {
      return null;
    }
  }

  private keepHere(): void {
    const { text, base, version } = this;
    try {
      if (text === base) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, JSON.stringify({ text, base, version }));
    } catch {
      // Storage is switched off: what is not saved lasts as long as the page.
    }
  }
}
