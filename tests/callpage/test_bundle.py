"""What a browser has to fetch before the call: how large it is, and that its sources are sound."""

import gzip
import json
import re

from tools import callpage

LIMIT_BYTES = 250 * 1000


def wire_size() -> int:
    """All files of the page, packed as they go out."""
    index = (callpage.BUILD / "index.html").read_bytes()
    assets = callpage.BUILD / "assets"
    files = [path for path in assets.iterdir() if path.suffix not in (".gz", ".br")]
    sizes = [(assets / f"{path.name}.gz") for path in files]
    packed = [gz.stat().st_size if gz.exists() else path.stat().st_size for path, gz in zip(files, sizes, strict=True)]
    return len(gzip.compress(index)) + sum(packed)


def test_the_whole_page_is_below_250_kilobytes_by_gzip() -> None:
    size = wire_size()
    print(f"callpage: {size / 1000:.1f} kB by gzip")
    assert size < LIMIT_BYTES


def test_nothing_of_webrtc_adapter_is_in_it() -> None:
    """It mends older browsers than the page is built for, and says so where it does."""
    scripts = [path.read_text() for path in (callpage.BUILD / "assets").glob("*.js")]
    assert any("RTCPeerConnection" in each for each in scripts)
    assert not any("adapter.js" in each for each in scripts)


def test_the_types_of_the_sources_fit() -> None:
    done = callpage.check_types()
    assert done.returncode == 0, done.stdout


def test_versions_are_pinned_and_no_registry_is_named() -> None:
    wanted = json.loads((callpage.PAGE / "package.json").read_text())
    for version in (wanted["dependencies"] | wanted["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    lock = (callpage.PAGE / "package-lock.json").read_text()
    assert "registry" not in lock
    assert '"resolved"' not in lock


def test_the_page_finds_its_files_beside_itself_wherever_that_is() -> None:
    index = (callpage.BUILD / "index.html").read_text()
    found = re.findall(r'(?:src|href)="([^"]+)"', index)
    assert found
    for name in found:
        assert (callpage.BUILD / name).is_file(), name
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", index)


def test_nothing_in_the_sources_makes_markup_of_text() -> None:
    for path in (callpage.PAGE / "src").rglob("*.ts"):
        text = path.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path
        )


def test_files_and_functions_are_small() -> None:
    for path in (callpage.PAGE / "src").rglob("*.ts"):
        assert len(path.read_text().splitlines()) < 300, path
