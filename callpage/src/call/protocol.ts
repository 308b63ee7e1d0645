// What both kinds of client go by, written from the app's own code (tools/callpage_shared.py).
import shared from "../../shared/protocol.json";

export const PROTOCOL = shared;
export const LIMITS = shared.limits;

export type Fault = "missing" | "busy" | "refused" | "silent" | "no_driver" | "stuck";
export type DeviceKind = "camera" | "microphone" | "speaker";

/** What the peer answered about going on without encryption. */
export function parseAnswer(attributes: Readonly<Record<string, string>>): boolean | null {
  const { answer_attribute: name, answers } = PROTOCOL.encryption;
  return (answers as Record<string, boolean>)[attributes[name] ?? ""] ?? null;
}

/** The peer's fault as they published it. A value that this version does not know counts as none. */
export function parseFault(attributes: Readonly<Record<string, string>>, kind: DeviceKind): Fault | null {
  const value = attributes[PROTOCOL.fault_attributes[kind]] ?? "";
  return PROTOCOL.faults.includes(value) ? (value as Fault) : null;
}
