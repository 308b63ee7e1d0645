// The few questions that the page asks the backend, with the room's own token (backend/calls/endpoints/page.py).
import { keyProof } from "./call/sealing.ts";
import type { ChatMessage } from "./call/snapshot.ts";
import { PROTOCOL } from "./call/protocol.ts";
import { BASE } from "./link.ts";

export type Role = "professional" | "user";

export interface Facts {
  own_name: string;
  own_role: Role;
  other_name: string;
  other_photo: string | null;
  starts_at: string;
  ends_at: string;
  opens_at: string;
  closes_at: string;
  now: string;
  problem: string | null;
  app_url: string;
}

interface KeptMessage {
  id: string;
  role: Role;
  text: string;
  sent_at: string;
}

/** One's own notes; `version` is 0 while there are none. */
export interface Note {
  text: string;
  version: number;
}

/** What the one who asks to record says of it ("asked", "began", "ended"), and the other. */
export type RecordingEvent = "asked" | "agreed" | "refused" | "withdrawn" | "began" | "ended";

export interface Credentials {
  livekit_url: string;
  access_token: string;
}

/** The backend said no, by a name (docs/api.md, "Errors"). */
export class Refused extends Error {
  constructor(
    readonly problem: string,
    readonly detail: string,
    readonly opensAt: string | null,
  ) {
    super(problem);
  }
}

/** Another device has saved the notes since: what they are now. */
export class NoteChanged extends Error {
  constructor(readonly note: Note) {
    super("NoteChanged");
  }
}

/** Nobody answered. */
export class Offline extends Error {}

const LIMIT_MS = 10_000;
/** What is asked with a proof of the session's key. */
const PROVEN = ["messages", "note", "recordings"];
const LATER = ["TooManyAttempts", "ServiceUnavailable", "InternalError", "other"];

/** Whether it may be better in a while. */
export const mayPass = (error: unknown): boolean =>
  error instanceof Offline || (error instanceof Refused && LATER.includes(error.problem));

/** Before the next try, after so many that failed. */
export function pauseAfter(failures: number): Promise<void> {
  const { again_after_s: pauses } = PROTOCOL.notes;
  const seconds = pauses[Math.min(failures, pauses.length - 1)] ?? 30;
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

export class Backend {
  private proof: Promise<string> | null = null;
  /** What is told of recordings, one after the other. */
  private noted: Promise<void> = Promise.resolve();

  constructor(
    private readonly token: string,
    private readonly key: string,
    readonly role: Role = "user",
  ) {}

  facts(): Promise<Facts> {
    return this.ask("facts", "GET");
  }

  join(joinId: string, rejoin: boolean, limitMs = LIMIT_MS): Promise<Credentials> {
    return this.ask("join", "POST", { join_id: joinId, rejoin }, limitMs);
  }

  async isThere(role: Role): Promise<boolean> {
    const answer = await this.ask<{ present: Role[] }>("presence", "GET");
    return answer.present.includes(role);
  }

  /** What both wrote in this session, as it is kept. */
  async messages(): Promise<ChatMessage[]> {
    const { messages } = await this.ask<{ messages: KeptMessage[] }>("messages", "GET");
    return messages.map(({ id, role, text, sent_at }) => {
      const mine = role === this.role;
      return { id, text, atMs: Date.parse(sent_at), mine, delivered: !mine };
    });
  }

  async keepMessages(messages: ChatMessage[]): Promise<void> {
    const told = messages.map(({ id, text, atMs }) => ({ id, text, sent_at: new Date(atMs).toISOString() }));
    await this.ask("messages", "POST", { messages: told });
  }

  note(): Promise<Note> {
    return this.ask("note", "GET");
  }

  /** Saves the whole text, written over `version`. NoteChanged. */
  saveNote(text: string, version: number): Promise<Note> {
    return this.ask("note", "PUT", { text, version });
  }

  /** Who asked, agreed and wrote, and when: told until it is taken. Never rejects. */
  noteRecording(askId: string, event: RecordingEvent, atMs: number): Promise<void> {
    const said = { ask_id: askId, event, at: new Date(atMs).toISOString() };
    return (this.noted = this.noted.then(async () => {
      for (let failures = 0; ; failures += 1) {
        try {
          return await this.ask<void>("recordings", "POST", said);
        } catch (error) {
          if (!mayPass(error)) return;
          await pauseAfter(failures);
        }
      }
    }));
  }

  async report(quality: object): Promise<void> {
    await this.ask("quality", "PUT", quality);
  }

  private async ask<Answer>(what: string, method: string, body?: object, limitMs = LIMIT_MS): Promise<Answer> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    if (body) headers["Content-Type"] = "application/json";
    if (PROVEN.includes(what)) headers["Call-Key-Proof"] = await (this.proof ??= keyProof(this.key));
    const answer = await answered(`${BASE}/${what}`, {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      cache: "no-store",
      credentials: "omit",
      keepalive: method === "PUT",
      signal: AbortSignal.timeout(limitMs),
    });
    if (!answer.ok) throw await refusal(answer);
    return (answer.status === 204 ? null : await answer.json()) as Answer;
  }
}

/** Where the app shows this session; empty where there is no web app, or nobody answers. Needs no token. */
export async function wayBack(): Promise<string> {
  try {
    const answer = await answered(`${BASE}/way-back`, { signal: AbortSignal.timeout(LIMIT_MS) });
    const said = (await answer.json()) as { app_url?: string };
    return said.app_url ?? "";
  } catch {
    return "";
  }
}

async function answered(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch {
    throw new Offline();
  }
}

async function refusal(answer: Response): Promise<Refused | NoteChanged> {
  const said = (await answer.json().catch(() => ({}))) as Partial<Record<"error" | "detail" | "opens_at", string>> & {
    note?: Note;
  };
  if (said.error === "NoteChanged" && said.note) return new NoteChanged(said.note);
  return new Refused(said.error ?? "other", said.detail ?? "", said.opens_at ?? null);
}
