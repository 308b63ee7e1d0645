// The chat over the call: at the side where there is room, else a sheet from the bottom (app/components/call/stage/chat.py).
import type { Call } from "../call/call.ts";
import type { ChatMessage, FileTransfer, Snapshot } from "../call/snapshot.ts";
import { say, timeWords } from "../words.ts";
import { el, setText, show } from "./dom.ts";
import { attachButton, FileRow } from "./files.ts";
import { roundButton } from "./parts.ts";

const LINK = /https?:\/\/[^\s<>"]+/gi;
const END = /[.,;:!?)\]}'"]+$/;
const LINES = 4;

/** The text in its order, with all that begins with http:// or https:// as links; nothing else of it means anything. */
export function linked(text: string): (HTMLElement | string)[] {
  const parts: (HTMLElement | string)[] = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    const href = found[0].replace(END, "");
    if (/^https?:\/\/$/i.test(href)) continue;
    parts.push(text.slice(at, found.index), el("a", { href, target: "_blank", rel: "noopener noreferrer" }, href));
    at = found.index + href.length;
  }
  return [...parts, text.slice(at)];
}

export function markWords({ id, mine, delivered }: ChatMessage, now: Snapshot): string {
  if (!mine) return "";
  if (now.refusedMessages.includes(id) && !delivered) return say("chat.not_kept");
  if (delivered) return say("chat.delivered");
  return say(now.keptMessages.includes(id) ? "chat.sent" : "chat.sending");
}

/** How many of the other's messages have not been shown. */
export function unreadOf({ chat }: Snapshot, read: ReadonlySet<string>): number {
  return chat.filter((each) => !each.mine && !read.has(each.id)).length;
}

/** Enter sends, Shift+Enter begins a line; Escape closes what it is in. */
export class ChatPanel {
  readonly element: HTMLElement;
  private readonly list = el("ol", { class: "messages", "aria-live": "polite", tabindex: 0 });
  private readonly field: HTMLTextAreaElement;
  private readonly problem = el("p", { class: "problem", role: "alert", hidden: true });
  private readonly fileRows = new Map<string, FileRow>();
  private shown = "";

  constructor(
    private readonly call: Call,
    private readonly name: string,
    draft: { text: string },
    private readonly onShown: () => void,
  ) {
    this.field = el("textarea", { rows: 1, maxlength: 2000, "aria-label": say("chat.field"), placeholder: say("chat.field") });
    this.field.value = draft.text;
    const grow = () => {
      draft.text = this.field.value;
      this.field.rows = Math.min(LINES, this.field.value.split("\n").length);
    };
    this.field.addEventListener("input", grow);
    const send = () => {
      call.sendMessage(this.field.value);
      this.field.value = "";
      grow();
      this.field.focus();
    };
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      send();
    });
    const button = roundButton("small send", send);
    button.set("send", say("chat.send"), false);
    const attach = attachButton(call, name, this.sayProblem);
    const composer = el("div", { class: "composer" }, attach, this.field, button.element);
    this.element = el("div", { class: "chat" }, this.list, el("div", {}, this.problem, composer));
    this.update(call.store.snapshot);
  }

  focus(): void {
    this.field.focus();
  }

  update(now: Snapshot): void {
    const files = now.files.map((each) => each.id);
    for (const id of this.fileRows.keys()) if (!files.includes(id)) this.fileRows.delete(id);
    for (const each of now.files) this.fileRow(each).update(each);
    const is = JSON.stringify([now.chat, now.keptMessages.length, now.refusedMessages.length, files]);
    if (is !== this.shown) {
      this.shown = is;
      const rows = this.rows(now);
      const empty = el("li", { class: "quiet" }, say("chat.empty"));
      this.list.replaceChildren(...(rows.length ? rows : [empty]));
      this.list.scrollTop = this.list.scrollHeight;
    }
    this.onShown();
  }

  /** Why a file is not sent; empty takes it back. */
  private readonly sayProblem = (words: string): void => {
    setText(this.problem, words);
    show(this.problem, Boolean(words));
  };

  private fileRow(file: FileTransfer): FileRow {
    const row = this.fileRows.get(file.id) ?? new FileRow(this.call, file, this.name, this.sayProblem);
    this.fileRows.set(file.id, row);
    return row;
  }

  /** Messages and files in their order. The message that says of a file that it was sent stands where the file is gone. */
  private rows(now: Snapshot): HTMLElement[] {
    const isFile = ({ id, mine }: ChatMessage) => now.files.some((file) => file.id === id && file.mine === mine);
    const messages = now.chat.filter((each) => !isFile(each)).map((each) => ({ atMs: each.atMs, row: this.row(each, now) }));
    const files = now.files.map((each) => ({ atMs: each.atMs, row: this.fileRow(each).element }));
    return [...messages, ...files].sort((one, other) => one.atMs - other.atMs).map((each) => each.row);
  }

  private row(message: ChatMessage, now: Snapshot): HTMLElement {
    const mark = markWords(message, now);
    const who = `${message.mine ? say("chat.you") : this.name}, ${timeWords(new Date(message.atMs))}`;
    const head = el("span", { class: "quiet" }, mark ? `${who} · ${mark}` : who);
    return el("li", { class: message.mine ? "mine" : "theirs" }, head, el("p", {}, ...linked(message.text)));
  }
}

/** Opens the chat, and says how many messages are new. */
export function chatButton(onPress: () => void): { element: HTMLElement; set: (unread: number, open: boolean) => void } {
  const button = roundButton("chat-button", onPress, "c");
  const number = el("span", { class: "unread", "aria-hidden": "true", hidden: true });
  const element = el("span", { class: "counted" }, button.element, number);
  return {
    element,
    set(unread, open) {
      const key = unread === 1 ? "chat.open_one" : unread ? "chat.open_more" : "chat.open";
      button.set("chat", say(open ? "chat.close" : key, { number: String(unread) }), open);
      number.textContent = String(Math.min(unread, 99));
      number.hidden = !unread;
    },
  };
}

