// What opens over the call: the devices, the connection's figures, the list of keys. One at a time; Escape closes it.
import type { Call } from "../call/call.ts";
import type { Level } from "../media/level.ts";
import type { Sample, VideoSize } from "../quality/samples.ts";
import { say } from "../words.ts";
import { ChatPanel, unreadOf } from "./chat.ts";
import { DeviceChoices } from "./device_choices.ts";
import { el } from "./dom.ts";
import { encryptionWords } from "./encryption.ts";
import { icon } from "./icons.ts";

export type Overlay = "devices" | "quality" | "keys" | "encryption" | "chat";
const FIGURES_EVERY_MS = 1000;
const KEYS = ["M", "Space", "V", "F", "L", "P", "Arrows", "C", "Q", "Tab", "Esc", "?"] as const;

export class Overlays {
  readonly element = el("div", { class: "overlay", hidden: true });
  open: Overlay | null = null;
  private chat: ChatPanel | null = null;
  private readonly draft = { text: "" };
  private readonly readIds = new Set<string>();
  private before: Element | null = null;
  private stop: () => void = () => undefined;

  constructor(
    private readonly call: Call,
    private readonly level: Level,
    private readonly name: string,
    private readonly onChange: () => void,
  ) {}

  toggle(which: Overlay): void {
    if (this.open === which) return this.close();
    this.stop();
    if (!this.open) this.before = document.activeElement;
    this.open = which;
    const [title, content] = this.contentOf(which);
    const close = el(
      "button",
      { type: "button", class: "round small", onclick: () => this.close(), "aria-label": closing(which) },
      icon("close"),
    );
    const head = el("div", { class: "head" }, el("h2", { id: "overlay-title" }, title), close);
    this.element.replaceChildren(
      el("section", { class: `panel ${which}`, role: "dialog", "aria-labelledby": "overlay-title" }, head, content),
    );
    this.element.hidden = false;
    if (this.chat) this.chat.focus();
    else close.focus();
    this.onChange();
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
      return [say("stage.devices"), choices.element];
    }
    if (which === "chat") {
      const chat = new ChatPanel(this.call, this.name, this.draft, () => this.read());
      const unsubscribe = this.call.store.subscribe((now) => chat.update(now));
      this.chat = chat;
      this.stop = () => {
        unsubscribe();
        this.chat = null;
      };
      return [say("chat.title"), chat.element];
    }
    if (which === "encryption") {
      const [title, text] = encryptionWords(this.call.store.snapshot.encryption, this.name);
      return [title, el("p", {}, text)];
    }
    if (which === "keys") return [say("page.keys"), keyList()];
    const table = el("dl", { class: "figures" });
    const draw = () => table.replaceChildren(...figures(this.call.latestSample));
    draw();
    const timer = setInterval(draw, FIGURES_EVERY_MS);
    this.stop = () => clearInterval(timer);
    return [say("key.Q"), table];
  }
}

const closing = (which: Overlay): string => say(which === "keys" ? "page.close_list" : "page.close_panel");

function keyList(): HTMLElement {
  const rows = KEYS.map((key) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, say(`key.${key}`))));
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
