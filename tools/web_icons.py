"""The icons that browsers load, cut from Flet's 1.2 MB of them: `python -m tools.web_icons` writes
assets/web/material-icons.otf again, after an icon was added to the app or Flet was updated.

It needs the network once: pip brings fontTools, which cuts the font, into a folder that is thrown away afterwards.
`tests/app/web/test_icons.py` fails while an icon of the app is not in the file. License: Apache 2.0, as Flutter's own.
"""

import json
import re
import subprocess
import tempfile
import venv
from importlib import resources
from pathlib import Path

from flet_web import get_package_web_dir

from tools.paths import ROOT, VENV, VENV_PYTHON

FONT = ROOT / "assets" / "web" / "material-icons.otf"
FONT_TOOLS = "fonttools==4.68.0"
USED = re.compile(r"\bIcons\.([A-Z][A-Z0-9_]+)\b")
FIRST = 1 << 16
"""Flet's number of the first icon; they count on from it (flet 1.0.5, `controls/material/icons.json`)."""
# fmt: off
FLUTTERS = (
    "ACCESS_TIME", "ARROW_BACK", "ARROW_BACK_IOS_NEW_ROUNDED", "ARROW_DOWNWARD", "ARROW_DROP_DOWN", "ARROW_DROP_UP",
    "ARROW_FORWARD", "ARROW_RIGHT", "ARROW_UPWARD", "BROKEN_IMAGE", "CALENDAR_TODAY", "CANCEL", "CHECK", "CHECK_BOX",
    "CHECK_BOX_OUTLINE_BLANK", "CHEVRON_LEFT", "CHEVRON_RIGHT", "CLEAR", "CLOSE", "CONTENT_COPY", "CONTENT_CUT",
    "CONTENT_PASTE", "DRAG_HANDLE", "EDIT", "EDIT_OUTLINED", "ERROR", "ERROR_OUTLINE", "EXPAND_LESS", "EXPAND_MORE",
    "FIRST_PAGE", "INFO_OUTLINE", "KEYBOARD", "KEYBOARD_OUTLINED", "LAST_PAGE", "MENU", "MORE_HORIZ", "MORE_VERT",
    "SEARCH", "SELECT_ALL", "STAR", "UNFOLD_MORE", "VISIBILITY", "VISIBILITY_OFF", "WARNING",
)
# fmt: on
"""What the widgets of Flutter and Flet draw by themselves: pickers, menus, chips, selections, errors."""


def names_used() -> set[str]:
    """Every icon that the app's code names, and Flutter's own."""
    code = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "app").rglob("*.py")))
    return set(USED.findall(code)) | set(FLUTTERS)


def code_points() -> dict[str, int]:
    """The place of each icon in the font, by Flet's name for it: as Flet's own client has them in its script."""
    script = (Path(get_package_web_dir()) / "main.dart.js").read_text("utf-8")
    points = dict(re.findall(r'B\.(\w+)=new A\.\w+\((\d+),"MaterialIcons",null,!\d\)', script))
    lists = re.findall(r"\[((?:B\.\w+,){5000,}B\.\w+)\]", script)
    if len(lists) != 1:
        raise RuntimeError("Flet's client has its list of icons in another form")
    ordered = [points.get(each.removeprefix("B.")) for each in lists[0].split(",")]
    numbers = json.loads(resources.files("flet.controls.material").joinpath("icons.json").read_text("utf-8"))
    return {name: int(point) for name, number in numbers.items() if (point := ordered[number - FIRST]) is not None}


def main() -> None:
    known = code_points()
    wanted = ",".join(f"U+{known[name]:X}" for name in sorted(names_used()))
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / VENV_PYTHON.relative_to(VENV)
        subprocess.run([python, "-m", "pip", "install", "--quiet", FONT_TOOLS], check=True)
        whole = Path(get_package_web_dir()) / "assets" / "fonts" / "MaterialIcons-Regular.otf"
        options = (
            f"--unicodes={wanted}",
            f"--output-file={FONT}",
            "--no-hinting",
            "--desubroutinize",
            "--notdef-outline",
        )
        subprocess.run([python, "-m", "fontTools.subset", whole, *options], check=True)
    print(f"{FONT.relative_to(ROOT)}: {FONT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
