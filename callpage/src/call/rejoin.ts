// Rejoins the room over a new connection when the old one is lost for good: as often and as long as it takes
// (app/call/connectivity/rejoin.py).
import { type Credentials, Refused } from "../backend.ts";
import { type RoomConnection, sleep, within } from "./connection.ts";
import type { CallEvent } from "./machine.ts";
import type { LinkMonitor } from "./monitor.ts";
import { LIMITS } from "./protocol.ts";
import type { RoomSession } from "./session.ts";

/** For one attempt: so that a network that is back is found within seconds. */
const ATTEMPT_S = 8;
/** What the backend says of a room that nobody will enter any more. */
const CLOSED = ["SessionOver", "SessionCancelled", "NotPaid", "NotFound", "CallLinkExpired", "CallLinkInvalid"];

export class Rejoiner {
  private rejoining = false;

  /** One connection at a time: a late one would evict the newer, for the server lets an identity in only once. */
  constructor(
    private readonly session: RoomSession,
    private readonly monitor: LinkMonitor,
    private credentials: Credentials,
    private readonly refresh: () => Promise<Credentials>,
    private readonly closeConnection: (connection: RoomConnection) => Promise<void>,
    private readonly onRejoined: () => void,
    private readonly onEnd: (event: CallEvent) => void,
  ) {}

  /** Returns at once. Also while it is rejoining. */
  start(): void {
    this.session.onInterrupted("rejoin");
    this.monitor.pause();
    if (this.rejoining) return;
    this.rejoining = true;
    void this.run().finally(() => (this.rejoining = false));
  }

  private async run(): Promise<void> {
    const pauses = LIMITS.rejoin_pauses_s;
    for (let attempts = 0; this.session.inRoom; attempts += 1) {
      void this.closeConnection(this.session.replaceConnection());
      const answers = await this.takeFreshCredentials();
      if (answers === null || !this.session.inRoom) return;
      const { livekit_url: url, access_token: token } = this.credentials;
      const outcome = await this.session.connection.connect(url, token, ATTEMPT_S);
      if (!this.session.inRoom) return void this.session.connection.disconnect(true);
      if (outcome === "connected") {
        this.session.onRestored("rejoin");
        this.monitor.resume();
        this.onRejoined();
        return;
      }
      this.session.setCause(!navigator.onLine ? "no_network" : answers ? "server_gone" : "no_answer");
      const pause = pauses[Math.min(attempts, pauses.length - 1)] ?? 1;
      await sleep(pause * (0.8 + 0.4 * Math.random())); // so that both sides do not try in step
    }
  }

  /** Whether the backend gave some; null when the call is over. */
  private async takeFreshCredentials(): Promise<boolean | null> {
    try {
      this.credentials = await within(this.refresh(), LIMITS.refresh_s);
      return true;
    } catch (error) {
      const problem = error instanceof Refused ? error.problem : "";
      if (problem === "JoinedElsewhere") this.onEnd("joined_elsewhere");
      else if (CLOSED.includes(problem)) this.onEnd("room_closed");
      else return false;
      return null;
    }
  }
}
