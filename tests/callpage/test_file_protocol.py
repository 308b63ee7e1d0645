"""The page's protocol of files is the app's own: the same names, the same packets, the same answers to hostile ones."""

import base64
import json
from pathlib import Path
from typing import Any

from app.call.chat.file_pace import Pace
from app.call.chat.file_packets import FilePacket, Have, Offer, Piece, Refuse, Stop, file_packet, read_file_packet
from app.call.contract.files import FILES_AT_ONCE, LARGEST_FILE, clean_file_name
from app.state.core.sizes import size_words
from tests.call.file_pair import ID
from tests.call.test_file_hostile_peer import HOSTILE, NO_PACKETS
from tests.call.test_file_names import CLEANED
from tests.callpage.sources import answer

PACKETS = ("call/file_packets.ts",)
ENDS = ("call/file_sending.ts", "call/file_receiving.ts", "call/file_packets.ts", "call/file_pace.ts")
PAIR = """
  const ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
  class Pair {
    a = new all.FileSending(); b = new all.FileReceiving(); nowS = 100; way = []; packets = 0; completed = 0;
    lost = () => false;
    step() {
      this.nowS += 0.02;
      for (const part of [this.a, this.b]) {
        for (const packet of part.due(this.nowS)) {
          this.packets += 1;
          if (!this.lost()) this.way.push([this.nowS + 0.01, all.readFilePacket(all.filePacket(packet))]);
        }
      }
      const arrived = this.way.filter(([at]) => at <= this.nowS);
      this.way = this.way.filter(([at]) => at > this.nowS);
      for (const [, packet] of arrived) this.arrives(packet);
    }
    arrives(packet) {
      const { kind, id } = packet;
      if (kind === "piece") this.b.onPiece(id, packet.at, packet.content);
      if (kind === "offer") this.b.onOffer(id, packet.name, packet.size, 0);
      if (kind === "stop") this.b.onStop(id, packet.why);
      if (kind === "refuse") this.a.onRefuse(id, packet.why);
      if (kind === "have" && this.a.onHave(id, packet.done, this.nowS)) this.completed += 1;
    }
    until(done, limitS) {
      for (const end = this.nowS + limitS; !done(); ) {
        if (this.nowS > end) throw new Error(JSON.stringify([this.a.shown, this.b.shown]));
        this.step();
      }
    }
    get over() { return this.a.shown[0]?.state !== "underway" && this.b.shown[0]?.state !== "underway"; }
    begun(bytes) { this.until(() => this.b.shown[0]?.done > bytes, 20); }
    get ended() { return [this.a.shown[0], this.b.shown[0]].map((each) => [each?.state, each?.problem]); }
  }
  const made = (size) => Uint8Array.from({ length: size }, (_, at) => (at * 7919) >> 3);
  const arrived = async (pair, id = ID) => new Uint8Array(await pair.b.contentOf(id).arrayBuffer());
  const equal = (one, other) => one.length === other.length && one.every((each, at) => each === other[at]);
"""


def run(folder: Path, script: str, given: object = None) -> Any:
    return answer(folder, ENDS, PAIR + script, given)


def test_a_name_is_cleaned_as_in_the_app(tmp_path: Path) -> None:
    script = "return given.map(all.cleanFileName);"
    long = ["x" * 400 + ".pdf", "训" * 1000 + ".pdf", "👩" * 300, "a." + "b" * 300]
    found = answer(tmp_path, ("call/file_names.ts",), script, [*CLEANED, *long])
    assert found == [*CLEANED.values(), *map(clean_file_name, long)]


def test_a_hostile_packet_is_refused(tmp_path: Path) -> None:
    packets = [
        base64.b64encode(each).decode() for each in (*(json.dumps(one).encode() for one in HOSTILE), *NO_PACKETS)
    ]
    script = 'return given.map((each) => all.readFilePacket(new Uint8Array(Buffer.from(each, "base64"))));'
    assert answer(tmp_path, PACKETS, script, packets) == [None] * len(packets)


def test_each_side_reads_what_the_other_sends(tmp_path: Path) -> None:
    packets: list[FilePacket] = [
        Offer(ID, "训练 📄.pdf", 3),
        Piece(ID, 70_000, b"\0\xff{"),
        Have(ID, 5),
        Refuse(ID, "full"),
        Stop(ID, "x"),
    ]
    sent = [base64.b64encode(file_packet(each)).decode() for each in packets]
    script = """
      const read = given.map((each) => all.readFilePacket(new Uint8Array(Buffer.from(each, "base64"))));
      return read.map((each) => Buffer.from(all.filePacket(each)).toString("base64"));
    """
    back = answer(tmp_path, PACKETS, script, sent)
    assert [read_file_packet(base64.b64decode(each)) for each in back] == packets


def test_sizes_read_as_in_the_app(tmp_path: Path) -> None:
    sizes = [0, 1, 2, 1023, 1024, 1535, 1536, 1048063, 1048064, 1048576, 2_411_724, LARGEST_FILE, LARGEST_FILE + 60_000]
    found = answer(tmp_path, ("words.ts",), "return given.map(all.sizeWords);", sizes)
    assert found == [size_words(each) for each in sizes]
    assert found[-2] == "10 MB"


def test_a_file_arrives_whole_empty_or_of_ten_megabytes_and_a_larger_one_is_refused_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    script = """
      const found = [];
      for (const size of [0, 1, 14001, given]) {
        const pair = new Pair();
        pair.a.offer(ID, "a", made(size), 0);
        pair.until(() => pair.over, 20);
        found.push(equal(await arrived(pair), made(size)), pair.completed);
      }
      const pair = new Pair();
      found.push(pair.a.offer(ID, "a", new Uint8Array(given + 1), 0));
      pair.step();
      return [...found, pair.packets];
    """
    assert run(tmp_path, script, LARGEST_FILE) == [True, 1] * 4 + ["too_large", 0]


def test_what_gets_lost_is_sent_again_and_after_a_black_hole_it_goes_on(tmp_path: Path) -> None:
    script = """
      let number = 0;
      const lossy = new Pair();
      lossy.lost = () => ++number % 10 === 3;
      lossy.a.offer(ID, "a", made(200000), 0);
      lossy.until(() => lossy.over, 900);
      const pair = new Pair();
      pair.a.offer(ID, "a", made(2000000), 0);
      pair.begun(500000);
      pair.lost = () => true;
      pair.way = [];
      for (let each = 0; each < 20; each++) pair.step();
      pair.lost = () => false;
      pair.nowS += 10;
      pair.packets = 0;
      pair.a.peerIsBack();
      pair.b.peerIsBack();
      pair.until(() => pair.over, 20);
      const back = new Pair();
      back.a.offer(ID, "a", made(500000), 0);
      back.begun(100000);
      back.a.peerIsBack();
      const { kind } = back.a.due(back.nowS).next().value;
      if (kind !== "offer") throw new Error(kind);
      return [equal(await arrived(lossy), made(200000)), equal(await arrived(pair), made(2000000)), pair.packets < 700];
    """
    assert run(tmp_path, script) == [True, True, True]


def test_each_side_can_cancel_and_what_gets_no_answer_fails_and_can_be_sent_again(tmp_path: Path) -> None:
    script = """
      const pairs = [0, 1, 2, 3, 4].map(() => new Pair());
      for (const pair of pairs) {
        pair.a.offer(ID, "a", made(5000000), 0);
        pair.begun(100000);
      }
      const [bySender, byReceiver, forgot, left, stalled] = pairs;
      bySender.a.cancel(ID);
      byReceiver.b.cancel(ID);
      for (const pair of [bySender, byReceiver]) pair.until(() => pair.over, 5);
      forgot.a = new all.FileSending();
      forgot.b.peerIsBack();
      forgot.until(() => forgot.b.shown[0].state !== "underway", 5);
      left.a.peerLeft();
      left.b.peerLeft();
      stalled.lost = () => true;
      stalled.until(() => stalled.over, 35);
      stalled.lost = () => false;
      const again = stalled.a.contentOf(ID), other = ID.replace("1", "2");
      stalled.a.offer(other, again.name, again.content, 0);
      stalled.until(() => stalled.b.contentOf(other), 20);
      return [...pairs.map((each) => each.ended), equal(await arrived(stalled, other), made(5000000))];
    """
    own, other = ["cancelled", "cancelled"], ["cancelled", "peer_cancelled"]
    by_sender, by_receiver, forgot, left, stalled, again = run(tmp_path, script)
    assert (by_sender, by_receiver) == ([own, other], [other, own])
    assert forgot[1] == ["failed", "lost"]
    assert left == [["failed", "peer_left"]] * 2
    assert stalled[1] == ["failed", "stalled"]
    assert again


def test_a_hostile_sender_gets_no_further_than_what_was_announced(tmp_path: Path) -> None:
    script = """
      const text = (words) => new TextEncoder().encode(words);
      const taken = (...steps) => {
        const b = new all.FileReceiving();
        for (const [at, ...rest] of steps) {
          if (typeof at === "string") b.onOffer(ID, at, rest[0], 0);
          else b.onPiece(ID, at, text(rest[0]));
        }
        return b;
      };
      const ended = ({ shown }) => [shown[0]?.state, shown[0]?.problem];
      const inWords = async (b) => await b.contentOf(ID)?.text();
      const larger = taken(["a", 5], [0, "abc"], [3, "def"]);
      const shuffled = taken(["a", 6], [3, "def"], [0, "abc"], [0, "xyz"], [1, "b"], [3, "def"], [6, "more"], ["b", 9]);
      const endless = taken(["a", 1000000], [0, "abc"]);
      for (let s = 0; s < 32; s++) {
        for (const _ of endless.due(s));
        endless.onPiece(ID, 9, text("out of order"));
      }
      const flood = new all.FileReceiving(), many = new all.FileReceiving();
      for (let each = 0; each < 5000; each++) {
        const id = ID.slice(0, -4) + each.toString(16).padStart(4, "0");
        flood.onOffer(id, "a", given + 1, 0);
        flood.onPiece(id.replace("1", "3"), 0, text("x"));
        many.onOffer(id, "a", 5, 0);
      }
      const lying = new all.FileSending();
      lying.offer(ID, "a", made(1000), 0);
      for (const _ of lying.due(0));
      lying.onHave(ID, 1000, 0.1);
      lying.onRefuse(ID.replace("1", "3"), "full");
      const unknown = new all.FileSending();
      unknown.offer(ID, "a", made(10), 0);
      unknown.onRefuse(ID, "constructor");
      return {
        larger: [ended(larger), [...larger.due(0)], larger.contentOf(ID)],
        shuffled: [await inWords(shuffled), shuffled.shown[0].name],
        endless: ended(endless),
        flood: [flood.shown.length, [...flood.due(0)].length, many.shown.length],
        lying: ended(lying), unknown: ended(unknown),
        twice: ended(taken(["a", 6], [0, "abc"], ["a", 7])),
      };
    """
    assert run(tmp_path, script, LARGEST_FILE) == {
        "larger": [["failed", "broken"], [{"kind": "refuse", "id": ID, "why": "broken"}], None],
        "shuffled": ["abcdef", "a"],
        "endless": ["failed", "stalled"],
        "flood": [200, 50, FILES_AT_ONCE],
        "lying": ["underway", None],
        "unknown": ["failed", "broken"],
        "twice": ["failed", "broken"],
    }


def test_a_queue_of_its_own_making_makes_it_slower_as_in_the_app(tmp_path: Path) -> None:
    trips = [(5000, 0.02, 0.0), *((1000, 0.5, float(each)) for each in range(60)), (9000, 0.03, 70.0)]
    script = """
      const pace = new all.Pace();
      return given.map((each) => { pace.acknowledged(...each); return pace.pieceBytes; });
    """
    own, expected = Pace(), []
    for each in trips:
        own.acknowledged(*each)
        expected.append(own.piece_bytes)
    assert run(tmp_path, script, trips) == expected
