// What several screens are made of: round buttons, notices of failing devices, short pages.
import type { Call } from "../call/call.ts";
import type { Snapshot } from "../call/snapshot.ts";
import { say } from "../words.ts";
import { avatar } from "./avatar.ts";
import { type Child, el, show } from "./dom.ts";
import { icon, type IconName } from "./icons.ts";
import { faultsOf, type OwnFault } from "./notes.ts";

export interface RoundButton {
  element: HTMLButtonElement;
  /** `label` says what pressing it does now; `off` turns its colours round. */
  set(iconName: IconName, label: string, off: boolean): void;
}

export function roundButton(kind: string, onPress: () => void, shortcut = ""): RoundButton {
  const element = el("button", { type: "button", class: `round ${kind}`, onclick: onPress });
  if (shortcut) element.setAttribute("aria-keyshortcuts", shortcut);
  let shown = "";
  return {
    element,
    set(iconName, label, off) {
      const now = `${iconName} ${label} ${off}`;
      if (now === shown) return;
      shown = now;
      element.setAttribute("aria-label", label);
      element.title = shortcut ? `${label} (${shortcut.toUpperCase()})` : label;
      element.classList.toggle("off", off);
      element.replaceChildren(icon(iconName));
    },
  };
}

/** Microphone and camera, as they are named and drawn everywhere. */
export function deviceButtons(call: Call): { elements: HTMLElement[]; update: (now: Snapshot) => void } {
  const { store } = call;
  const toggle = (kind: "camera" | "microphone") => () => {
    const on = !store.snapshot[kind].enabled;
    void (kind === "camera" ? call.setCamera(on) : call.setMicrophone(on));
  };
  const microphone = roundButton("microphone", toggle("microphone"), "m");
  const camera = roundButton("camera", toggle("camera"), "v");
  return {
    elements: [microphone.element, camera.element],
    update(now) {
      const [speaks, seen] = [now.microphone.enabled, now.camera.enabled];
      microphone.set(speaks ? "microphone" : "microphone_off", say(speaks ? "stage.mute" : "stage.unmute"), !speaks);
      camera.set(seen ? "video" : "video_off", say(seen ? "stage.camera_off" : "stage.camera_on"), !seen);
    },
  };
}

/** The own devices that fail, each with what helps; one that was put away stays away. */
export function faultNotices(call: Call, name: string): { element: HTMLElement; update: (now: Snapshot) => void } {
  const element = el("div", { class: "faults" });
  const hidden = new Set<string>();
  let shown = "";
  const update = (now: Snapshot): void => {
    const faults = faultsOf(now).filter((each) => !hidden.has(keyOfFault(each)));
    const is = faults.map(keyOfFault).join();
    if (is === shown) return;
    shown = is;
    element.replaceChildren(...faults.map((each) => notice(each)));
  };
  const notice = (each: OwnFault): HTMLElement => {
    const again = () => void call.devices.of(each.kind).open();
    const hide = () => {
      hidden.add(keyOfFault(each));
      update(call.store.snapshot);
    };
    return el(
      "div",
      { class: "fault", role: "group", "aria-label": each.what(name) },
      icon("warning"),
      el("p", {}, el("strong", {}, each.what(name)), each.remedy ? ` ${each.remedy}` : null),
      el(
        "span",
        { class: "choices" },
        el("button", { type: "button", class: "text", onclick: again }, say("page.try_again")),
        el("button", { type: "button", class: "text", onclick: hide }, say("page.hide")),
      ),
    );
  };
  return { element, update };
}

const keyOfFault = (each: OwnFault): string => `${each.kind}-${each.fault}`;

/** A page with one thing to say, and the one step that helps. */
export function shortPage(iconName: IconName, title: string, text: string, ...more: Child[]): HTMLElement {
  return el(
    "main",
    { class: "short" },
    el("div", { class: "sign" }, icon(iconName)),
    el("h1", {}, title),
    el("p", {}, text),
    ...more,
  );
}

export function loadingPage(): HTMLElement {
  return el("main", { class: "short" }, el("div", { class: "ring" }), el("p", {}, say("page.loading")));
}

/** The way back to the app, or what to do where there is no web app. */
export function backLink(appUrl: string, main: boolean): HTMLElement {
  if (!appUrl) return el("p", { class: "quiet" }, say("page.close"));
  return el("a", { class: main ? "button main" : "button", href: appUrl }, say("page.to_app"));
}

export interface Tile {
  element: HTMLElement;
  video: HTMLVideoElement;
  set(track: MediaStreamTrack | null, words: string): void;
}

/** A video with what stands in its place while there is none. */
export function tile(kind: string, label: string, name: string, photo: string | null, withName: boolean): Tile {
  const video = el("video", { playsinline: true, autoplay: true, muted: true, "aria-label": label });
  video.muted = true;
  const said = el("p", {});
  const place = el(
    "div",
    { class: "no-video" },
    avatar(name, photo, kind === "inset" ? "small" : "large"),
    withName ? el("p", { class: "name" }, name) : null,
    said,
  );
  let shown: MediaStreamTrack | null = null;
  return {
    element: el("div", { class: `tile ${kind}` }, video, place),
    video,
    set(track, words) {
      said.textContent = words;
      show(place, !track);
      show(video, Boolean(track));
      if (track === shown) return;
      shown = track;
      video.srcObject = track ? new MediaStream([track]) : null;
      if (track) void video.play().catch(() => undefined);
    },
  };
}
