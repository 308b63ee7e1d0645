"""Recordings as files: their names, the MP4 at the end, and a disk that becomes full."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.call.contract.recording import RecordingEnd
from app.call.recording.messages import Picture, Said, WriterSettings
from app.call.recording.writing.remux import recover
from app.call.video.convert import I420Frame
from tests.stage.left_out import left_out
from tests.stage.recorded import Recorded
from tests.stage.written_call import HEIGHT, OWN, SETTINGS, WIDTH, WrittenCall, box_of

MB = 1_000_000


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def written(file: Path, seconds: float = 2.0, settings: WriterSettings = SETTINGS) -> WrittenCall:
    call = WrittenCall(file, settings)
    call.write(True)
    call.run(seconds)
    return call


def noisy(call: WrittenCall, seconds: float) -> None:
    """Pictures that cannot be made small: half a megabyte a second."""
    call.cameras = {}
    draw = np.random.default_rng(1)
    for _ in range(round(seconds * 20)):
        noise = draw.integers(0, 255, WIDTH * HEIGHT * 3 // 2, np.uint8)
        call.slots.put(Picture.OWN_CAMERA, call.instant() + 0.01, I420Frame(WIDTH, HEIGHT, noise, 0, 0))
        call.run(0.05)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        left_out(f"no small disk can be mounted: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    for taken in ("Talk.mp4", "Talk (2).mkv"):
        (tmp_path / taken).write_text("mine")
    assert written(tmp_path / "Talk.mp4").finish() == tmp_path / "Talk (3).mp4"
    assert names(tmp_path) == ["Talk (2).mkv", "Talk (3).mp4", "Talk.mp4"]
    assert (tmp_path / "Talk.mp4").read_text() == "mine"


def test_an_mp4_that_came_meanwhile_is_not_written_over_either(tmp_path: Path) -> None:
    call = written(tmp_path / "Talk")
    (tmp_path / "Talk.mp4").write_text("mine")
    assert call.finish() == tmp_path / "Talk (2).mp4"
    assert (tmp_path / "Talk.mp4").read_text() == "mine"


def test_a_dot_in_a_name_is_no_suffix(tmp_path: Path) -> None:
    assert written(tmp_path / "Nora 12.30").finish() == tmp_path / "Nora 12.30.mp4"


def test_a_link_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "Talk.mkv").symlink_to(tmp_path / "elsewhere")
    assert written(tmp_path / "Talk.mp4").finish() == tmp_path / "Talk (2).mp4"
    assert not (tmp_path / "elsewhere").exists()


def test_while_it_is_written_only_this_person_can_read_it(tmp_path: Path) -> None:
    written(tmp_path / "Talk.mp4")
    assert (tmp_path / "Talk.mkv").stat().st_mode & 0o777 == 0o600


def test_where_no_mp4_can_be_made_the_matroska_file_is_the_recording(tmp_path: Path) -> None:
    call = written(tmp_path / "Talk.mp4")
    (tmp_path / "Talk.mp4.part").mkdir()
    file = call.finish()
    assert file == tmp_path / "Talk.mkv"
    assert Recorded(file).seconds > 1.9
    assert names(tmp_path) == ["Talk.mkv", "Talk.mp4.part"]


def test_an_mp4_begins_with_what_a_player_needs_first(tmp_path: Path) -> None:
    file = written(tmp_path / "Talk.mp4").finish()
    assert file is not None
    content = file.read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize("cut", [0, 1, 1000, 40_000])
def test_what_a_killed_program_left_is_made_an_mp4_as_far_as_it_goes(tmp_path: Path, cut: int) -> None:
    """In the middle of a cluster too."""
    written(tmp_path / "Talk.mp4", seconds=6)
    whole = tmp_path / "Talk.mkv"
    left = tmp_path / "left.mkv"
    left.write_bytes(whole.read_bytes()[: whole.stat().st_size - cut])
    (tmp_path / "left.mp4.part").write_text("of an attempt before")
    recovered = recover(left)
    assert recovered == tmp_path / "left.mp4"
    assert not left.exists()
    assert not (tmp_path / "left.mp4.part").exists()
    recorded = Recorded(recovered)
    assert recorded.seconds > 4
    assert len(recorded.numbers(box_of(Picture.OWN_CAMERA), OWN)) > 100


@pytest.mark.parametrize("content", [b"", b"not a recording", b"\x1aE\xdf\xa3"])
def test_what_is_no_recording_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    left = tmp_path / "left.mkv"
    left.write_bytes(content)
    assert recover(left) == left
    assert names(tmp_path) == ["left.mkv"]


def test_a_file_that_is_gone_is_nothing_to_recover(tmp_path: Path) -> None:
    assert recover(tmp_path / "gone.mkv") == tmp_path / "gone.mkv"


def test_it_stops_by_itself_before_the_disk_is_full_and_what_was_written_is_whole(small_disk: Path) -> None:
    call = written(small_disk / "Talk.mp4", settings=WriterSettings(WIDTH, HEIGHT, reserve_bytes=3 * MB))
    noisy(call, 30)
    assert call.failure is RecordingEnd.DISK_FULL
    assert shutil.disk_usage(small_disk).free > 1 * MB
    file = call.finish()
    assert file is not None
    recorded = Recorded(file)
    assert 4 < recorded.seconds < 30
    assert len(recorded.onsets(1000.0)) > 4


def test_where_both_files_have_no_room_beside_the_reserve_the_matroska_file_stays(small_disk: Path) -> None:
    call = written(small_disk / "Talk.mp4", settings=WriterSettings(WIDTH, HEIGHT, reserve_bytes=MB))
    noisy(call, 4)
    size = (small_disk / "Talk.mkv").stat().st_size
    (small_disk / "other").write_bytes(bytes(shutil.disk_usage(small_disk).free - size - MB // 2))
    assert call.finish() == small_disk / "Talk.mkv"
    assert names(small_disk) == ["Talk.mkv", "other"]


def test_a_disk_that_is_full_all_the_same_costs_only_the_end(small_disk: Path) -> None:
    """Something else was quicker than the reserve."""
    call = written(small_disk / "Talk.mp4", seconds=4)
    (small_disk / "other").write_bytes(bytes(shutil.disk_usage(small_disk).free))
    noisy(call, 5)
    assert call.failure is RecordingEnd.DISK_FULL
    file = call.finish()
    assert file == small_disk / "Talk.mkv"
    assert Recorded(file).seconds > 3
    os.unlink(small_disk / "other")
    assert Recorded(recover(file)).seconds > 3


def test_a_disk_that_is_nearly_full_is_not_begun_on(small_disk: Path) -> None:
    call = WrittenCall(small_disk / "Talk.mp4", WriterSettings(WIDTH, HEIGHT, reserve_bytes=100 * MB))
    assert call.said == [{"said": Said.REFUSED, "end": RecordingEnd.DISK_FULL}]
    assert names(small_disk) == []
