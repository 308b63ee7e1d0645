// What leads into the call: the address's fragment, which is taken away before anything else runs, and what this tab
// keeps so that a reload comes back into the call. Imported first.

import type { SharedTimer } from "./call/shared_timer.ts";

/** `joinId` names this tab's join to the backend; `inCall`: the call was under way when this was kept. */
export interface CallLink {
  token: string;
  encryptionKey: string;
  joinId: string;
  inCall: boolean;
}

export const SESSION_ID = location.pathname.replace(/\/+$/, "").split("/").at(-1) ?? "";
/** Where the page's own questions go: below its own address, whatever stands in front of that. */
export const BASE = location.pathname.replace(/\/+$/, "");
const KEY = `rendezvous.call.${SESSION_ID}`;
const TIMER_KEY = `rendezvous.timer.${SESSION_ID}`;

const fragment = location.hash;
if (location.hash || location.href.endsWith("#")) history.replaceState(null, "", location.pathname);

/** The link of this visit: a new one from the fragment, else what this tab has kept; null where there is none. */
export function takeLink(): CallLink | null {
  const [token, encryptionKey] = [given("access_token"), given("encryption_key")];
  const kept = read();
  if (token && encryptionKey) return keep({ token, encryptionKey, joinId: newJoinId(), inCall: false });
  return kept;
}

function given(name: string): string {
  return new URLSearchParams(fragment.slice(1)).get(name) ?? "";
}

/** Whether the address had a fragment that lacks the token or the key: a link that was cut. */
export const CUT = fragment.length > 1 && !(given("access_token") && given("encryption_key"));

/** `sessionStorage` is this tab's alone and goes with it. */
export function keep(link: CallLink): CallLink {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(link));
  } catch {
    // Storage is switched off: a reload then needs the link again.
  }
  return link;
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // as above
  }
}

/** The shared timer of this session, for a reload of this tab. */
export const KEPT_TIMER = {
  read(): SharedTimer | null {
    try {
      const kept = JSON.parse(sessionStorage.getItem(TIMER_KEY) ?? "null") as Partial<SharedTimer> | null;
      const { lengthMs, endsAtMs } = kept ?? {};
      return typeof lengthMs === "number" && typeof endsAtMs === "number" ? { lengthMs, endsAtMs } : null;
    } catch {
      return null;
    }
  },
  write(timer: SharedTimer | null): void {
    try {
      if (timer) sessionStorage.setItem(TIMER_KEY, JSON.stringify(timer));
      else sessionStorage.removeItem(TIMER_KEY);
    } catch {
      // as above
    }
  },
};

export function newJoinId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function read(): CallLink | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return isLink(kept) ? kept : null;
  } catch {
    return null;
  }
}

function isLink(value: unknown): value is CallLink {
  if (typeof value !== "object" || value === null) return false;
  const link = value as Record<string, unknown>;
  const words = [link.token, link.encryptionKey, link.joinId];
  return words.every((each) => typeof each === "string") && typeof link.inCall === "boolean";
}
