// The level meter and the menus of camera, microphone and speaker, for the preview and for the panel in the call.
import type { Call } from "../call/call.ts";
import type { Snapshot } from "../call/snapshot.ts";
import { type Choice, Devices } from "../media/devices.ts";
import type { Level } from "../media/level.ts";
import { say } from "../words.ts";
import { el, show } from "./dom.ts";
import { icon, type IconName } from "./icons.ts";

const LEVEL_EVERY_MS = 100;
type Kind = "camera" | "microphone" | "speaker";
const NAMES: Record<Kind, string> = { camera: "Camera", microphone: "Microphone", speaker: "Speaker" };
const ICONS: Record<Kind, IconName> = { camera: "video", microphone: "microphone", speaker: "volume" };

export class DeviceChoices {
  readonly element: HTMLElement;
  private readonly menus: Record<Kind, HTMLSelectElement>;
  private readonly meter = el("meter", { min: 0, max: 1, value: 0, "aria-label": "Microphone level" });
  private readonly timer: ReturnType<typeof setInterval>;
  private labels = "";

  constructor(
    private readonly call: Call,
    private readonly level: Level,
  ) {
    this.menus = { camera: this.menu("camera"), microphone: this.menu("microphone"), speaker: this.menu("speaker") };
    this.element = el(
      "div",
      { class: "devices" },
      el("div", { class: "level" }, icon("microphone"), this.meter),
      ...(["camera", "microphone", "speaker"] as const).map((kind) => this.field(kind)),
    );
    this.timer = setInterval(() => this.readLevel(), LEVEL_EVERY_MS);
    void this.list();
  }

  update(now: Snapshot): void {
    const { camera, microphone } = now;
    const labels = [camera, microphone].map((each) => `${each.deviceId} ${each.working} ${each.fault} ${each.opening}`).join();
    if (labels === this.labels) return;
    this.labels = labels;
    void this.list();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Browsers name the devices only once one may be used. */
  async list(): Promise<void> {
    const { devices, store } = this.call;
    const { camera, microphone } = store.snapshot;
    const chosen: Record<Kind, string> = {
      camera: camera.deviceId,
      microphone: microphone.deviceId,
      speaker: devices.speakerId,
    };
    for (const kind of ["camera", "microphone", "speaker"] as const) {
      this.fill(kind, await devices.choices(kind), chosen[kind]);
    }
  }

  private fill(kind: Kind, choices: Choice[], chosen: string): void {
    const menu = this.menus[kind];
    const none = kind === "speaker" ? [] : [{ id: "", label: this.whyNone(kind) }];
    const shown = choices.length ? choices : none;
    menu.replaceChildren(...shown.map(({ id, label }) => el("option", { value: id }, label)));
    menu.disabled = !choices.length;
    menu.value = shown.some((each) => each.id === chosen) ? chosen : (shown[0]?.id ?? "");
    const field = menu.closest<HTMLElement>(".field");
    if (field && kind === "speaker") show(field, Devices.canChooseSpeaker && choices.length > 0);
  }

  private whyNone(kind: "camera" | "microphone"): string {
    const { fault, opening } = this.call.store.snapshot[kind];
    if (fault === "refused") return say("page.not_allowed");
    return say(opening ? "page.looking" : `page.none.${kind}`);
  }

  private menu(kind: Kind): HTMLSelectElement {
    const menu = el("select", { id: `choose-${kind}` });
    menu.addEventListener("change", () => {
      const { devices } = this.call;
      if (kind === "speaker") void devices.chooseSpeaker(menu.value);
      else void devices.of(kind).choose(menu.value);
    });
    return menu;
  }

  private field(kind: Kind): HTMLElement {
    const label = el("label", { for: `choose-${kind}` }, icon(ICONS[kind]), NAMES[kind]);
    return el("div", { class: "field" }, label, this.menus[kind]);
  }

  private readLevel(): void {
    const { enabled } = this.call.store.snapshot.microphone;
    this.meter.value = enabled ? this.level.read() : 0;
  }
}
