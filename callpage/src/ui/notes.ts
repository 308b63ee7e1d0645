// What is amiss while a call goes on, in words (app/state/call/words/in_call_words.py, device_words.py). Pure.
import type { Fault } from "../call/protocol.ts";
import type { PeerState, Snapshot } from "../call/snapshot.ts";
import type { CaptureKind } from "../media/capture.ts";
import { keyOf, say } from "../words.ts";

export interface OwnFault {
  kind: CaptureKind;
  fault: Fault;
  what: (name: string) => string;
  remedy: string;
}

/** The own devices that are wanted and do not work, the most important one first. */
export function faultsOf(snapshot: Snapshot): OwnFault[] {
  const found: OwnFault[] = [];
  for (const kind of ["microphone", "camera"] as const) {
    const { fault, enabled, opening } = snapshot[kind];
    if (fault && enabled && !opening) found.push(ownFault(kind, fault));
  }
  return found;
}

function ownFault(kind: CaptureKind, fault: Fault): OwnFault {
  if (fault === "no_driver") {
    const what = say(isSecureContext ? "page.no_media" : "page.insecure");
    return { kind, fault, what: () => what, remedy: "" };
  }
  const key = `fault.${kind}.${fault}`;
  return {
    kind,
    fault,
    what: (name) => say(keyOf(`${key}.what`, `fault.${kind}.busy.what`), { name }),
    remedy: say(keyOf(`${key}.remedy`, `fault.${kind}.busy.remedy`)),
  };
}

export function noPictureWords(peer: PeerState | null, name: string): string {
  return peer?.cameraFault ? say(keyOf(`picture.${peer.cameraFault}`, "picture.busy"), { name }) : say("picture.off");
}

/** Why the other is not heard, if that is theirs to mend; else empty. */
export function microphoneNote({ state, peer }: Snapshot, name: string): string {
  if (!peer || state !== "in_call") return "";
  if (peer.microphoneFault) return say(keyOf(`microphone.${peer.microphoneFault}`, "microphone.busy"), { name });
  return peer.microphoneOn ? "" : say("microphone.muted", { name });
}

export function notesOf({ state, peer }: Snapshot, name: string): string[] {
  if (!peer || state !== "in_call") return [];
  return [
    ...(peer.speakerFault ? [say("note.cannot_hear", { name })] : []),
    ...(peer.audioStalled ? [say("note.sound_stopped", { name })] : []),
    ...(peer.videoStalled ? [say("note.picture_stopped", { name })] : []),
  ];
}

export function ownNotes({ state, camera, microphone, publications }: Snapshot): string[] {
  if (!["waiting", "in_call", "peer_reconnecting"].includes(state)) return [];
  const unseen = camera.enabled && camera.working && publications.camera === "delayed";
  const unheard = microphone.enabled && microphone.working && publications.microphone === "delayed";
  if (unseen && unheard) return [say("note.unseen_unheard")];
  return unseen ? [say("note.unseen")] : unheard ? [say("note.unheard")] : [];
}
