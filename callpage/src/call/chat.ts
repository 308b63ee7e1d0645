// Carries the chat over the room, and has the backend keep it (app/call/room/messages/chat.py, app/state/call/chat.py).
import { type Backend, Refused } from "../backend.ts";
import { sleep } from "./connection.ts";
import { cleanMessage, Conversation, readPacket } from "./conversation.ts";
import { PROTOCOL } from "./protocol.ts";
import { SealedTopic } from "./sealed_topic.ts";
import type { RoomSession } from "./session.ts";
import type { Store } from "./snapshot.ts";

const CHECK_EVERY_MS = 250;
const AGAIN_AFTER_S = [1, 2, 5, 10, 30];
const KEPT_AT_ONCE = 50;
const FINAL = ["TooManyMessages", "InvalidPayload", "SessionOver", "SessionCancelled", "NotPaid", "CallLinkInvalid"];
const nowS = () => performance.now() / 1000;

export class Chat {
  private readonly conversation = new Conversation();
  private readonly room: SealedTopic;
  private readonly timer = setInterval(() => void this.room.sendDue(), CHECK_EVERY_MS);
  private readonly waiting = new Set<string>();
  private keeping = false;
  private closed = false;

  /** `now` is the server's clock, in milliseconds. */
  constructor(
    session: RoomSession,
    private readonly store: Store,
    private readonly backend: Backend,
    key: string,
    private readonly now: () => number,
  ) {
    const due = () => this.conversation.due(nowS());
    this.room = new SealedTopic(session, store, key, PROTOCOL.chat.topic, due, () => this.conversation.peerIsBack());
    session.onChat = (data, identity) => void this.received(data, identity);
    void this.load();
  }

  /** Shown at once; delivered when the other is there. */
  send(text: string, id: string = crypto.randomUUID()): void {
    const cleaned = cleanMessage(text);
    if (!cleaned) return;
    this.conversation.write(id, cleaned, this.now());
    this.changed();
    void this.room.sendDue();
  }

  /** What the last call of this page knew: of a rejoin. */
  takeKept(messages: Parameters<Conversation["takeKept"]>[0]): void {
    this.conversation.takeKept(messages);
    this.changed();
  }

  /** The call is over; what waits to be kept goes on waiting for a while. */
  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  private async received(data: Uint8Array, identity: string): Promise<void> {
    const opened = await this.room.open(data, identity);
    const packet = opened === null ? null : readPacket(opened);
    if (!packet || this.closed) return;
    this.conversation.receive(packet, this.now());
    this.changed();
    void this.room.sendDue();
  }

  private changed(): void {
    const chat = this.conversation.messages;
    const { keptMessages, refusedMessages } = this.store.snapshot;
    for (const { id, mine } of chat) {
      if (mine && !keptMessages.includes(id) && !refusedMessages.includes(id)) this.waiting.add(id);
    }
    this.store.update({ chat });
    if (this.waiting.size && !this.keeping) void this.keep();
  }

  /** What both wrote in this session before, on whatever device. */
  private async load(): Promise<void> {
    for (const pause of [0, ...AGAIN_AFTER_S]) {
      await sleep(pause);
      try {
        const found = await this.backend.messages();
        this.store.update({ keptMessages: [...this.store.snapshot.keptMessages, ...found.map((each) => each.id)] });
        return this.takeKept(found);
      } catch {
        if (this.closed) return;
      }
    }
  }

  /** Until nothing waits; a refusal is final for what was refused. */
  private async keep(): Promise<void> {
    this.keeping = true;
    for (let failures = 0; this.waiting.size && failures < AGAIN_AFTER_S.length * (this.closed ? 1 : 100); ) {
      const batch = this.conversation.messages.filter((each) => this.waiting.has(each.id)).slice(0, KEPT_AT_ONCE);
      const ids = batch.map((each) => each.id);
      const { keptMessages, refusedMessages } = this.store.snapshot;
      try {
        await this.backend.keepMessages(batch);
        this.store.update({ keptMessages: [...keptMessages, ...ids] });
      } catch (error) {
        if (!(error instanceof Refused && FINAL.includes(error.problem))) {
          await sleep(AGAIN_AFTER_S[Math.min(failures, AGAIN_AFTER_S.length - 1)] ?? 30);
          failures += 1;
          continue;
        }
        this.store.update({ refusedMessages: [...refusedMessages, ...ids] });
      }
      failures = 0;
      for (const id of ids) this.waiting.delete(id);
    }
    this.keeping = false;
  }
}
