// The call: the other person as large as can be, the own picture inset, one bar, and the state always in words
// (app/screens/booked_session.py).
import type { Facts } from "../backend.ts";
import type { Call } from "../call/call.ts";
import { LIMITS } from "../call/protocol.ts";
import type { Snapshot } from "../call/snapshot.ts";
import type { Level } from "../media/level.ts";
import { askToRecord } from "../media/record.ts";
import type { Recordings } from "../media/recordings.ts";
import { canBeFullScreen, PictureInPicture, toggleFullScreen, WakeLock } from "../media/whole_screen.ts";
import type { ServerClock } from "../page.ts";
import type { Notes } from "../private_notes.ts";
import { clockWords, say } from "../words.ts";
import { announcement } from "./announce.ts";
import { chatButton } from "./chat.ts";
import { announce, el, show, showScreen } from "./dom.ts";
import { EncryptionNotice } from "./encryption.ts";
import { Fading } from "./fading.ts";
import { icon } from "./icons.ts";
import { InsetPlace } from "./inset.ts";
import { CallKeys } from "./keys.ts";
import { noPictureWords } from "./notes.ts";
import { Overlays } from "./overlays.ts";
import { deviceButtons, faultNotices, roundButton, tile } from "./parts.ts";
import { RecordButton, RecordingNotice, RecordingPills } from "./recording.ts";
import { OtherScreen, OwnScreen } from "./screen.ts";
import { StateNotice } from "./state_notice.ts";
import { leads, timeNoticeWords, TimerPill } from "./timer.ts";
import { pill, TopLine } from "./top_line.ts";

const EVERY_MS = 500;

export class StageScreen {
  private readonly other;
  private readonly own;
  private readonly otherScreen: OtherScreen;
  private readonly ownScreen: OwnScreen;
  private readonly record: RecordButton;
  private readonly recording: RecordingNotice;
  private readonly pills: RecordingPills;
  private readonly inset: InsetPlace;
  private readonly buttons;
  private readonly faults;
  private readonly topLine: TopLine;
  private readonly encryption: EncryptionNotice;
  private readonly notice: StateNotice;
  private readonly overlays: Overlays;
  private readonly keys: CallKeys;
  private readonly fading: Fading;
  private readonly wakeLock = new WakeLock();
  private readonly pictureInPicture: PictureInPicture;
  private readonly pip = roundButton("pip", () => void this.pictureInPicture.toggle(), "p");
  private readonly flip = roundButton("flip", () => void this.call.devices.camera.flip());
  private readonly more = roundButton("more", () => this.overlays.toggle("devices"));
  private readonly chat = chatButton(() => this.overlays.toggle("chat"));
  private readonly notesButton = roundButton("notes-button", () => this.overlays.toggle("notes"), "n");
  private readonly timerButton = roundButton("small timer-button", () => this.overlays.toggle("timer"), "t");
  private readonly layoutButton = roundButton("small layout", () => this.toggleLayout(), "l");
  private readonly fullButton = roundButton("small full", () => void toggleFullScreen(), "f");
  private readonly closing = el("div", { class: "closing", role: "status" });
  private readonly spoken = el("div", { class: "spoken", role: "status" });
  private readonly hear: HTMLButtonElement;
  private readonly stage = el("main", { class: "stage" });
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly unsubscribe: () => void;
  private talking = false;
  private saidLast = "";

  constructor(
    private readonly call: Call,
    private readonly facts: Facts,
    private readonly clock: ServerClock,
    private readonly level: Level,
    notes: Notes,
    recordings: Recordings,
  ) {
    const { other_name: name, other_photo: photo, own_name: own } = facts;
    this.other = tile("other", `Video of ${name}`, name, photo, true);
    this.own = tile("inset", say("page.own_video"), own, null, false);
    this.inset = new InsetPlace(this.own.element, this.other.element);
    this.otherScreen = new OtherScreen(name, photo);
    this.ownScreen = new OwnScreen(call);
    this.pictureInPicture = new PictureInPicture(this.other.video);
    this.buttons = deviceButtons(call);
    this.faults = faultNotices(call, name);
    this.record = new RecordButton(call, () => void askToRecord(call, facts, recordings));
    this.pills = new RecordingPills(call, name);
    this.recording = new RecordingNotice(call, name, recordings, () => this.pills.focus());
    const changed = () => this.update(call.store.snapshot);
    this.overlays = new Overlays(call, level, facts, clock, notes, this.record.row, changed);
    this.topLine = new TopLine(
      name,
      () => this.overlays.toggle("quality"),
      () => this.overlays.toggle("encryption"),
      new TimerPill(clock, leads(facts) ? () => this.overlays.toggle("timer") : null),
    );
    this.encryption = new EncryptionNotice(call, name);
    this.notice = new StateNotice(facts, clock);
    this.hear = el("button", { type: "button", class: "main hear", hidden: true }, say("page.hear", { name }));
    this.hear.addEventListener("click", () => void call.speaker.play());
    this.fading = new Fading(this.stage);
    this.keys = new CallKeys(this.actions(), () => !call.store.snapshot.microphone.enabled);
    this.layout();
    showScreen(this.stage, say("stage.session", { name }));
    this.unsubscribe = call.store.subscribe((now, before) => this.changed(now, before));
    this.timer = setInterval(() => this.tick(), EVERY_MS);
    document.addEventListener("visibilitychange", this.seen);
    this.update(call.store.snapshot);
  }

  close(): void {
    this.unsubscribe();
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
    this.overlays.close();
    this.keys.close();
    this.fading.close();
    this.wakeLock.close();
    void this.pictureInPicture.leave();
    if (document.fullscreenElement) void toggleFullScreen();
  }

  private layout(): void {
    const end = roundButton("danger end", () => this.call.leave());
    end.set("end", say("stage.end"), false);
    this.flip.set("flip", say("page.flip"), false);
    const muted = el("span", { class: "muted", title: say("stage.you_are_muted") }, icon("microphone_off"));
    muted.setAttribute("role", "img");
    muted.setAttribute("aria-label", say("stage.you_are_muted"));
    this.own.element.append(muted);
    const corner = el("div", { class: "corner" }, this.otherScreen.buttons, leads(this.facts) && this.timerButton.element);
    corner.append(this.layoutButton.element);
    if (canBeFullScreen()) corner.append(this.fullButton.element);
    const bar = el("div", { class: "bar", role: "toolbar", "aria-label": "Call" });
    bar.append(...this.buttons.elements, this.flip.element, this.ownScreen.button.element, this.record.button.element);
    bar.append(this.chat.element, this.notesButton.element, this.more.element);
    if (this.pictureInPicture.possible) bar.append(this.pip.element);
    bar.append(end.element);
    const upper = el("div", { class: "upper" }, this.topLine.element, corner);
    const lower = el("div", { class: "lower" }, this.hear, this.closing, this.spoken, this.ownScreen.bar, bar);
    const tiles = [this.otherScreen, this.other, this.own, this.notice].map((each) => each.element);
    const pictures = el("div", { class: "pictures" }, ...tiles);
    const amiss = [this.encryption.element, this.recording.element, this.ownScreen.notice, this.faults.element];
    const noticed = el("div", { class: "noticed" }, ...amiss);
    this.stage.append(pictures, this.pills.element, upper, noticed, lower, this.overlays.element);
    this.stage.addEventListener("dblclick", (event) => {
      if (this.otherScreen.element.contains(event.target as Node)) return; // that zooms it
      if (event.target instanceof HTMLVideoElement || event.target === this.stage) this.toggleLayout();
    });
  }

  private changed(now: Snapshot, before: Snapshot): void {
    announce(announcement(before, now, this.facts.other_name));
    this.update(now);
  }

  private update(now: Snapshot): void {
    const { other_name: name } = this.facts;
    const here = now.state === "in_call" || now.state === "reconnecting";
    const shown = here && (now.peer?.cameraOn ?? false);
    const why = shown ? say("stage.waiting_for_picture") : noPictureWords(now.peer, name);
    this.other.set(shown ? now.remoteVideo : null, here ? why : "");
    this.own.set(now.camera.enabled && now.camera.working ? this.call.devices.camera.track : null, insetWords(now));
    this.own.element.classList.toggle("mirrored", this.call.devices.camera.facing === "user");
    this.own.element.classList.toggle("is-muted", !now.microphone.enabled || now.microphone.fault !== null);
    this.buttons.update(now);
    this.faults.update(now);
    this.encryption.update(now);
    this.topLine.update(now);
    const screened = this.otherScreen.update(now);
    const failed = this.ownScreen.update(now);
    this.stage.classList.toggle("screened", screened);
    this.stage.classList.toggle("shares", now.screen.sharing);
    if (screened) this.stage.classList.remove("side");
    this.notice.update(now, screened || (shown && now.remoteVideo !== null));
    this.setButtons();
    show(this.hear, now.audioBlocked);
    this.record.update(now);
    this.recording.update(now);
    this.pills.tick(now);
    const asked = this.encryption.open || this.recording.open;
    const amiss = failed || this.faults.element.childElementCount > 0 || asked;
    this.fading.calm = now.state === "in_call" && !this.overlays.open && !amiss;
    this.level.follow(this.call.devices.microphone.track);
  }

  private setButtons(): void {
    const open = this.overlays.open === "devices";
    show(this.flip.element, this.call.store.snapshot.camera.enabled && this.call.devices.severalCameras);
    const side = this.stage.classList.contains("side");
    const full = document.fullscreenElement !== null;
    this.chat.set(this.overlays.open === "chat" ? 0 : this.overlays.unread, this.overlays.open === "chat");
    const [writes, sets] = [this.overlays.open === "notes", this.overlays.open === "timer"];
    this.notesButton.set("note", say(writes ? "notes.close" : "notes.open"), writes);
    this.timerButton.set("timer", say(sets ? "timer.close" : "timer.open"), sets);
    this.more.set("tune", say(open ? "stage.close_devices" : "stage.devices"), open);
    this.pip.set("pip", say(this.pictureInPicture.on ? "page.leave_pip" : "page.pip"), this.pictureInPicture.on);
    this.layoutButton.set(side ? "one_large" : "split", say(side ? "stage.one_large" : "stage.side_by_side"), false);
    this.fullButton.set(full ? "leave_full" : "full", say(full ? "stage.leave_full_screen" : "stage.full_screen"), false);
  }

  private tick(): void {
    const { snapshot } = this.call.store;
    this.topLine.tick(snapshot);
    this.notice.tick(snapshot);
    this.pills.tick(snapshot);
    this.setButtons();
    this.setClosing();
    this.setSpoken(snapshot);
    this.seen();
  }

  private setClosing(): void {
    const left = (new Date(this.facts.closes_at).getTime() - this.clock().getTime()) / 1000;
    const first = left <= LIMITS.first_notice_s && left > LIMITS.first_notice_s - LIMITS.first_notice_shown_s;
    let words = first ? say("closing.first") : "";
    if (left > 0 && left <= LIMITS.last_notice_s) words = say("closing.last", { clock: clockWords(left) });
    const said = [timeNoticeWords(this.call.store.snapshot, this.facts, this.clock), words].filter(Boolean);
    if (said.join() === this.saidLast) return;
    this.saidLast = said.join();
    this.closing.replaceChildren(...said.map((each) => pill("schedule", each)));
  }

  /** To a person who speaks though muted; and while the space bar lets them speak. */
  private setSpoken(now: Snapshot): void {
    this.level.read();
    const muted = !now.microphone.enabled && this.level.speaking;
    const words = this.talking ? say("stage.talking") : muted ? say("stage.speaking_muted") : "";
    if ((this.spoken.textContent ?? "") === words) return;
    this.spoken.replaceChildren(...(words ? [pill(this.talking ? "microphone" : "microphone_off", words)] : []));
  }

  /** A hidden page costs no picture, unless it is in a window of its own, or recorded. */
  private readonly seen = (): void => {
    const recorded = this.call.store.snapshot.recording.state === "recording";
    const visible = !document.hidden || this.pictureInPicture.on || recorded;
    const { clientWidth, clientHeight } = this.other.element;
    const box: [number, number] = [clientWidth * devicePixelRatio, clientHeight * devicePixelRatio];
    this.call.setRemoteVideo(visible, this.other.video.hidden || this.pictureInPicture.on ? null : box);
  };

  private toggleLayout(): void {
    if (this.stage.classList.contains("screened")) return; // the screen needs the room
    this.stage.classList.toggle("side");
    this.setButtons();
  }

  private actions() {
    const { call, overlays } = this;
    const now = () => call.store.snapshot;
    return {
      microphone: () => void call.setMicrophone(!now().microphone.enabled),
      camera: () => void call.setCamera(!now().camera.enabled),
      quality: () => overlays.toggle("quality"),
      keys: () => overlays.toggle("keys"),
      chat: () => overlays.toggle("chat"),
      notes: () => overlays.toggle("notes"),
      timer: () => leads(this.facts) && overlays.toggle("timer"),
      layout: () => this.toggleLayout(),
      fullScreen: () => void (canBeFullScreen() && toggleFullScreen()),
      pictureInPicture: () => void this.pictureInPicture.toggle(),
      screen: () => call.toggleScreen(),
      zoom: (key: string) => this.otherScreen.onKey(key),
      arrow: (key: string) => this.otherScreen.zoom.onArrow(key) || this.inset.onArrow(key),
      escape: () => overlays.close(),
      talk: (on: boolean) => {
        this.talking = on;
        void call.setMicrophone(on);
      },
      awake: () => this.fading.awake(),
    };
  }
}

function insetWords({ camera }: Snapshot): string {
  if (!camera.enabled) return say("stage.inset_camera_off");
  return say(camera.fault ? "stage.inset_no_camera" : "stage.inset_starting");
}

