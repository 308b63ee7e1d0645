"""The page's shared timer and notes go by the app's own rules: the same packets are refused, the same texts joined."""

import json
from pathlib import Path
from typing import Any

from playwright.async_api import Route, expect

from app.call.chat.timer import TimerPacket, read_timer_packet, timer_packet
from app.state.core.private_notes import BETWEEN
from tests.app.core.test_private_notes import TWO_TEXTS
from tests.call.test_timer import GOOD, HOSTILE, NO_PACKETS
from tests.callpage.conftest import Enter
from tests.callpage.people import Member
from tests.callpage.sources import answer

TIMER = ("call/shared_timer.ts", "call/protocol.ts")
NOTES = ("private_notes.ts", "backend.ts")


def test_a_hostile_timer_packet_is_refused(tmp_path: Path) -> None:
    texts = [json.dumps(each) for each in HOSTILE] + [each.decode("utf-8", "replace") for each in NO_PACKETS]
    read = answer(tmp_path, TIMER, "return given.map((each) => all.readTimerPacket(each));", texts)
    assert read == [None] * len(texts)
    good = answer(tmp_path, TIMER, "return all.readTimerPacket(given);", json.dumps(GOOD))
    assert good == {"sentAtMs": 1, "lengthMs": 600_000, "leftMs": 600_000}


def test_each_side_reads_what_the_other_sends(tmp_path: Path) -> None:
    packets = [TimerPacket(5, 600_000, 1), TimerPacket(6, 0, None)]
    sent = [timer_packet(each).decode() for each in packets]
    script = "return given.map((each) => all.timerPacket(all.readTimerPacket(each)));"
    back = answer(tmp_path, TIMER, script, sent)
    assert [read_timer_packet(each.encode()) for each in back] == packets


def test_only_the_professionals_side_sets_it_and_the_user_follows_whatever_the_clocks(tmp_path: Path) -> None:
    script = """
      const [professional, user] = [new all.TimerKeeper(true), new all.TimerKeeper(false)];
      const AHEAD = 10_000_000, found = {};
      const say = (nowS, nowMs) => {
        const packet = professional.due(nowS, nowMs);
        if (packet) user.receive(all.readTimerPacket(packet), nowMs + AHEAD);
        return packet;
      };
      professional.start(600_000, 1000);
      say(0, 61_000);
      found.theirs = user.timer.endsAtMs - AHEAD;
      found.soon_again = say(1, 62_000);
      found.again = say(6, 67_000) !== null;
      professional.receive({ sentAtMs: 1e15, lengthMs: 60_000, leftMs: 1 }, 67_000);
      found.ours = professional.timer.endsAtMs;
      user.receive({ sentAtMs: 5, lengthMs: 0, leftMs: null }, AHEAD);
      found.older_ignored = user.timer !== null;
      user.start(60_000, AHEAD);
      user.stop();
      found.users_press_ignored = user.timer?.lengthMs;
      professional.stop();
      say(7, 68_000);
      found.stopped = user.timer;
      const late = new all.TimerKeeper(false);
      late.takeKept({ lengthMs: 600_000, endsAtMs: 700_000 }, 200_000);
      found.kept = late.timer;
      professional.peerIsBack();
      late.receive(all.readTimerPacket(professional.due(8, 69_000)), 200_000);
      found.late = late.timer;
      late.takeKept({ lengthMs: 1, endsAtMs: 1 }, 0);
      late.takeKept({ lengthMs: 600_000, endsAtMs: 9e9 }, 0);
      late.takeKept({ lengthMs: 60_000, endsAtMs: NaN }, 0);
      found.impossible = late.timer;
      return found;
    """
    assert answer(tmp_path, TIMER, script, None) == {
        "theirs": 601_000,
        "soon_again": None,
        "again": True,
        "ours": 601_000,
        "older_ignored": True,
        "users_press_ignored": 600_000,
        "stopped": None,
        "kept": {"lengthMs": 600_000, "endsAtMs": 700_000},
        "late": None,
        "impossible": None,
    }


def test_of_a_flood_only_so_much_is_looked_at(tmp_path: Path) -> None:
    script = """
      const gate = new all.FloodGate(all.PROTOCOL.timer);
      let through = 0;
      for (let at = 0; at < 10; at += 0.001) through += gate.letsThrough(at) ? 1 : 0;
      return [through, gate.letsThrough(20), all.leads("professional_1"), all.leads("user_professional_1")];
    """
    through, after, professional, user = answer(tmp_path, TIMER, script, None)
    assert 20 <= through <= 75
    assert (after, professional, user) == (True, True, False)


def test_five_minutes_left_is_said_when_the_app_says_it(tmp_path: Path) -> None:
    minute = 60_000
    cases: list[tuple[Any, float, str]] = [
        (None, 5, "five_left_of_session"),
        (None, 4.4, ""),
        ([10, 5], 30, "five_left"),
        ([10, 4.5], 30, ""),
        ([5, 5], 30, ""),
        ([30, 4.4], 5, ""),
        ([10, -20], 5, "five_left_of_session"),
    ]
    given = [
        [timer and {"lengthMs": timer[0] * minute, "endsAtMs": timer[1] * minute}, ends * minute]
        for timer, ends, _ in cases
    ]
    said = answer(tmp_path, TIMER, "return given.map(([timer, ends]) => all.timeNotice(timer, ends, 0));", given)
    assert said == [words for *_, words in cases]


def test_two_texts_become_one_as_in_the_app(tmp_path: Path) -> None:
    given = [list(each) for each in TWO_TEXTS]
    both = answer(tmp_path, NOTES, "return given.map(([base, theirs, mine]) => all.joined(base, theirs, mine));", given)
    assert both == [expected for *_, expected in TWO_TEXTS]
    cleaned = answer(tmp_path, NOTES, "return all.cleanNote(given);", "  a\r\nb\x07\0\tc  \n")
    assert cleaned == "  a\nb\tc  \n"


def test_notes_that_could_not_be_saved_survive_the_page_and_are_joined_with_what_came_meanwhile(tmp_path: Path) -> None:
    script = """
      const kept = { text: "Likes Bach", version: 1 };
      const backend = {
        fails: true,
        note: async () => ({ ...kept }),
        saveNote: async (text, version) => {
          if (backend.fails) throw new all.Offline();
          if (text !== kept.text && version !== kept.version) throw new all.NoteChanged({ ...kept });
          if (text !== kept.text) Object.assign(kept, { text, version: kept.version + 1 });
          return { ...kept };
        },
      };
      const until = async (holds) => {
        for (let tries = 0; !holds(); tries += 1) {
          if (tries > 500) throw new Error("not within five seconds");
          await new Promise((done) => setTimeout(done, 10));
        }
      };
      let saved = null;
      const loses = {
        note: async () => ({ text: "", version: 0 }),
        saveNote: async (text) => {
          saved ??= text;
          throw new all.Offline();
        },
      };
      const lost = new all.Notes(loses, "other", 0);
      await lost.open();
      lost.typed("Likes Bach");
      await until(() => lost.saving === "not_yet");
      lost.typed("Likes Brahms");
      loses.saveNote = async (text, version) => {
        if (version === 0) throw new all.NoteChanged({ text: saved, version: 1 });
        return { text, version: version + 1 };
      };
      await until(() => lost.saving === "saved");
      const first = new all.Notes(backend, "user", 0);
      await first.open();
      const found = { read: first.text, answer_lost: [lost.text, lost.bothKept] };
      first.typed("Likes Bach\\nof the phone");
      await until(() => first.saving === "not_yet");
      Object.assign(kept, { text: "Likes Bach\\nof the laptop", version: 2 });
      const after = new all.Notes(backend, "user", 0);
      found.brought_back = after.text;
      found.others = new all.Notes(backend, "professional", 0).text;
      backend.fails = false;
      await until(() => after.saving === "saved");
      const left = localStorage.getItem("rendezvous.note.session-1.user");
      return { ...found, text: after.text, both: after.bothKept, kept: kept.text, left };
    """
    both = f"Likes Bach\nof the laptop{BETWEEN}of the phone"
    assert answer(tmp_path, NOTES, script, None) == {
        "read": "Likes Bach",
        "answer_lost": ["Likes Brahms", False],
        "brought_back": "Likes Bach\nof the phone",
        "others": "",
        "text": both,
        "both": True,
        "kept": both,
        "left": None,
    }


def test_notes_that_could_not_be_read_are_not_shown_as_none(tmp_path: Path) -> None:
    script = """
      let asked = 0;
      const backend = {
        note: async () => {
          asked += 1;
          if (asked < 2) throw new all.Offline();
          return { text: "from before", version: 1 };
        },
      };
      const notes = new all.Notes(backend, "user", 0);
      const opening = notes.open();
      await notes.open();
      const meanwhile = notes.saving;
      await opening;
      const none = new all.Notes({ ...backend, note: async () => ({ text: "", version: 0 }) }, "professional", 0);
      await none.open();
      return [meanwhile, notes.text, notes.saving, asked, notes.neverWritten, none.neverWritten];
    """
    assert answer(tmp_path, NOTES, script, None) == ["loading", "from before", "saved", 2, False, True]


async def test_what_is_noted_on_the_page_is_kept_for_its_person_alone_also_over_a_lost_network(
    enter: Enter, nora: Member, sam: Member
) -> None:
    guest = await enter(sam)
    await guest.join()
    page = guest.page
    await page.get_by_role("button", name="Notes", exact=True).click()
    field = page.get_by_label("Your private notes")
    await expect(field).to_have_value(sam.note()["text"])  # of earlier tests: what is typed before it comes is joined
    await field.fill("Ask about Bach\n")
    await guest.sees("Saved")
    assert (sam.note()["text"], nora.note()["text"]) == ("Ask about Bach\n", "")

    async def cut(route: Route) -> None:
        await route.abort()

    await page.route("**/note", cut)
    await field.fill("Ask about Bach\nand Brahms")
    await guest.sees("Not saved yet: no connection")
    await page.unroute("**/note")
    await page.reload()
    await page.get_by_role("button", name="Notes", exact=True).click()
    await expect(field).to_have_value("Ask about Bach\nand Brahms")
    await guest.sees("Saved")
    assert sam.note()["text"] == "Ask about Bach\nand Brahms"
    await guest.press("End call")
    await guest.ended("You left the call")
    await expect(field).to_have_value("Ask about Bach\nand Brahms")
