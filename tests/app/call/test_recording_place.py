"""Where a recording is saved: a name that every system takes, and never over a file that is there."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.state.call.recording.place import default_folder, file_name, look_at, new_file

AT = datetime(2027, 3, 1, 9, 15, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Mia Keller", "Mia Keller 2027-03-01 10.15.mp4"),
        ("../../etc/passwd", "passwd 2027-03-01 10.15.mp4"),
        ('A<b>:"|?*', "A_b______ 2027-03-01 10.15.mp4"),
        ("田中 さくら", "田中 さくら 2027-03-01 10.15.mp4"),
        ("", "2027-03-01 10.15.mp4"),
        ("x" * 200, f"{'x' * 80} 2027-03-01 10.15.mp4"),
    ],
)
def test_the_file_bears_the_others_name_and_the_time_on_this_persons_clock(name: str, file: str) -> None:
    assert file_name(name, AT, BERLIN) == file


@pytest.mark.parametrize("name", ["مريم" * 20, "😀" * 80, "क" * 80])
def test_a_long_name_in_any_script_keeps_its_ending_and_fits_a_file_system(name: str) -> None:
    file = file_name(name, AT, BERLIN)
    assert file.endswith(".mp4")
    assert len(file.encode()) <= 200


async def test_nothing_that_is_there_is_written_over_finished_or_not(tmp_path: Path) -> None:
    assert (await new_file(tmp_path, "a.b.mp4")).name == "a.b.mp4"
    (tmp_path / "a.b.mp4").touch()
    assert (await new_file(tmp_path, "a.b.mp4")).name == "a.b (2).mp4"
    (tmp_path / "a.b (2).mkv").touch()
    assert (await new_file(tmp_path, "a.b.mp4")).name == "a.b (3).mp4"


def inside(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_looking_makes_no_folder_and_asking_does(tmp_path: Path) -> None:
    found = await look_at(tmp_path / "videos" / "Rendezvous")
    assert found.writable
    assert found.free_bytes
    assert inside(tmp_path) == []
    assert (await new_file(found.folder, "a.mp4")).parent == found.folder
    assert inside(found.folder) == []


async def test_a_folder_in_which_nothing_can_be_saved_is_known(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not (await look_at(tmp_path / "file" / "below")).writable
    with pytest.raises(OSError, match="file"):
        await new_file(tmp_path / "file" / "below", "a.mp4")


def test_at_first_it_is_among_the_persons_videos() -> None:
    assert default_folder().name == "Rendezvous"
