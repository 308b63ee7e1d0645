"""The page's side of the consent to a recording is the native one's: the same packets are refused, and whatever happens
both make the same of it. And nothing is written without it.
"""

import json
import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.call.recording.consent import (
    LATEST_MS,
    STALE_AFTER_S,
    Permission,
    RecordingConsent,
    RecordingPacket,
    read_recording_packet,
    recording_packet,
)
from tests.callpage.sources import answer

CONSENT = ("call/recording_consent.ts",)
RUN = ("call/recording_run.ts",)
OURS, THEIRS, OTHER = (str(UUID(int=number)) for number in (1, 2, 3))
GOOD = {"kind": "recording", "at_ms": 1, "ask": OURS, "writing": True, "answer_to": None, "agreed": False}
NO_TIMES: list[Any] = [1.5, True, "1", None, 1e300, -1, LATEST_MS + 1]
NO_IDS: list[Any] = ["", "x", OURS.upper() + "A", OURS[:-1], OURS + "0", OURS + "\n", OURS[:-1] + "\0", 7, True, [], {}]
NO_YES_OR_NO: list[Any] = [None, 0, 1, "true", []]
HOSTILE: list[Any] = [
    None,
    [],
    "recording",
    7,
    {},
    {"kind": "recording"},
    {**GOOD, "kind": "timer"},
    *({**GOOD, "at_ms": value} for value in NO_TIMES),
    *({**GOOD, name: value} for name in ("ask", "answer_to") for value in NO_IDS),
    *({**GOOD, name: value} for name in ("writing", "agreed") for value in NO_YES_OR_NO),
    *({key: value for key, value in GOOD.items() if key != name} for name in GOOD),
]
NO_JSON = ["", "{", "\0", "[" * 100_000, '{"kind": "recording", "at_ms": NaN}']
SCENARIOS, STEPS = 400, 40
Step = list[Any]


def test_a_hostile_packet_is_refused(tmp_path: Path) -> None:
    texts = [json.dumps(each) for each in HOSTILE] + NO_JSON
    assert [read_recording_packet(each.encode()) for each in texts] == [None] * len(texts)
    read = answer(tmp_path, CONSENT, "return given.map((each) => all.readRecordingPacket(each));", texts)
    assert read == [None] * len(texts)
    good = answer(tmp_path, CONSENT, "return all.readRecordingPacket(given);", json.dumps(GOOD))
    assert good == {"sentAtMs": 1, "askId": OURS, "writing": True, "answerTo": None, "agreed": False}


def test_each_side_reads_what_the_other_sends(tmp_path: Path) -> None:
    packets = [RecordingPacket(5, OURS, True, THEIRS, True), RecordingPacket(LATEST_MS)]
    sent = [recording_packet(each).decode() for each in packets]
    script = "return given.map((each) => all.recordingPacket(all.readRecordingPacket(each)));"
    assert answer(tmp_path, CONSENT, script, sent) == sent


def some_steps(random: random.Random) -> list[Step]:
    """What may happen to one side, in any order: its own presses, the other's packets, and time."""
    now_s, sent_ms, steps = 0.0, 0, list[Step]()
    for _ in range(STEPS):
        now_s += random.choice((0.0, 0.1, 0.9, 1.0, STALE_AFTER_S, STALE_AFTER_S + 0.1))
        sent_ms += random.choice((-1, 0, 1, 500))
        said: Step = [random.choice((None, THEIRS, OTHER)), random.random() < 0.5]
        said += [random.choice((None, OURS, OTHER)), random.random() < 0.7]
        received: Step = ["receive", sent_ms, *said]
        possible: list[Step] = [
            ["ask", random.choice((OURS, OTHER))],
            ["stop"],
            ["writing", random.random() < 0.5],
            ["answer", random.choice((THEIRS, OTHER)), random.random() < 0.7],
            ["back"],
            ["gone"],
            *[received] * 6,
        ]
        steps.append([now_s, *random.choice(possible)])
    return steps


def native(steps: list[Step]) -> list[Any]:
    """How the native side stands after each."""
    consent, found = RecordingConsent(), []
    for now_s, what, *given in steps:
        match what:
            case "ask":
                consent.ask(*given)
            case "stop":
                consent.stop()
            case "writing":
                consent.set_writing(*given)
            case "answer":
                consent.answer(*given)
            case "back":
                consent.peer_is_back()
            case "gone":
                consent.peer_is_gone()
            case "receive":
                consent.receive(RecordingPacket(*given), now_s)
        due = consent.due(now_s, round(now_s * 1000))
        stands = [consent.ask_id, consent.writing, consent.their_ask, consent.they_write, consent.agreed]
        found.append([*stands, str(consent.permission(now_s)), due and due.decode()])
    return found


PAGES = """
  return given.map((steps) => {
    const consent = new all.RecordingConsent();
    return steps.map(([nowS, what, ...said]) => {
      if (what === "ask") consent.ask(said[0]);
      if (what === "stop") consent.stop();
      if (what === "writing") consent.setWriting(said[0]);
      if (what === "answer") consent.answer(said[0], said[1]);
      if (what === "back") consent.peerIsBack();
      if (what === "gone") consent.peerIsGone();
      const [sentAtMs, askId, writing, answerTo, agreed] = said;
      if (what === "receive") consent.receive({ sentAtMs, askId, writing, answerTo, agreed }, nowS);
      const due = consent.due(nowS, Math.round(nowS * 1000));
      const { askId: own, writing: writes, theirAsk, theyWrite, agreed: yes } = consent;
      return [own, writes, theirAsk, theyWrite, yes, consent.permission(nowS), due];
    });
  });
"""


def test_whatever_happens_both_sides_make_the_same_of_it(tmp_path: Path) -> None:
    scenarios = [some_steps(random.Random(seed)) for seed in range(SCENARIOS)]
    wanted = [native(steps) for steps in scenarios]
    met = {stands[5] for each in wanted for stands in each}
    assert met == {str(each) for each in Permission}
    for steps, ours, theirs in zip(scenarios, wanted, answer(tmp_path, CONSENT, PAGES, scenarios), strict=True):
        for step, expected, found in zip(steps, ours, theirs, strict=True):
            assert found == expected, (step, steps)


FAKE = """
  const until = async (done) => { while (!done()) await new Promise((next) => setTimeout(next, 1)); };
  const making = (failure = null) => {
    const recorder = {
      calls: [],
      failure,
      write: (on) => void recorder.calls.push(on),
      progress: () => ({ writtenS: 1, sizeBytes: 5, freeBytes: null, stoodStill: false, failure: recorder.failure }),
      finish: async () => (recorder.calls.push("finish"), "a.mp4"),
    };
    return recorder;
  };
  const shown = [], nothing = [];
  const onNothing = () => nothing.push(true);
  const run = (open) => new all.RecordingRun("1", open, onNothing, (now) => shown.push(now.state));
"""


def test_it_is_written_only_while_the_other_agrees_and_is_there(tmp_path: Path) -> None:
    script = (
        FAKE
        + """
      const recorder = making();
      let opened = 0;
      const one = run(async () => (opened++, recorder));
      one.follow("open", true);
      one.follow("given", false);
      const before = opened;
      one.follow("given", true);
      await until(() => (one.follow("given", true), one.writing));
      one.follow("stale", true);
      const stale = one.writing;
      one.follow("given", true);
      one.follow("given", false);
      one.follow("given", true);
      one.follow("denied", true);
      const [denied, calls] = [one.writing, [...recorder.calls]];
      one.follow("given", true);
      await until(() => one.shown.state === "ended");
      return { before, stale, denied, calls, after: recorder.calls.slice(calls.length), end: one.shown.end, opened,
               began: one.began, nothing, file: one.shown.file };
    """
    )
    assert answer(tmp_path, RUN, script, None) == {
        "before": 0,
        "stale": False,
        "denied": False,
        "calls": [True, False, True, False, True, False],
        "after": ["finish"],
        "end": "withdrawn",
        "opened": 1,
        "began": True,
        "nothing": [],
        "file": "a.mp4",
    }


def test_a_question_that_is_refused_or_taken_back_leaves_nothing(tmp_path: Path) -> None:
    script = (
        FAKE
        + """
      const refused = run(async () => making());
      refused.follow("denied", true);
      await until(() => refused.shown.state === "ended");
      const late = making();
      let give;
      const back = run(() => new Promise((resolve) => (give = () => resolve(late))));
      back.follow("given", true);
      void back.finish("stopped");
      back.follow("given", true);
      give();
      await until(() => back.shown.state === "ended");
      return [refused.shown.end, refused.began, nothing.length, late.calls, back.shown.end];
    """
    )
    assert answer(tmp_path, RUN, script, None) == ["refused", False, 1, ["finish"], "stopped"]


def test_a_recorder_that_fails_or_cannot_be_made_ends_it_with_its_reason(tmp_path: Path) -> None:
    script = (
        FAKE
        + """
      const recorder = making();
      const full = run(async () => recorder);
      await until(() => (full.follow("given", true), full.writing));
      recorder.failure = "disk_full";
      full.follow("given", true);
      const writing = full.writing;
      await until(() => full.shown.state === "ended");
      const none = run(async () => { throw new Error("no chunk"); });
      none.follow("given", true);
      await until(() => none.shown.state === "ended");
      return [writing, full.shown.end, none.shown.end];
    """
    )
    assert answer(tmp_path, RUN, script, None) == [False, "disk_full", "failed"]


def test_every_picture_stands_where_the_native_side_puts_it(tmp_path: Path) -> None:
    layout = pytest.importorskip("app.call.recording.writing.layout", reason="the native side does not record yet")
    script = "return given.map(([width, height, screen]) => all.layoutOf(width, height, screen));"
    given = [(width, height, screen) for width, height in ((1920, 1080), (1280, 720)) for screen in (False, True)]
    places = answer(tmp_path, ("media/recorder/layout.ts",), script, given)
    pictures = layout.Picture
    for (width, height, screen), found in zip(given, places, strict=True):
        wanted = layout.layout_of(width, height, pictures.PEER_SCREEN if screen else None)
        names = {"other": pictures.PEER_CAMERA, "own": pictures.OWN_CAMERA, "screen": pictures.PEER_SCREEN}
        for name, picture in names.items():
            box = wanted.get(picture)
            assert found[name] == (box and [box.x, box.y, box.width, box.height])
