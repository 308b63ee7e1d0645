// The field of a person's own notes, with how far they are saved (app/components/frame/private_notes.py).
import { PROTOCOL } from "../call/protocol.ts";
import type { Notes } from "../private_notes.ts";
import { say } from "../words.ts";
import { el, setText, show } from "./dom.ts";

const AMISS = ["not_yet", "too_long", "refused"];

export class NotesPanel {
  readonly element: HTMLElement;
  private readonly field = el("textarea", {
    maxlength: PROTOCOL.notes.longest,
    "aria-label": say("notes.field"),
    placeholder: say("notes.field"),
    rows: 5,
  });
  private readonly state = el("span", { class: "saving" });
  /** Read out by itself where the person has to know of it: not after each key that is saved. */
  private readonly amiss = el("span", { class: "saving", role: "status" });
  private readonly told = el("p", { class: "told", role: "status" });

  constructor(private readonly notes: Notes) {
    this.field.value = notes.text;
    this.field.addEventListener("input", () => notes.typed(this.field.value));
    const foot = el("p", { class: "foot quiet" }, el("span", {}, say("notes.only_you")), this.state, this.amiss);
    this.element = el("div", { class: "private-notes" }, this.told, this.field, foot);
    notes.onChange = (textChanged) => this.update(textChanged);
    this.update(false);
    void notes.open();
  }

  focus(): void {
    this.field.focus();
  }

  close(): void {
    this.notes.onChange = () => undefined;
  }

  private update(textChanged: boolean): void {
    const { saving, bothKept, text, neverWritten } = this.notes;
    if (textChanged) this.field.value = text;
    const words = neverWritten ? "" : say(`notes.${saving}`);
    const urgent = AMISS.includes(saving);
    setText(this.state, urgent ? "" : words);
    setText(this.amiss, urgent ? words : "");
    setText(this.told, bothKept ? say("notes.joined") : "");
    show(this.told, bothKept);
  }
}
