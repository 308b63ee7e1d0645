// Files in the chat: how far each is, what can be done about it, and choosing one (app/components/call/stage/files.py).
import type { Call } from "../call/call.ts";
import type { FileProblem, FileTransfer } from "../call/snapshot.ts";
import { keyOf, say, sizeWords, timeWords } from "../words.ts";
import { el, setText, show } from "./dom.ts";
import { roundButton } from "./parts.ts";

/** Below the file's name; `name` is the other's. */
export function fileWords(file: FileTransfer, name: string): string {
  const { state, mine, size, done, problem } = file;
  if (state === "underway") {
    const percent = String(size ? Math.floor((100 * done) / size) : 100);
    return say(mine ? "files.sending" : "files.receiving", { percent });
  }
  if (state === "delivered") return say(mine ? "files.delivered" : "files.ready");
  return say(keyOf(`files.${problem}.${mine ? "own" : "other"}`, "files.broken.own"), { name });
}

/** For a screen reader: one that comes, has arrived, or ended otherwise. */
export function fileAnnouncement(before: readonly FileTransfer[], after: readonly FileTransfer[], name: string): string {
  for (const file of after) {
    const known = before.find((each) => each.id === file.id);
    if (known?.state === file.state || file.problem === "cancelled") continue;
    if (file.state !== "underway") return `${file.name}: ${fileWords(file, name)}`;
    if (!file.mine) return say("files.coming", { name, file: file.name });
  }
  return "";
}

const refusedWords = (problem: FileProblem, name: string): string =>
  say(keyOf(`files.refused.${problem}`, "files.refused.not_in_call"), { name });

/** A link with `download`: nothing opens it, and its name is clean. */
function saveLink(call: Call, { id, name }: FileTransfer): HTMLAnchorElement {
  const label = `${say("files.save")}, ${name}`;
  const attributes = { class: "button small-button", href: call.fileUrl(id), download: name, "aria-label": label };
  return el("a", attributes, say("files.save"));
}

/** One file in the list of messages; its buttons stay the same while it goes on, so that they keep the focus. */
export class FileRow {
  readonly element: HTMLElement;
  private readonly status = el("p", { class: "quiet", "aria-live": "off" });
  private readonly bar: HTMLProgressElement;
  private readonly actions = el("div", { class: "file-actions" });
  private shown = "";

  constructor(
    private readonly call: Call,
    file: FileTransfer,
    private readonly name: string,
    private readonly onProblem: (words: string) => void,
  ) {
    const who = `${file.mine ? say("chat.you") : name}, ${timeWords(new Date(file.atMs))}`;
    const size = el("span", { class: "quiet" }, sizeWords(file.size));
    this.bar = el("progress", { max: Math.max(1, file.size), "aria-label": file.name });
    this.element = el(
      "li",
      { class: `file ${file.mine ? "mine" : "theirs"}` },
      el("span", { class: "quiet" }, who),
      el("p", { class: "file-name" }, el("bdi", {}, file.name), " ", size),
      this.bar,
      this.status,
      this.actions,
    );
    this.update(file);
  }

  update(file: FileTransfer): void {
    setText(this.status, fileWords(file, this.name));
    show(this.bar, file.state === "underway");
    this.bar.value = file.done;
    const is = `${file.state} ${file.again}`;
    if (is === this.shown) return;
    this.shown = is;
    this.actions.replaceChildren(...this.buttonsOf(file));
  }

  private buttonsOf(file: FileTransfer): HTMLElement[] {
    const button = (key: "cancel" | "remove" | "again", onclick: () => void) =>
      el(
        "button",
        { type: "button", class: "text small-button", onclick, "aria-label": `${say(`files.${key}`)}, ${file.name}` },
        say(`files.${key}`),
      );
    if (file.state === "underway") return [button("cancel", () => this.call.cancelFile(file.id))];
    const again = () => {
      const problem = this.call.sendFileAgain(file.id);
      this.onProblem(problem ? refusedWords(problem, this.name) : "");
    };
    if (file.mine) return file.again ? [button("again", again)] : [];
    const remove = button("remove", () => this.call.cancelFile(file.id));
    return file.state === "delivered" ? [saveLink(this.call, file), remove] : [remove];
  }
}

/** Chooses a file and sends it; `onProblem` is told why not, or nothing. */
export function attachButton(call: Call, name: string, onProblem: (words: string) => void): HTMLElement {
  const input = el("input", { type: "file", hidden: true, "aria-label": say("files.attach") });
  const send = async (file: File): Promise<void> => {
    const note = (cleaned: string) => say("files.note", { file: cleaned, size: sizeWords(file.size) });
    try {
      const problem = await call.sendFile(file, note);
      onProblem(problem ? refusedWords(problem, name) : "");
    } catch {
      onProblem(say("files.unreadable")); // taken away meanwhile, or a folder
    }
  };
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) void send(file);
    input.value = "";
  });
  const button = roundButton("small attach", () => input.click());
  button.set("attach", say("files.attach"), false);
  button.element.title = `${say("files.attach")}. ${say("files.limits")}`;
  return el("span", {}, button.element, input);
}

/** After the call: what has arrived, to be saved; null where there is nothing. */
export function receivedFiles(call: Call): HTMLElement | null {
  const whole = call.store.snapshot.files.filter((each) => !each.mine && each.state === "delivered");
  if (!whole.length) return null;
  const rows = whole.map((each) => el("li", {}, el("bdi", {}, each.name), saveLink(call, each)));
  return el("section", { class: "received" }, el("p", {}, say("files.after")), el("ul", {}, ...rows));
}
