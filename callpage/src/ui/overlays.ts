// What opens over the call: the devices, the connection's figures, the list of keys, and at the side the chat, the notes
// and the timer as tabs of one panel. One at a time; Escape closes it.
import type { Facts } from "../backend.ts";
import type { Call } from "../call/call.ts";
import type { Level } from "../media/level.ts";
import { canShareScreen } from "../media/screen.ts";
import type { ServerClock } from "../page.ts";
import type { Notes } from "../private_notes.ts";
import type { Sample, VideoSize } from "../quality/samples.ts";
import { say } from "../words.ts";
import { ChatPanel, unreadOf } from "./chat.ts";
import { DeviceChoices } from "./device_choices.ts";
import { el } from "./dom.ts";
import { EncryptionPanel, encryptionWords } from "./encryption.ts";
import { icon } from "./icons.ts";
import { NotesPanel } from "./private_notes.ts";
import { leads, TimerPanel } from "./timer.ts";

export type Overlay = "devices" | "quality" | "keys" | "encryption" | Tab;
type Tab = "chat" | "notes" | "timer";
const FIGURES_EVERY_MS = 1000;
const KEYS = ["M", "Space", "V", "S", "F", "L", "P", "Arrows", "+ −", "C", "N", "T", "Q", "Tab", "Esc", "?"] as const;

export class Overlays {
  readonly element = el("div", { class: "overlay", hidden: true });
  open: Overlay | null = null;
  /** Where one writes: it has the focus. */
  private field: { focus: () => void } | null = null;
  private readonly draft = { text: "" };
  private readonly readIds = new Set<string>();
  private before: Element | null = null;
  private stop: () => void = () => undefined;

  constructor(
    private readonly call: Call,
    private readonly level: Level,
    private readonly facts: Facts,
    private readonly clock: ServerClock,
    private readonly notes: Notes,
    /** Stands below the devices. */
    private readonly record: HTMLElement,
    private readonly onChange: () => void,
  ) {}

  private get name(): string {
    return this.facts.other_name;
  }

  private get tabs(): Tab[] {
    return leads(this.facts) ? ["chat", "notes", "timer"] : ["chat", "notes"];
  }

  toggle(which: Overlay): void {
    if (this.open === which) return this.close();
    this.stop();
    this.stop = () => undefined;
    this.field = null;
    if (!this.open) this.before = document.activeElement;
    this.open = which;
    const [title, content] = this.contentOf(which);
    const close = el(
      "button",
      { type: "button", class: "round small", onclick: () => this.close(), "aria-label": closing(which) },
      icon("close"),
    );
    const tabs = this.tabs.includes(which as Tab) ? this.tabList(which) : el("h2", {}, title);
    const head = el("div", { class: "head" }, tabs, close);
    const kind = tabs instanceof HTMLHeadingElement ? which : `side-panel ${which}-panel`;
    this.element.replaceChildren(
      el("section", { class: `panel ${kind}`, role: "dialog", "aria-label": title }, head, content),
    );
    this.element.hidden = false;
    (this.field ?? close).focus();
    this.onChange();
  }

  private tabList(shown: Overlay): HTMLElement {
    const buttons = this.tabs.map((tab) =>
      el(
        "button",
        { type: "button", class: "tab", "aria-current": tab === shown && "true", onclick: () => this.show(tab) },
        say(`${tab}.title`),
      ),
    );
    return el("div", { class: "tabs" }, ...buttons);
  }

  private show(tab: Tab): void {
    if (tab !== this.open) this.toggle(tab);
  }

  /** How many of the other's messages have not been shown. */
  get unread(): number {
    return unreadOf(this.call.store.snapshot, this.readIds);
  }

  private read(): void {
    for (const { id } of this.call.store.snapshot.chat) this.readIds.add(id);
  }

  close(): void {
    if (!this.open) return;
    this.stop();
    this.stop = () => undefined;
    this.field = null;
    this.open = null;
    this.element.hidden = true;
    this.element.replaceChildren();
    if (this.before instanceof HTMLElement) this.before.focus();
    this.onChange();
  }

  private contentOf(which: Overlay): [string, HTMLElement] {
    if (which === "devices") {
      const choices = new DeviceChoices(this.call, this.level);
      const unsubscribe = this.call.store.subscribe((now) => choices.update(now));
      this.stop = () => {
        unsubscribe();
        choices.close();
      };
      choices.element.append(this.record);
      return [say("stage.devices"), choices.element];
    }
    if (which === "chat") {
      const chat = new ChatPanel(this.call, this.name, this.draft, () => this.read());
      const unsubscribe = this.call.store.subscribe((now) => chat.update(now));
      this.field = chat;
      this.stop = unsubscribe;
      return [say("chat.title"), chat.element];
    }
    if (which === "notes") {
      const notes = new NotesPanel(this.notes);
      this.field = notes;
      this.stop = () => notes.close();
      return [say("notes.title"), notes.element];
    }
    if (which === "timer") {
      const timer = new TimerPanel(this.call, this.facts, this.clock);
      this.stop = () => timer.close();
      return [say("timer.title"), timer.element];
    }
    if (which === "encryption") {
      const panel = new EncryptionPanel(this.call.store, this.name);
      this.stop = () => panel.close();
      return [encryptionWords(this.call.store.snapshot, this.name)[0], panel.element];
    }
    if (which === "keys") return [say("page.keys"), keyList(leads(this.facts))];
    const table = el("dl", { class: "figures" });
    const draw = () => table.replaceChildren(...figures(this.call.latestSample));
    draw();
    const timer = setInterval(draw, FIGURES_EVERY_MS);
    this.stop = () => clearInterval(timer);
    return [say("key.Q"), table];
  }
}

const closing = (which: Overlay): string => say(which === "keys" ? "page.close_list" : "page.close_panel");

function keyList(withTimer: boolean): HTMLElement {
  const fits = (key: string) => (key !== "T" || withTimer) && (key !== "S" || canShareScreen());
  const rows = KEYS.filter(fits).map((key) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, say(`key.${key}`))));
  return el("dl", { class: "key-list" }, ...rows);
}

function figures(sample: Sample | null): HTMLElement[] {
  const said: [string, string][] = [
    ["Round trip", milliseconds(sample?.roundTripMs)],
    ["Packet loss (incoming)", percent(sample?.lossIn)],
    ["Packet loss (outgoing)", percent(sample?.lossOut)],
    ["Audio concealed", percent(sample?.concealed)],
    ["Audio in the playout buffer", milliseconds(sample?.bufferMs)],
    ["Video received", size(sample?.received)],
    ["Video sent", size(sample?.sent)],
  ];
  return said.map(([what, much]) => el("div", {}, el("dt", {}, what), el("dd", {}, much)));
}

const milliseconds = (value: number | null | undefined): string => (value == null ? "–" : `${Math.round(value)} ms`);
const size = (video: VideoSize | null | undefined): string =>
  video ? `${video.height}p, ${Math.round(video.rateHz)} fps` : "–";

function percent(share: number | null | undefined): string {
  if (share == null) return "–";
  const value = Math.round(share * 1000) / 10;
  return `${value} %`;
}
