// Watches the one WebSocket that the app stands on, and starts the page again when it is lost.
//
// Flet's client (1.0.5) freezes for good when its socket comes back with a deep tree of controls; a fresh page does not:
// the path is in the address bar, the session waits at the server, and the sign-in is kept in this tab.
// app/web/tab_socket.py is the other end and says which words there are.
(() => {
  "use strict";
  const ASK_EVERY_MS = 1000;     // while somebody looks
  const PATIENCE_MS = 1200;      // without a word from the server, until it is asked by another connection
  const PROBE_MS = 3000;         // for that other connection
  const DRAIN_MS = 800, POOL = 6; // browsers keep so many connections to a host; silent ones go when they are given up
  const PAUSES_MS = [250, 500, 1000, 2000];
  const RELOAD_PAUSES_MS = [0, 0, 1000, 4000, 10000, 30000];
  const CALM_MS = 60000;         // reloads within this time make the next one wait
  const START_MS = 30000;        // for the first socket, until it is said that it takes long
  const FIRST_SCREEN_MS = 5000;  // if the server does not tell when there is something to be seen
  const LEAVING_MS = 3000;       // a page on its way out closes its socket too
  const REPLACED = 4001;
  const TAB = "rendezvous.tab", RELOADS = "rendezvous.reloads";
  const SIGN_IN = "rendezvous.kept.sign-in", DEVICE = "flutter.rendezvous.";
  const KEPT = ["sign-in", "drafts", "unsaved"]; // as app/web/tabs.py names them
  const Socket = window.WebSocket;
  const ADDRESS = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
  // An installed app has one person; a tab of the browser is a person of its own.
  const installed = window.matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
  const memory = new Map();      // where the browser keeps nothing

  function storage(name) {
    return installed && name === SIGN_IN ? window.localStorage : window.sessionStorage;
  }

  function read(name) {
    try { return storage(name).getItem(name) || ""; } catch (refused) { return memory.get(name) || ""; }
  }

  function write(name, text) {
    try {
      if (text) storage(name).setItem(name, text); else storage(name).removeItem(name);
    } catch (refused) { memory.set(name, text); }
  }

  function tabId() {
    if (!read(TAB)) {
      const bytes = crypto.getRandomValues(new Uint8Array(24));
      write(TAB, Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join(""));
    }
    return read(TAB);
  }

  // What Flet's SharedPreferences keep of us ("flutter." and JSON), so that the server need not ask for each of it.
  function device() {
    try {
      const ours = Object.entries(window.localStorage).filter(([name]) => name.startsWith(DEVICE));
      return Object.fromEntries(ours.map(([name, text]) => [name.slice("flutter.".length), JSON.parse(text)]));
    } catch (refused) { return {}; }
  }

  // ---- what people see meanwhile

  function say(text) {
    let note = document.getElementById("connection-note");
    if (!note) {
      note = document.createElement("div");
      note.id = "connection-note";
      note.setAttribute("role", "alert");
      document.body.append(note);
    }
    note.textContent = text;
    note.hidden = !text;
  }

  const said = () => (document.getElementById("connection-note") || { textContent: "" }).textContent;

  // ---- one socket and its loss

  let socket = null, heardAt = 0, askedAt = 0, tickedAt = 0, opened = false, ending = false, wake = null;
  let early = null, given = false; // the socket that this file opened, and whether Flet has one
  let packets = 0, shown = false;  // what Flet got by it, and whether that holds a screen
  let leavingAt = -LEAVING_MS;

  const now = () => performance.now();
  const pause = (ms) => new Promise((done) => { wake = done; setTimeout(done, ms); });

  function recentReloads() {
    return read(RELOADS).split(" ").map(Number).filter((at) => at && Date.now() - at < CALM_MS);
  }

  async function fetches(patience) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), patience);
    try {
      return (await fetch("/alive", { cache: "no-store", signal: limit.signal })).ok;
    } catch (unreachable) {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  // A WebSocket is always a connection of its own, never one that has been kept and may be as silent as ours.
  function connects(patience) {
    return new Promise((done) => {
      const probe = new Socket(ADDRESS);
      const end = (reached) => { clearTimeout(timer); probe.close(); done(reached); };
      const timer = setTimeout(() => end(false), patience);
      probe.onopen = () => end(true);
      probe.onerror = () => end(false);
    });
  }

  // After a silence every kept connection is tried and given up if it is silent too: the new page would wait for it.
  async function answers(silence) {
    if (!silence) return fetches(PROBE_MS);
    const tried = [connects(PROBE_MS), ...Array.from({ length: POOL }, () => fetches(DRAIN_MS))];
    return (await Promise.all(tried)).includes(true);
  }

  // Until the server answers by another connection; `stillGood` says whether the socket has come back by itself.
  async function startAgain(stillGood, silence = false) {
    if (ending) return;
    ending = true;
    const before = recentReloads();
    await pause(RELOAD_PAUSES_MS[Math.min(before.length, RELOAD_PAUSES_MS.length - 1)]);
    for (let tries = 0; ; tries += 1) {
      if (stillGood()) { ending = false; say(""); return; }
      if (await answers(silence) && !stillGood()) break;
      if (!stillGood()) say("Connection lost. Reconnecting …");
      await pause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]);
    }
    write(RELOADS, [...before, Date.now()].join(" "));
    window.location.reload();
  }

  function ask() {
    askedAt = now();
    socket.send("?");
  }

  function tick() {
    const slept = now() - tickedAt > 3 * ASK_EVERY_MS;
    tickedAt = now();
    if (!given || socket.readyState !== Socket.OPEN || document.hidden || ending) return;
    if (slept || heardAt >= askedAt) {
      if (slept || now() - heardAt >= ASK_EVERY_MS) ask();
    } else if (now() - askedAt > PATIENCE_MS * Math.max(1, recentReloads().length)) {
      const since = askedAt;
      // A late answer is worth nothing once the socket has closed: nobody would start the page again.
      startAgain(() => heardAt >= since && socket.readyState === Socket.OPEN, true);
    }
  }

  function look() {             // something has changed: it is found out at once whether the server is still there
    if (wake) wake();
    if (given && socket.readyState === Socket.OPEN && !document.hidden && !ending) { tickedAt = now(); ask(); }
  }

  const tellFirstScreen = () => window.dispatchEvent(new Event("rendezvous-first-screen"));

  function hear(event, own) {
    heardAt = now();
    if (typeof event.data !== "string") {
      packets += 1;
      if (packets === 1) { say(""); setTimeout(tellFirstScreen, FIRST_SCREEN_MS); }
      if (shown) tellFirstScreen();
      return;
    }
    event.stopImmediatePropagation();           // our own words are not Flet's
    if (event.data === "?") own.send("!");
    if (event.data.startsWith("{")) {
      const said = JSON.parse(event.data);
      for (const [name, sealed] of Object.entries(said.keep || {})) write(`rendezvous.kept.${name}`, sealed);
      if ("tab" in said) write(TAB, said.tab);
      if (said.shown) { shown = true; if (packets) tellFirstScreen(); }
    }
  }

  function watch(own) {
    socket = own;
    own.addEventListener("open", () => {
      const kept = Object.fromEntries(KEPT.map((name) => [name, read(`rendezvous.kept.${name}`)]));
      own.send(JSON.stringify({ tab: tabId(), kept, device: device() }));
      opened = true;
      heardAt = tickedAt = now();
      say("");
    });
    own.addEventListener("message", (event) => hear(event, own));
    own.addEventListener("close", async (event) => {
      if (own !== socket) return;
      if (!opened) { say("Rendezvous cannot be reached. Trying again …"); return; }  // Flet itself tries again
      if (now() - leavingAt < LEAVING_MS) await pause(LEAVING_MS);
      if (event.code === REPLACED) write(TAB, "");  // another copy of this tab has taken its place
      startAgain(() => false);
    });
  }

  function ours(address) {
    const url = new URL(address, window.location.href);
    return url.host === window.location.host && url.pathname === "/ws";
  }

  function unconnected() {      // what Flet gets instead of a second socket: this page is on its way out
    return Object.assign(new EventTarget(), {
      readyState: Socket.CONNECTING, binaryType: "arraybuffer", bufferedAmount: 0, extensions: "", protocol: "",
      url: "", onopen: null, onmessage: null, onerror: null, onclose: null, send() {}, close() {},
    });
  }

  window.WebSocket = new Proxy(Socket, {
    construct(target, [address, ...more]) {
      if (!ours(address)) return new target(address, ...more);
      if (!given && early.readyState <= Socket.OPEN) {    // Flet takes one that is open already, too
        given = true;
        return early;
      }
      if (opened) return unconnected();
      given = true;
      const own = new target(address, ...more);
      watch(own);
      return own;
    },
  });

  // What was typed into the page's own sign-in form (early.js); the session may begin a moment later.
  window.addEventListener("rendezvous-typed", (event) => {
    if (socket.readyState === Socket.OPEN) socket.send(JSON.stringify({ typed: event.detail }));
  });
  window.rendezvousKeepsSignIn = () => Boolean(read(SIGN_IN));

  // The connection stands by the time that Flet's client has been loaded and asks for one.
  early = new Socket(ADDRESS);
  watch(early);

  setInterval(tick, ASK_EVERY_MS / 4);
  document.addEventListener("visibilitychange", look);
  for (const name of ["online", "focus", "pageshow"]) window.addEventListener(name, look);
  if (navigator.connection) navigator.connection.addEventListener("change", look);

  window.addEventListener("beforeunload", () => { leavingAt = now(); });

  // ---- a page that could not be loaded whole, because the server went away while it loaded
  const broken = (ofOurs) => {
    if (ofOurs && !given && !document.querySelector("flutter-view")) startAgain(() => given);
  };
  window.addEventListener("unhandledrejection", () => broken(true));
  window.addEventListener("error", (event) => {
    broken(String(event.target.src || "").startsWith(window.location.origin));
  }, true);
  setTimeout(() => {
    if (!packets && !said()) say("Rendezvous is starting. This takes longer than usual …");
  }, START_MS);
})();
