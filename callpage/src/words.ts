// What the page says: the app's own words (shared/words.json), a few of its own, and how times read.
import shared from "../shared/words.json";

const own = {
  "page.opened_from_app": "Your call is in the app",
  "page.opened_from_app.text":
    "This address alone does not open the call. Open Rendezvous, go to your sessions and press Start.",
  "page.cut": "This link is incomplete",
  "page.cut.text": "A part of it is missing. Open Rendezvous, go to your sessions and press Start.",
  "page.expired": "This link has expired",
  "page.expired.text": "Open Rendezvous, go to your sessions and press Start to get a new one.",
  "page.foreign": "This link does not open this call",
  "page.foreign.text": "It may belong to another session or account. Open Rendezvous and press Start there.",
  "page.unsupported": "This browser cannot carry calls",
  "page.unsupported.text": "Open the session in a current version of Chrome, Edge, Firefox or Safari.",
  "page.loading": "Opening the session…",
  "page.to_app": "Back to Rendezvous",
  "page.close": "You can close this page.",
  "page.try_again": "Try again",
  "page.hear": "Tap to hear {name}",
  "page.flip": "Switch camera",
  "page.pip": "Picture in picture",
  "page.leave_pip": "Leave picture in picture",
  "page.allow": "Allow camera and microphone when your browser asks. You can join without them.",
  "page.hide": "Hide",
  "page.close_list": "Close the list of shortcuts",
  "page.close_panel": "Close",
  "page.keys": "Keyboard shortcuts",
  "page.own_video": "Your own picture",
  "page.no_media": "Your browser hands out no camera or microphone on this page. You can join without them.",
  "page.insecure": "Camera and microphone work only over https. You can join without them.",
  "page.none.camera": "No camera found",
  "page.none.microphone": "No microphone found",
  "page.looking": "Looking…",
  "page.not_allowed": "Not allowed",
  "page.cannot_record": "This browser cannot record. Current versions of Chrome, Edge, Firefox and Safari can.",
  "page.kept": "Recordings that are kept in this browser until you save them:",
  "page.remove": "Remove {name} for good?",
  "page.size_left": "{size} left",
  "page.stood_still": "The recording's picture stood still for a while: the page was hidden, or this device too busy.",
  "key.P": "Picture in picture",
} as const;

export type SharedKey = keyof typeof shared;
export type Key = SharedKey | keyof typeof own;
const WORDS: Record<string, string> = { ...shared, ...own };

/** The sentence of this key, its `{places}` filled in. What is filled in stays text: it is never looked into again. */
export function say(key: Key, places: Record<string, string> = {}): string {
  return (WORDS[key] ?? key).replace(/\{(\w+)\}/g, (whole, place: string) => places[place] ?? whole);
}

/** A key that is put together at run time; `otherwise` where there is none of that name. */
export function keyOf(name: string, otherwise: Key): Key {
  return name in WORDS ? (name as Key) : otherwise;
}

/** A running clock: "9:05", "1:09:05" from an hour on. */
export function clockWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, left] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(left)}` : `${minutes}:${two(left)}`;
}

/** How long a call was: "40 seconds", "12 min", "1 h 5 min". */
export function lengthWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return whole === 1 ? "1 second" : `${whole} seconds`;
  return durationWords(Math.floor(whole / 60));
}

/** As file managers write it: "0 bytes", "14 KB", "2.3 MB", "41 GB" (app/state/core/sizes.py). */
export function sizeWords(size: number): string {
  if (size < 1024) return size === 1 ? "1 byte" : `${size} bytes`;
  const kilobytes = Math.floor((size + 512) / 1024);
  if (kilobytes < 1024) return `${kilobytes} KB`;
  const [unit, name] = size < 1024 ** 3 - 52_428 ? [1024 ** 2, "MB"] : [1024 ** 3, "GB"];
  const tenths = Math.floor((10 * size + unit / 2) / unit);
  return tenths % 10 && tenths < 1000 ? `${(tenths / 10).toFixed(1)} ${name}` : `${Math.floor(tenths / 10)} ${name}`;
}

/** What is left, rounded up: "45 s", "12 min", "2 h 5 min". */
export function countdownWords(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  return durationWords(Math.ceil(seconds / 60));
}

function durationWords(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours ? `${hours} h` : "", rest || !hours ? `${rest} min` : ""].filter(Boolean).join(" ");
}

/** "14:30", or "2:30 PM" where the device's clock counts to 12, as the app writes it (wall_time.py). */
export function timeWords(instant: Date): string {
  const cycle = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hourCycle ?? "h23";
  const form = cycle.startsWith("h1")
    ? new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit" })
    : new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return form.format(instant);
}

/** "Today 14:30–15:15", in this device's zone and clock. */
export function spanWords(startsAt: Date, endsAt: Date, now: Date): string {
  const day = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
  const days = Math.round((day(startsAt) - day(now)) / 86_400_000);
  const near: Record<number, string> = { [-1]: "Yesterday", 0: "Today", 1: "Tomorrow" };
  const date = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" }).format(startsAt);
  return `${near[days] ?? date} ${timeWords(startsAt)}–${timeWords(endsAt)}`;
}
