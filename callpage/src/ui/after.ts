// The page after a call: how long it was, why it ended, and what comes next (app/screens/after_call.py).
import type { Facts } from "../backend.ts";
import type { EndReason } from "../call/machine.ts";
import type { OwnRecording } from "../call/snapshot.ts";
import type { ServerClock } from "../page.ts";
import type { Notes } from "../private_notes.ts";
import { keyOf, lengthWords, say } from "../words.ts";
import type { Recordings } from "../media/recordings.ts";
import { avatar } from "./avatar.ts";
import { el, setText, show, showScreen } from "./dom.ts";
import { icon } from "./icons.ts";
import { KeptList } from "./kept_recordings.ts";
import { backLink } from "./parts.ts";
import { NotesPanel } from "./private_notes.ts";
import { recordingWords } from "./recording.ts";

const CHECK_EVERY_MS = 5_000;

export class AfterScreen {
  private readonly title = el("h1", { tabindex: -1 });
  private readonly text = el("p", {});
  private readonly rejoin: HTMLButtonElement;
  private readonly problem = el("p", { class: "problem", role: "alert", hidden: true });
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly recorded = el("p", { role: "status", hidden: true });
  private back: HTMLElement;
  private readonly notes: NotesPanel;

  /** `lengthS`: how long both were there; null if never, undefined if this page was not there itself. `onRejoin` gives what went wrong, empty if nothing did. */
  constructor(
    private facts: Facts,
    private readonly reason: EndReason | null,
    lengthS: number | null | undefined,
    private readonly clock: ServerClock,
    onRejoin: () => Promise<string>,
    notes: Notes,
    recordings: Recordings,
    received: HTMLElement | null = null,
  ) {
    const { other_name: name, other_photo: photo, app_url: appUrl } = facts;
    const label = say(reason === "joined_elsewhere" ? "stage.join_here" : "stage.rejoin");
    this.rejoin = el("button", { type: "button", class: "main" }, icon("video"), el("span", {}, label));
    this.rejoin.addEventListener("click", () => void this.pressed(onRejoin, label));
    this.back = backLink(appUrl, false);
    this.notes = new NotesPanel(notes);
    const length = lengthS ? lengthWords(lengthS) : "";
    const together = length ? say("together.long", { length }) : say("together.never", { name });
    const screen = el(
      "main",
      { class: "short after" },
      avatar(name, photo, "middle"),
      this.title,
      this.text,
      lengthS === undefined ? null : el("p", { class: "together" }, together),
      this.rejoin,
      this.problem,
      this.back,
      received,
      this.recorded,
      new KeptList(recordings).element,
      el("h2", {}, say("notes.field")),
      this.notes.element,
    );
    this.update();
    showScreen(screen, this.title.textContent ?? "");
    this.title.focus();
    this.timer = setInterval(() => this.update(), CHECK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.timer);
    this.notes.close();
  }

  /** How the call's recording stands by now. */
  setRecording(recording: OwnRecording): void {
    setText(this.recorded, recordingWords(recording, this.facts.other_name));
    show(this.recorded, this.recorded.textContent !== "");
  }

  /** What the backend says of the session by now. */
  setFacts(facts: Facts): void {
    this.facts = facts;
    this.update();
  }

  private update(): void {
    const over = this.clock() >= new Date(this.facts.closes_at) || this.facts.problem === "SessionOver";
    const cancelled = this.facts.problem === "SessionCancelled";
    const why = cancelled ? "cancelled" : over ? "over" : (this.reason ?? "left");
    const shown = this.reason === "joined_elsewhere" ? "joined_elsewhere" : why;
    const name = this.facts.other_name;
    setText(this.title, say(keyOf(`ended.${shown}.title`, "ended.left.title")));
    setText(this.text, say(keyOf(`ended.${shown}.text`, "ended.left.text"), { name }));
    const open = !over && !cancelled && this.facts.problem === null;
    show(this.rejoin, open);
    this.back.classList.toggle("main", !open && this.back.tagName === "A");
  }

  private async pressed(onRejoin: () => Promise<string>, label: string): Promise<void> {
    if (this.rejoin.getAttribute("aria-disabled") === "true") return;
    const words = this.rejoin.querySelector("span");
    this.rejoin.setAttribute("aria-disabled", "true");
    if (words) setText(words, say("stage.joining"));
    const problem = await onRejoin();
    if (!problem) return;
    this.rejoin.setAttribute("aria-disabled", "false");
    if (words) setText(words, label);
    setText(this.problem, problem);
    show(this.problem, true);
  }
}
