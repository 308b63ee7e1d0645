// Recordings that are still to be saved, each with a link that saves it: in the call, before it and after.
import type { Kept, Recordings } from "../media/recordings.ts";
import { say, sizeWords } from "../words.ts";
import { el, show } from "./dom.ts";

export class KeptList {
  readonly element = el("div", { class: "received", hidden: true });
  private readonly list = el("ul");

  constructor(private readonly recordings: Recordings) {
    this.element.append(el("p", {}, say("page.kept")), this.list);
    recordings.onChange = () => this.update();
    this.update();
  }

  private update(): void {
    const { list } = this.recordings;
    show(this.element, list.length > 0);
    this.list.replaceChildren(...list.map((each) => this.row(each)));
  }

  private row({ id, name, size, url }: Kept): HTMLElement {
    const save = el(
      "a",
      { class: "button small-button", href: url, download: name, "aria-label": `${say("recording.save")}, ${name}` },
      say("recording.save"),
    );
    save.addEventListener("click", () => void this.recordings.saved(id));
    const remove = el("button", { type: "button", class: "text small-button", "aria-label": `${say("recording.remove")}, ${name}` });
    remove.append(say("recording.remove"));
    remove.addEventListener("click", () => {
      if (confirm(say("page.remove", { name }))) void this.recordings.remove(id).catch(() => undefined);
    });
    return el("li", {}, el("span", {}, el("bdi", {}, name), " ", sizeWords(size)), el("span", {}, save, remove));
  }
}
