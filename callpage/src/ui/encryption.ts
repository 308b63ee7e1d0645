// Whether the call is encrypted: the sign that is always there, and the question where it cannot be
// (app/components/call/stage/encryption.py).
import type { Call } from "../call/call.ts";
import { CAN_ENCRYPT } from "../call/can_encrypt.ts";
import type { Encryption, Snapshot } from "../call/snapshot.ts";
import { keyOf, say } from "../words.ts";
import { el, show } from "./dom.ts";
import { icon } from "./icons.ts";

/** The title and the text of a state; `name` is the other's. */
export function encryptionWords(encryption: Encryption, name: string): [string, string] {
  const own = encryption === "asking" && !CAN_ENCRYPT;
  return [
    own ? say("encryption.own_browser") : say(keyOf(`encryption.${encryption}.title`, "encryption.on.title"), { name }),
    say(keyOf(`encryption.${encryption}.text`, "encryption.on.text"), { name }),
  ];
}

/** Pressing it says more. It fades with the controls only while all is well. */
export class EncryptionSign {
  readonly element: HTMLButtonElement;
  private shown: Encryption | null = null;

  constructor(onPress: () => void) {
    this.element = el("button", { type: "button", class: "pill sign", onclick: onPress });
  }

  set(encryption: Encryption): void {
    if (encryption === this.shown) return;
    this.shown = encryption;
    const sign = encryption === "off" || encryption === "unreadable" ? encryption : "on";
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

  update({ encryption, state }: Snapshot): void {
    const inRoom = ["waiting", "in_call", "reconnecting", "peer_reconnecting"].includes(state);
    const is = inRoom && encryption !== "on" && encryption !== "off" ? encryption : "";
    if (is === this.shown) return;
    this.shown = is;
    this.element.replaceChildren(...(is ? [this.notice(is)] : []));
    show(this.element, Boolean(is));
  }

  private notice(encryption: Encryption): HTMLElement {
    const [title, text] = encryptionWords(encryption, this.name);
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
