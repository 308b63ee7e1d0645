// Asking to record: where the file is to be, where browsers ask that, and what writes it once the other has agreed.
import type { Facts } from "../backend.ts";
import type { Call } from "../call/call.ts";
import type { Place } from "./recorder/recorder.ts";
import { recordingName, type Recordings, recordingType, Slices } from "./recordings.ts";

type Picker = (options: object) => Promise<Place>;

/** Within a tap or a key press. Nothing happens where the person closes the browser's choice. */
export async function askToRecord(call: Call, facts: Facts, recordings: Recordings): Promise<void> {
  const type = recordingType();
  const name = recordingName(type, new Date());
  const place = await chosenPlace(name, type);
  if (place === undefined) return;
  const names = { other: facts.other_name, own: facts.own_name };
  const discard = () => void place?.remove?.().catch(() => undefined); // the choice has made an empty file
  if (!call.recording) return discard();
  call.recording.ask(async (askId) => {
    const { PageRecorder, sourcesOf } = await import("./recorder/recorder.ts");
    const slices = await Slices.begin(askId, name, facts.own_role);
    return new PageRecorder(() => sourcesOf(call), names, type, slices, place, recordings);
  }, discard);
}

/** Null where browsers do not ask: then it is kept, and saved as a download. Undefined: the person wants none. */
async function chosenPlace(suggestedName: string, type: string): Promise<Place | null | undefined> {
  const { showSaveFilePicker: choose } = globalThis as { showSaveFilePicker?: Picker };
  if (!choose) return null;
  const [mime = ""] = type.split(";");
  const types = [{ accept: { [mime]: [`.${suggestedName.split(".").at(-1)}`] } }];
  try {
    return await choose({ suggestedName, types });
  } catch (error) {
    return error instanceof DOMException && error.name === "AbortError" ? undefined : null;
  }
}
