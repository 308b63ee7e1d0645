"""Flet's build template with what `[tool.flet]` of Flet 1.0.5 has no key for: https links that open the app.

    python -m tools.phone_template flet-build-template.zip build/template links.example.com
    flet build apk --template build/template

Android asks the host for `/.well-known/assetlinks.json`, iOS for `/.well-known/apple-app-site-association`; the backend
answers both once ANDROID_APP and IOS_APP are set.
"""

import sys
import zipfile
from pathlib import Path

from tools.console import Trouble

MANIFEST = "android/app/src/main/AndroidManifest.xml"
XCODE = "ios/Runner.xcodeproj/project.pbxproj"
ENTITLEMENTS = "ios/Runner/Runner.entitlements"
PATHS = ("/p/", "/professional/", "/my-sessions", "/upcoming")
"""What of the host opens in the app; payment, call and everything else stay in the browser."""

_END_OF_LINKS = "<!-- flet: end of deep linking"
_INFO_PLIST = "INFOPLIST_FILE = Runner/Info.plist;"
_SIGNED_WITH = "CODE_SIGN_ENTITLEMENTS = Runner/Runner.entitlements;"


def make(archive: Path, into: Path, host: str) -> None:
    """Unpacks the template and adds the links. Raises `Trouble` where it is another template."""
    with zipfile.ZipFile(archive) as whole:
        whole.extractall(into)  # of Flet's own release, whose digest the workflow checks
    manifest, xcode = _only(into, MANIFEST), _only(into, XCODE)
    manifest.write_text(with_android_links(manifest.read_text("utf-8"), host), "utf-8")
    xcode.write_text(with_ios_entitlements(xcode.read_text("utf-8")), "utf-8")
    entitlements = manifest.parents[4] / ENTITLEMENTS
    entitlements.write_text(entitlements_of(host), "utf-8")


def with_android_links(manifest: str, host: str) -> str:
    """The manifest with a second filter, verified with the host, after Flet's own."""
    at = manifest.find(_END_OF_LINKS)
    if at < 0 or manifest.count(_END_OF_LINKS) != 1:
        raise Trouble("This is not the build template of Flet 1.0.5: its manifest has no place for links.")
    end = manifest.index("\n", at) + 1
    data = "".join(
        f'                <data android:scheme="https" android:host="{host}" android:pathPrefix="{path}" />\n'
        for path in PATHS
    )
    links = (
        '            <intent-filter android:autoVerify="true">\n'
        '                <action android:name="android.intent.action.VIEW" />\n'
        '                <category android:name="android.intent.category.DEFAULT" />\n'
        '                <category android:name="android.intent.category.BROWSABLE" />\n'
        f"{data}"
        "            </intent-filter>\n"
    )
    return manifest[:end] + links + manifest[end:]


def with_ios_entitlements(project: str) -> str:
    """The Xcode project with the entitlements in each of the app's own configurations."""
    if _INFO_PLIST not in project:
        raise Trouble("This is not the build template of Flet 1.0.5: its Xcode project names no Info.plist.")
    return project.replace(_INFO_PLIST, f"{_SIGNED_WITH}\n\t\t\t\t{_INFO_PLIST}")


def entitlements_of(host: str) -> str:
    """Apple's property list: which domain's links belong to the app."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
        '<plist version="1.0">\n<dict>\n'
        "\t<key>com.apple.developer.associated-domains</key>\n"
        f"\t<array>\n\t\t<string>applinks:{host}</string>\n\t</array>\n"
        "</dict>\n</plist>\n"
    )


def _only(folder: Path, ending: str) -> Path:
    found = [path for path in folder.rglob(Path(ending).name) if path.as_posix().endswith(ending)]
    if len(found) != 1:
        raise Trouble(f"This is not Flet's build template: it has {len(found)} times {ending}.")
    return found[0]


if __name__ == "__main__":
    try:
        make(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except Trouble as trouble:
        sys.exit(str(trouble))
