// What a screen reader says when a call changes (app/state/call/announcements.py). Silent changes are those that nobody
// has to know of.
import type { CallState } from "../call/machine.ts";
import type { SharedTimer } from "../call/shared_timer.ts";
import type { Snapshot } from "../call/snapshot.ts";
import { keyOf, lengthWords, say } from "../words.ts";
import { fileAnnouncement } from "./files.ts";
import { faultsOf, notesOf, ownNotes } from "./notes.ts";
import { recordingAnnouncement } from "./recording.ts";

export function announcement(before: Snapshot, after: Snapshot, name: string): string {
  if (before.state !== after.state) return reconnecting(after) || stateWords(before.state, after.state, name);
  if (before.reconnectCause !== after.reconnectCause) return reconnecting(after);
  const [fault] = faultsOf(after).filter(
    (each) => !faultsOf(before).some((known) => known.kind === each.kind && known.fault === each.fault),
  );
  if (fault) return fault.what(name);
  const [own] = ownNotes(after).filter((note) => !ownNotes(before).includes(note));
  if (own) return own;
  const [note] = notesOf(after, name).filter((each) => !notesOf(before, name).includes(each));
  if (note) return `${note}.`;
  if (before.microphone.enabled !== after.microphone.enabled) {
    return say(after.microphone.enabled ? "said.microphone_on" : "said.microphone_off");
  }
  if (before.camera.enabled !== after.camera.enabled) {
    return say(after.camera.enabled ? "said.camera_on" : "said.camera_off");
  }
  return (
    screenWords(before.screen, after.screen) ||
    sharedWords(before, after, name) ||
    otherWords(before, after, name)
  );
}

/** What both have in common: a recording, the timer, and files. */
function sharedWords(before: Snapshot, after: Snapshot, name: string): string {
  return (
    recordingAnnouncement(before, after, name) ||
    timerWords(before.timer, after.timer) ||
    fileAnnouncement(before.files, after.files, name)
  );
}

function screenWords(before: Snapshot["screen"], after: Snapshot["screen"]): string {
  if (after.fault && after.fault !== before.fault) return say(`screen.fault.${after.fault}`);
  if (before.sharing === after.sharing) return "";
  return `${say(after.sharing ? "screen.sharing" : "screen.stopped")}.`;
}

/** A small correction of its end is silent. */
function timerWords(before: SharedTimer | null, after: SharedTimer | null): string {
  if (!after) return before ? `${say("timer.stopped")}.` : "";
  const corrected = before?.lengthMs === after.lengthMs && Math.abs(after.endsAtMs - before.endsAtMs) < 30_000;
  return corrected ? "" : say("timer.started", { length: lengthWords(Math.round(after.lengthMs / 60_000) * 60) });
}

function reconnecting({ state, reconnectCause }: Snapshot): string {
  if (state !== "reconnecting" || !reconnectCause || reconnectCause === "no_answer") return "";
  return `${say("status.reconnecting")} ${say(`reconnecting.${reconnectCause}`)}`;
}

function stateWords(before: CallState, after: CallState, name: string): string {
  const cutOff = before === "reconnecting" || before === "peer_reconnecting";
  switch (after) {
    case "waiting":
      return say(before === "in_call" || before === "peer_reconnecting" ? "said.left" : "said.waiting", { name });
    case "in_call":
      return say(cutOff ? "said.again" : before === "waiting" ? "said.joined" : "said.in_call", { name });
    case "reconnecting":
      return say("said.interrupted");
    case "peer_reconnecting":
      return say("said.away", { name });
    default:
      return "";
  }
}

function otherWords(before: Snapshot, after: Snapshot, name: string): string {
  const [was, is] = [before.peer, after.peer];
  if (!was || !is || after.state !== "in_call") return "";
  if (is.microphoneFault && is.microphoneFault !== was.microphoneFault) {
    return `${say(keyOf(`microphone.${is.microphoneFault}`, "microphone.busy"), { name })}.`;
  }
  if (is.cameraFault && is.cameraFault !== was.cameraFault) {
    return `${say(keyOf(`picture.${is.cameraFault}`, "picture.busy"), { name })}.`;
  }
  if (was.screenOn !== is.screenOn) {
    return `${say(is.screenOn ? "screen.shares" : "screen.shares_no_more", { name })}.`;
  }
  if (was.microphoneOn !== is.microphoneOn) return say(is.microphoneOn ? "said.they_unmuted" : "said.they_muted", { name });
  if (was.cameraOn !== is.cameraOn) return say(is.cameraOn ? "said.they_seen" : "said.they_unseen", { name });
  return "";
}
