// What a file may be called (app/call/contract/files.py, where it is explained). Pure.
import { PROTOCOL } from "./protocol.ts";

const { longest, longest_bytes: LONGEST_BYTES, longest_ending: LONGEST_ENDING, otherwise } = PROTOCOL.files.name;
const JOINERS = "\u200c\u200d";
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const ENDS = new RegExp(`^[ .\u00a0${JOINERS}]+|[ .\u00a0${JOINERS}]+$`, "g");
const DEVICES = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/iu;
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** A name that any system can save, and that shows what it is: no folder, nothing invisible, not too long. */
export function cleanFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const composed = [...[...last].slice(0, 4 * longest).join("").normalize("NFC")];
  const seen = composed.filter((each) => JOINERS.includes(each) || !INVISIBLE.test(each)).join("");
  const kept = shortened(seen.replace(/[<>:"|?*]/g, "_").replace(ENDS, ""));
  if (!kept) return otherwise;
  return DEVICES.test(kept) ? `_${kept}` : kept;
}

/** The beginning and the ending. */
function shortened(name: string): string {
  const at = name.lastIndexOf(".");
  const isEnding = at > 0 && [...name.slice(at + 1)].length < LONGEST_ENDING;
  const ending = isEnding ? name.slice(at) : "";
  const stem = [...(isEnding ? name.slice(0, at) : name)].slice(0, longest - [...ending].length);
  while (bytesOf(stem.join("") + ending) > LONGEST_BYTES) stem.pop();
  return stem.length ? stem.join("").replace(/[ .]+$/, "") + ending : ([...name][0] ?? "");
}
