"""Flet's build template with https links: what is added, and that another template is refused."""

import plistlib
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools import phone_template
from tools.console import Trouble

NAME = "{http://schemas.android.com/apk/res/android}"
TOP = "build/{{cookiecutter.out_dir}}"
MANIFEST = """<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <application>
        <activity android:name=".MainActivity">
            <!-- flet: deep linking {% if links %} -->
            <intent-filter>
                <data android:scheme="rendezvous" android:host="open" />
            </intent-filter>
            <!-- flet: end of deep linking {% endif %} -->
        </activity>
    </application>
</manifest>
"""
XCODE = "\t\t\t\tINFOPLIST_FILE = Runner/Info.plist;\n\t\t\t\tOTHER = 1;\n\t\t\t\tINFOPLIST_FILE = Runner/Info.plist;\n"


def template(folder: Path, manifest: str = MANIFEST, xcode: str = XCODE) -> Path:
    archive = folder / "flet-build-template.zip"
    with zipfile.ZipFile(archive, "w") as whole:
        whole.writestr(f"{TOP}/{phone_template.MANIFEST}", manifest)
        whole.writestr(f"{TOP}/{phone_template.XCODE}", xcode)
        whole.writestr(f"{TOP}/ios/Runner/Info.plist", "<plist/>")
    return archive


def test_links_of_the_host_open_the_app_beside_its_own_scheme(tmp_path: Path) -> None:
    phone_template.make(template(tmp_path), tmp_path / "made", "links.example.com")
    made = tmp_path / "made" / TOP
    activity = ElementTree.parse(made / phone_template.MANIFEST).find("application/activity")
    assert activity is not None
    own, links = activity.findall("intent-filter")
    assert own.find("data").get(f"{NAME}scheme") == "rendezvous"  # type: ignore[union-attr]  # it was written above
    assert links.get(f"{NAME}autoVerify") == "true"
    found = [(each.get(f"{NAME}host"), each.get(f"{NAME}pathPrefix")) for each in links.findall("data")]
    assert found == [("links.example.com", path) for path in phone_template.PATHS]
    assert (made / phone_template.XCODE).read_text().count("CODE_SIGN_ENTITLEMENTS = Runner/Runner.entitlements;") == 2
    entitlements = plistlib.loads((made / phone_template.ENTITLEMENTS).read_bytes())
    assert entitlements == {"com.apple.developer.associated-domains": ["applinks:links.example.com"]}


@pytest.mark.parametrize("parts", [{"manifest": "<manifest/>\n"}, {"xcode": "OTHER = 1;\n"}])
def test_a_template_of_another_kind_is_refused_in_a_sentence(tmp_path: Path, parts: dict[str, str]) -> None:
    with pytest.raises(Trouble, match="not the build template"):
        phone_template.make(template(tmp_path, **parts), tmp_path / "made", "links.example.com")
