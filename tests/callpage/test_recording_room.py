"""Two pages' recordings over a room that a test makes: who asks, who answers, and when nothing may be written."""

from pathlib import Path
from typing import Any

from tests.callpage.sources import answer

MODULES = ("call/recording.ts", "call/snapshot.ts", "call/sealing.ts")
ROOM = """
  globalThis.MediaStreamTrack = class {};
  let ahead = 0;
  const started = performance.now.bind(performance);
  performance.now = () => started() + ahead;
  const KEY = "the session's key";
  const until = async (done, what) => {
    for (let tries = 0; tries < 600; tries += 1) {
      if (done()) return;
      await new Promise((next) => setTimeout(next, 10));
    }
    throw new Error(`never: ${what}`);
  };
  const sides = {};
  const newSide = (name, other, key = KEY) => {
    const side = { cut: false, noted: [], sent: 0, written: [] };
    const publishData = async (data) => {
      side.sent += 1;
      if (!side.cut) sides[other]?.session.onRecording(data, name);
    };
    side.store = new all.Store();
    side.session = {
      peer: { state: { identity: other }, arrivals: 1 },
      restorations: 0,
      room: { localParticipant: { identity: name, publishData } },
    };
    side.backend = { noteRecording: async (id, event) => void side.noted.push(event) };
    side.store.update({ state: "in_call" });
    side.recording = new all.Recording(side.session, side.store, side.backend, key, () => Date.now());
    const recorder = {
      write: (on) => void side.written.push(on),
      progress: () => ({ writtenS: 0, sizeBytes: 1, freeBytes: null, stoodStill: false, failure: null }),
      finish: async () => "",
    };
    side.ask = () => side.recording.ask(async () => recorder, () => side.noted.push("nothing"));
    side.own = () => side.store.snapshot.recording;
    side.theirs = () => side.store.snapshot.peerRecording;
    side.writes = () => side.own().state === "recording";
    return (sides[name] = side);
  };
  const nora = newSide("professional_nora", "user_sam");
  let sam = newSide("user_sam", "professional_nora");
  const asked = async () => {
    nora.ask();
    await until(() => sam.theirs()?.agreed === null, "sam is asked");
  };
  const allowed = async () => {
    sam.recording.answer(sam.theirs().askId, true);
    await until(() => nora.writes() && sam.theirs()?.writing, "it is written, and sam sees it");
  };
  const closing = (found) => {
    for (const each of [nora, sam]) each.recording.close();
    return found;
  };
"""


def run(folder: Path, script: str) -> Any:
    return answer(folder, MODULES, ROOM + script, None)


def test_it_is_written_once_allowed_until_it_is_taken_back_and_each_tells_their_own_part(tmp_path: Path) -> None:
    script = """
      await asked();
      const before = [nora.own().state, [...nora.written]];
      await allowed();
      sam.recording.answer(sam.theirs().askId, false);
      await until(() => nora.own().state === "ended", "it has ended");
      await until(() => sam.theirs() === null, "sam sees nothing of it");
      return closing({ before, end: nora.own().end, written: nora.written, nora: nora.noted, sam: sam.noted });
    """
    assert run(tmp_path, script) == {
        "before": ["asking", []],
        "end": "withdrawn",
        "written": [True, False],
        "nora": ["asked", "began", "ended"],
        "sam": ["agreed", "withdrawn"],
    }


def test_a_no_and_a_question_that_is_taken_back_leave_nothing(tmp_path: Path) -> None:
    script = """
      await asked();
      sam.recording.answer(sam.theirs().askId, false);
      await until(() => nora.own().state === "ended", "it was refused");
      const end = nora.own().end;
      nora.recording.stop();
      const away = nora.own().state;
      await asked();
      nora.recording.stop();
      await until(() => sam.theirs() === null, "nothing is asked any more");
      return closing({ end, away, after: nora.own().state, written: nora.written, nora: nora.noted, sam: sam.noted });
    """
    assert run(tmp_path, script) == {
        "end": "refused",
        "away": "off",
        "after": "off",
        "written": [],
        "nora": ["asked", "nothing", "asked", "nothing"],
        "sam": ["refused"],
    }


def test_nothing_is_written_while_the_other_is_not_heard_or_this_side_is_cut_off(tmp_path: Path) -> None:
    script = """
      await asked();
      await allowed();
      sam.cut = true;
      ahead += 3500;
      await new Promise((next) => setTimeout(next, 300));
      const soon = nora.writes();
      ahead += 1000;
      await until(() => nora.own().state === "paused", "the yes is too old");
      sam.cut = false;
      ahead += 1000;
      await until(() => nora.writes(), "it goes on");
      nora.store.update({ state: "reconnecting" });
      const atOnce = nora.written.at(-1);
      nora.store.update({ state: "in_call" });
      await until(() => nora.writes(), "and again");
      nora.store.update({ state: "peer_reconnecting" });
      return closing({ soon, atOnce, away: nora.written.at(-1) });
    """
    assert run(tmp_path, script) == {"soon": True, "atOnce": False, "away": False}


def test_a_page_that_is_loaded_again_has_to_say_yes_again(tmp_path: Path) -> None:
    script = """
      await asked();
      await allowed();
      sam.recording.close();
      sam = newSide("user_sam", "professional_nora");
      nora.session.peer.arrivals += 1;
      await until(() => sam.theirs()?.agreed === null, "sam is asked again");
      await until(() => nora.own().state === "paused", "it pauses");
      await allowed();
      return closing([nora.own().state, sam.noted]);
    """
    assert run(tmp_path, script) == ["recording", ["agreed"]]


def test_who_leaves_ends_it_for_both(tmp_path: Path) -> None:
    script = """
      await asked();
      await allowed();
      nora.store.update({ state: "waiting" });
      sam.store.update({ state: "waiting" });
      await until(() => nora.own().state === "ended", "it has ended");
      const [end, theirs] = [nora.own().end, sam.theirs()];
      nora.ask();
      const alone = nora.own().state;
      for (const each of [nora, sam]) each.store.update({ state: "in_call" });
      await asked();
      await allowed();
      nora.recording.close();
      const written = nora.written.at(-1);
      await until(() => nora.own().state === "ended", "and with the call");
      sam.recording.close();
      return { end, theirs, alone, written, after: nora.own().end };
    """
    found = run(tmp_path, script)
    assert found == {"end": "peer_left", "theirs": None, "alone": "ended", "written": False, "after": "call_ended"}


def test_what_is_not_sealed_by_the_other_or_is_too_large_or_too_much_changes_nothing(tmp_path: Path) -> None:
    script = """
      const packet = (id) => JSON.stringify({ kind: "recording", at_ms: Date.now(), ask: id, writing: true,
                                              answer_to: null, agreed: true });
      const send = async (text, key = KEY, from = "user_sam") =>
        nora.session.onRecording(await new all.Seal(key).close(text, from), "user_sam");
      const ID = "00000000-0000-0000-0000-000000000001";
      await send(packet(ID), "another key");
      await send(packet(ID), KEY, "user_eve");
      await send(packet(ID) + " ".repeat(600));
      await send("[]");
      nora.session.onRecording(new Uint8Array(3), "user_sam");
      await new Promise((next) => setTimeout(next, 100));
      const after = nora.theirs();
      for (let more = 0; more < 200; more += 1) nora.session.onRecording(new Uint8Array(40), "user_sam");
      await send(packet(ID));
      await new Promise((next) => setTimeout(next, 100));
      const flooded = nora.theirs();
      ahead += 10_000;
      await send(packet(ID));
      await until(() => nora.theirs(), "it is heard again");
      nora.recording.answer("00000000-0000-0000-0000-000000000002", true);
      return closing({ after, flooded, agreed: nora.theirs().agreed });
    """
    assert run(tmp_path, script) == {"after": None, "flooded": None, "agreed": None}
