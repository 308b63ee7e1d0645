// Whether the call is encrypted: the sign that is always there, and the question where it cannot be
// (app/components/call/stage/encryption.py).
import type { Call } from "../call/call.ts";
import { CAN_ENCRYPT } from "../call/can_encrypt.ts";
import type { Encryption, Snapshot, Store } from "../call/snapshot.ts";
import { keyOf, say } from "../words.ts";
import { el, show } from "./dom.ts";
import { icon } from "./icons.ts";

/** The title and the text of a state; `name` is the other's. */
export function encryptionWords({ encryption, keyOrigin }: Snapshot, name: string): [string, string] {
  const own = encryption === "asking" && !CAN_ENCRYPT;
  const text = encryption === "on" ? `encryption.on.text.${keyOrigin}` : `encryption.${encryption}.text`;
  return [
    own ? say("encryption.own_browser") : say(keyOf(`encryption.${encryption}.title`, "encryption.on.title"), { name }),
    say(keyOf(text, "encryption.on.text"), { name }),
  ];
}

/** What the sign means, with the words to compare, as it is at each moment. */
export class EncryptionPanel {
  readonly element = el("div", { class: "encryption" });
  readonly close: () => void;
  private shown = "";

  constructor(
    store: Store,
    private readonly name: string,
  ) {
    this.close = store.subscribe((now) => this.draw(now));
    this.draw(store.snapshot);
  }

  private draw(now: Snapshot): void {
    const [, text] = encryptionWords(now, this.name);
    const words = now.encryption === "on" ? now.keyWords.join(" ") : "";
    const changed = words && now.keyWordsChanged ? say("encryption.new_words", { name: this.name }) : "";
    const is = JSON.stringify([words, changed, text]);
    if (is === this.shown) return;
    this.shown = is;
    const label = `${say("encryption.key_words")}: ${words}`;
    this.element.replaceChildren(
      ...(words ? [el("p", { class: "key-words", role: "img", "aria-label": label }, words)] : []),
      ...(changed ? [el("p", { class: "new-words" }, changed)] : []),
      el("p", {}, text),
    );
  }
}

/** Pressing it says more. It fades with the controls only while all is well. */
export class EncryptionSign {
  readonly element: HTMLButtonElement;
  private shown = "";

  constructor(onPress: () => void) {
    this.element = el("button", { type: "button", class: "pill sign", onclick: onPress });
  }

  set({ encryption, keyWords, keyWordsChanged }: Snapshot): void {
    const on = keyWords.length && keyWordsChanged ? "new_words" : "on";
    const sign = encryption === "off" || encryption === "unreadable" ? encryption : on;
    if (sign === this.shown) return;
    this.shown = sign;
    const words = say(`encryption.sign.${sign}`);
    this.element.classList.toggle("amiss", sign !== "on");
    this.element.setAttribute("aria-label", `${words}. ${say("encryption.show")}`);
    this.element.replaceChildren(
      icon(sign === "off" ? "lock_open" : "lock"),
      el("span", { "aria-hidden": "true" }, words),
    );
  }
}

/** Over the stage while one side cannot encrypt and it is not agreed, or what comes cannot be decrypted. */
export class EncryptionNotice {
  readonly element = el("div", { class: "faults" });
  private shown = "";

  constructor(
    private readonly call: Call,
    private readonly name: string,
  ) {}

  get open(): boolean {
    return this.element.childElementCount > 0;
  }

  update(now: Snapshot): void {
    const { encryption, state } = now;
    const inRoom = ["waiting", "in_call", "reconnecting", "peer_reconnecting"].includes(state);
    const is = inRoom && encryption !== "on" && encryption !== "off" ? encryption : "";
    if (is === this.shown) return;
    this.shown = is;
    this.element.replaceChildren(...(is ? [this.notice(is, now)] : []));
    show(this.element, Boolean(is));
  }

  private notice(encryption: Encryption, now: Snapshot): HTMLElement {
    const [title, text] = encryptionWords(now, this.name);
    const answer = (words: string, yes: boolean) =>
      el("button", { type: "button", class: "text", onclick: () => this.call.answerUnencrypted(yes) }, words);
    const answers = {
      asking: [answer(say("encryption.go_on"), true), answer(say("encryption.do_not_go_on"), false)],
      declined: [answer(say("encryption.change_mind"), true)],
    };
    const choices = answers[encryption as keyof typeof answers] ?? [];
    return el(
      "div",
      { class: "fault", role: "alert" },
      icon("lock_open"),
      el("p", {}, el("strong", {}, title), ` ${text}`),
      choices.length ? el("span", { class: "choices" }, ...choices) : null,
    );
  }
}
