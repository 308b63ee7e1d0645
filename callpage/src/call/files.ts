// Carries files over the room, each way, over every connection of the call (app/call/room/messages/files.py).
import { cleanFileName } from "./file_names.ts";
import { filePacket, readFilePacket } from "./file_packets.ts";
import { FileReceiving } from "./file_receiving.ts";
import { FileSending } from "./file_sending.ts";
import { PROTOCOL } from "./protocol.ts";
import { SealedTopic } from "./sealed_topic.ts";
import type { RoomSession } from "./session.ts";
import type { FileProblem, FileTransfer, Store } from "./snapshot.ts";

const BUSY_EVERY_MS = 20;
const IDLE_EVERY_MS = 1000;
/** How often the screen learns of mere progress. */
const SHOWN_EVERY_MS = 250;
const { topic, largest_packet: LARGEST_PACKET } = PROTOCOL.files;
const nowS = () => performance.now() / 1000;

export class Files {
  private readonly sending = new FileSending();
  private readonly receiving = new FileReceiving();
  private readonly notes = new Map<string, string>();
  private readonly urls = new Map<string, string>();
  private readonly room: SealedTopic;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private shownMs = 0;
  private closed = false;

  /** `now` is the server's clock, in milliseconds. `onDelivered`: one's own, and the note that goes with it. */
  constructor(
    session: RoomSession,
    private readonly store: Store,
    key: string,
    private readonly now: () => number,
    private readonly onDelivered: (file: FileTransfer, note: string) => void,
  ) {
    this.room = new SealedTopic(session, store, key, topic, () => this.packetsDue(), () => {
      this.sending.peerIsBack();
      this.receiving.peerIsBack();
    });
    session.onFiles = (data, identity) => void this.received(data, identity);
    this.tick();
  }

  /** Why it is refused; null: it is under way. `note`: what the chat says of it, by its clean name, once it has arrived. */
  async send(file: File, note: (name: string) => string): Promise<FileProblem | null> {
    const refused = this.refusal(file.size);
    if (refused) return refused;
    const name = cleanFileName(file.name);
    return this.offer(name, new Uint8Array(await file.arrayBuffer()), note(name));
  }

  /** One that failed: from its beginning, as another file. */
  sendAgain(id: string): FileProblem | null {
    const refused = this.refusal(0);
    const found = refused ? null : this.sending.contentOf(id);
    if (!found) return refused;
    const note = this.notes.get(id) ?? "";
    this.notes.delete(id);
    return this.offer(found.name, found.content, note);
  }

  /** Ends it, whoever sends it; one of theirs that has ended is removed. */
  cancel(id: string): void {
    this.sending.cancel(id);
    this.receiving.cancel(id);
    this.changed();
  }

  /** Where the browser saves one of theirs from; empty while it is not whole. */
  urlOf(id: string): string {
    const content = this.receiving.contentOf(id);
    if (!content) return "";
    const url = this.urls.get(id) ?? URL.createObjectURL(content);
    this.urls.set(id, url);
    return url;
  }

  /** The call is over. What has arrived can be saved for as long as the page is open. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.sending.peerLeft();
    this.receiving.peerLeft();
    this.show(false);
  }

  private refusal(size: number): FileProblem | null {
    const { state, peer } = this.store.snapshot;
    if (this.closed || state === "waiting" || !peer) return "not_in_call";
    return this.sending.problemOf(size);
  }

  private offer(name: string, content: Uint8Array, note: string): FileProblem | null {
    const id = crypto.randomUUID();
    const problem = this.sending.offer(id, name, content, this.now());
    if (!problem) this.notes.set(id, note);
    this.changed();
    return problem;
  }

  private tick(): void {
    if (this.closed) return;
    if (this.store.snapshot.state === "waiting" && this.isBusy) {
      this.sending.peerLeft();
      this.receiving.peerLeft();
      this.show(false);
    }
    void this.room.sendDue();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), this.isBusy ? BUSY_EVERY_MS : IDLE_EVERY_MS);
  }

  private get isBusy(): boolean {
    return this.sending.isBusy || this.receiving.isBusy;
  }

  private *packetsDue(): Generator<Uint8Array> {
    for (const part of [this.receiving, this.sending]) {
      for (const packet of part.due(nowS())) {
        yield filePacket(packet);
        if (this.store.snapshot.state !== "in_call") return;
      }
    }
    this.show(true);
  }

  private async received(data: Uint8Array, identity: string): Promise<void> {
    if (data.length > LARGEST_PACKET) return;
    const opened = await this.room.openBytes(data, identity);
    const packet = opened && readFilePacket(opened);
    if (!packet || this.closed) return;
    if (packet.kind === "piece") this.receiving.onPiece(packet.id, packet.at, packet.content);
    if (packet.kind === "offer") this.receiving.onOffer(packet.id, packet.name, packet.size, this.now());
    if (packet.kind === "stop") this.receiving.onStop(packet.id, packet.why);
    if (packet.kind === "refuse") this.sending.onRefuse(packet.id, packet.why);
    if (packet.kind === "have") {
      const delivered = this.sending.onHave(packet.id, packet.done, nowS());
      if (delivered) this.onDelivered(delivered, this.notes.get(delivered.id) ?? "");
    }
    this.show(packet.kind === "piece" || packet.kind === "have");
    this.tick();
  }

  private changed(): void {
    this.show(false);
    this.tick();
  }

  private show(progressOnly: boolean): void {
    const files = [...this.sending.shown, ...this.receiving.shown].sort((one, other) => one.atMs - other.atMs);
    const stands = (all: readonly FileTransfer[]) => all.map((each) => `${each.id} ${each.state}`).join();
    const late = performance.now() >= this.shownMs + SHOWN_EVERY_MS;
    if (progressOnly && !late && stands(files) === stands(this.store.snapshot.files)) return;
    this.shownMs = performance.now();
    for (const [id, url] of this.urls) {
      if (files.some((each) => each.id === id)) continue;
      URL.revokeObjectURL(url);
      this.urls.delete(id);
    }
    this.store.update({ files });
  }
}
