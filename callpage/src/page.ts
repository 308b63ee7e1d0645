// Which screen is shown, from the link to after the call.
import { Backend, type Facts, Offline, Refused, wayBack } from "./backend.ts";
import type { Call } from "./call/call.ts";
import type { Snapshot } from "./call/snapshot.ts";
import { type CallLink, CUT, forget, keep, newJoinId, takeLink } from "./link.ts";
import type { Choices } from "./media/devices.ts";
import { Level } from "./media/level.ts";
import { Recordings } from "./media/recordings.ts";
import { Notes } from "./private_notes.ts";
import { AfterScreen } from "./ui/after.ts";
import { BeforeScreen } from "./ui/before.ts";
import { receivedFiles } from "./ui/files.ts";
import { el, showScreen } from "./ui/dom.ts";
import { backLink, loadingPage, shortPage } from "./ui/parts.ts";
import { StageScreen } from "./ui/stage.ts";
import { type Key, keyOf, say } from "./words.ts";

/** The server's time: the device's clock may be wrong. */
export type ServerClock = () => Date;
type CallModule = typeof import("./call/call.ts");
interface Screen {
  close(): void;
}

/** What the link itself is wrong in: a new one is needed, from the app. */
const LINK_PROBLEMS: Record<string, Key> = {
  CallLinkExpired: "page.expired",
  CallLinkInvalid: "page.foreign",
  NotSignedIn: "page.foreign",
  NotFound: "page.foreign",
};
const WRITES = ["recording", "paused", "finishing"];
const BARS = ["SessionOver", "SessionCancelled", "NotPaid", "PaymentDisputed"];

class CallPage {
  private readonly backend: Backend;
  private readonly notes: Notes;
  private readonly recordings: Recordings;
  private call: Call | null = null;
  private screen: Screen | null = null;
  private level = new Level();
  private offsetMs = 0;
  /** A recording is written now: whoever leaves the page is asked whether they want to. */
  private writes = false;
  private earlierS = 0;
  private earlierChat: Partial<Snapshot> = {};
  private wanted: Choices = { camera: true, microphone: true };
  private readonly clock: ServerClock = () => new Date(Date.now() + this.offsetMs);

  constructor(
    private link: CallLink,
    private facts: Facts,
    private readonly module: CallModule,
  ) {
    this.backend = new Backend(link.token, link.encryptionKey, facts.own_role);
    this.notes = new Notes(this.backend, facts.own_role);
    this.recordings = new Recordings(facts.own_role);
    this.takeFacts(facts);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.call?.awake();
    });
    addEventListener("beforeunload", (event) => {
      if (this.writes || this.recordings.atRisk) event.preventDefault();
    });
    addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload(); // out of the browser's memory: its connection is gone
    });
  }

  async begin(): Promise<void> {
    if (!this.link.inCall) return this.showBefore();
    const problem = await this.enter(true);
    if (problem === say("ended.joined_elsewhere.text")) this.showElsewhere();
    else if (problem) this.showBefore();
  }

  /** After a reload: the person has joined on another device meanwhile. */
  private showElsewhere(): void {
    const enter = () => this.enter(false);
    const { facts, clock, notes, recordings } = this;
    this.show(() => new AfterScreen(facts, "joined_elsewhere", undefined, clock, enter, notes, recordings));
  }

  private takeFacts(facts: Facts): void {
    this.facts = facts;
    this.offsetMs = new Date(facts.now).getTime() - Date.now();
  }

  private newCall(): Call {
    const call = new this.module.Call(this.wanted, () => this.clock().getTime(), this.earlierChat);
    call.store.subscribe((now) => {
      this.level.follow(call.devices.microphone.track);
      this.writes = WRITES.includes(now.recording.state);
      if (now.state === "ended" && call === this.call) this.showAfter(call);
    });
    void call.prepare();
    return (this.call = call);
  }

  private show(screen: () => Screen): void {
    this.screen?.close();
    this.screen = screen();
  }

  private showBefore(): void {
    const call = this.call ?? this.newCall();
    const { backend, facts, clock, level, recordings } = this;
    this.show(() => new BeforeScreen(call, backend, facts, clock, level, () => this.enter(false), recordings));
  }

  /** Fetches this join's credentials, and with them goes to the stage. What went wrong, else empty. */
  private async enter(rejoin: boolean): Promise<string> {
    this.call?.speaker.unlock();
    this.level.unlock();
    const joinId = rejoin ? this.link.joinId : newJoinId();
    try {
      const credentials = await this.backend.join(joinId, rejoin);
      const call = this.call && this.call.store.snapshot.state !== "ended" ? this.call : this.newCall();
      call.speaker.unlock();
      this.link = keep({ ...this.link, joinId, inCall: true });
      this.show(() => new StageScreen(call, this.facts, this.clock, this.level, this.notes, this.recordings));
      void call.join(credentials, this.backend, joinId, this.link.encryptionKey);
      return "";
    } catch (error) {
      this.link = keep({ ...this.link, inCall: false });
      return problemWords(error);
    }
  }

  private showAfter(call: Call): void {
    const { endReason, inCallSince } = call.store.snapshot;
    this.call = null;
    this.level.close();
    this.level = new Level();
    this.wanted = call.devices.wanted;
    const { chat, keptMessages, refusedMessages } = call.store.snapshot;
    this.earlierChat = { chat, keptMessages, refusedMessages };
    this.link = keep({ ...this.link, inCall: false });
    if (inCallSince !== null) this.earlierS += (Date.now() - inCallSince) / 1000;
    const length = this.earlierS || null;
    const enter = () => this.enter(false);
    const received = receivedFiles(call);
    const { facts, clock, notes, recordings } = this;
    const screen = new AfterScreen(facts, endReason, length, clock, enter, notes, recordings, received);
    this.show(() => screen);
    const recorded = () => screen.setRecording(call.store.snapshot.recording);
    call.store.subscribe(recorded);
    recorded();
    const { report } = call;
    if (report) void this.backend.report(report).catch(() => undefined);
    void this.backend.facts().then(
      (facts) => {
        this.takeFacts(facts);
        screen.setFacts(facts);
      },
      (error: unknown) => {
        if (error instanceof Refused && error.problem in LINK_PROBLEMS) {
          screen.setFacts({ ...this.facts, problem: "SessionOver" });
        }
      },
    );
  }
}

function problemWords(error: unknown): string {
  if (error instanceof Refused) {
    if (error.problem === "JoinedElsewhere") return say("ended.joined_elsewhere.text");
    const link = LINK_PROBLEMS[error.problem];
    if (link) return `${say(link)}. ${say(keyOf(`${link}.text`, link))}`;
    const [title, text] = refusalWords(error.problem);
    return `${title}. ${error.problem in LINK_PROBLEMS || BARS.includes(error.problem) ? text : error.detail || text}`;
  }
  return `${say("refused.offline.title")}. ${say("refused.offline.text")}`;
}

function refusalWords(problem: string): [string, string] {
  const name = problem === "PaymentDisputed" ? "NotPaid" : problem;
  return [
    say(keyOf(`refused.${name}.title`, "refused.other.title")),
    say(keyOf(`refused.${name}.text`, "refused.other.text")),
  ];
}

export async function start(): Promise<void> {
  showScreen(loadingPage(), say("page.loading"));
  const link = takeLink();
  if (CUT || !link) return showProblem(CUT ? "page.cut" : "page.opened_from_app");
  if (!("RTCPeerConnection" in globalThis)) return showProblem("page.unsupported");
  const module = import("./call/call.ts");
  module.catch(() => undefined); // said below, once the session is known
  try {
    const facts = await new Backend(link.token, link.encryptionKey).facts();
    if (facts.problem && BARS.includes(facts.problem)) {
      forget();
      return showRefusal(facts.problem, facts.app_url);
    }
    await new CallPage(link, facts, await module).begin();
  } catch (error) {
    await showError(error);
  }
}

async function showError(error: unknown): Promise<void> {
  const problem = error instanceof Refused ? error.problem : "";
  if (problem in LINK_PROBLEMS) {
    forget();
    return showProblem(LINK_PROBLEMS[problem] ?? "page.foreign");
  }
  const again = el("button", { type: "button", class: "main", onclick: () => void start() }, say("page.try_again"));
  const name = error instanceof Offline ? "offline" : "other";
  const title = say(`refused.${name}.title`);
  const text = error instanceof Refused && error.detail ? error.detail : say(`refused.${name}.text`);
  showScreen(shortPage("warning", title, text, again), title);
}

async function showProblem(key: Key): Promise<void> {
  const [title, text] = [say(key), say(keyOf(`${key}.text`, key))];
  showScreen(shortPage("event", title, text, backLink(await wayBack(), true)), title);
}

function showRefusal(problem: string, appUrl: string): void {
  const [title, text] = refusalWords(problem);
  showScreen(shortPage("event", title, text, backLink(appUrl, true)), title);
}
