"""The public page and its refusals as HTML. Jinja escapes every value; nothing here puts text into markup itself."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from backend.discovery.service.public_page import PublicPage
from backend.kit.pages import hash_source, page_style

_FILES = ("base.html", "public.html", "notice.html")
SCRIPT = "public.js"
MARK = "mark.svg"


@dataclass(frozen=True)
class Rendered:
    """`policy` is the Content-Security-Policy: scripts come from a file of ours, styles are named by their hash."""

    html: str
    policy: str

    @property
    def tag(self) -> str:
        """The page's ETag, weak: on its way it is compressed."""
        return f'W/"{sha256(self.html.encode()).hexdigest()[:32]}"'


def render_page(page: PublicPage, root: str) -> Rendered:
    """A professional's page. `root` is the path below which browsers find everything of ours."""
    return _rendered("public.html", page=page, root=root)


def render_notice(title: str, sentence: str, find: str, root: str) -> Rendered:
    """A page that says what is not there; `find` is the address of the search, empty where there is none."""
    return _rendered("notice.html", title=title, sentence=sentence, find=find, root=root)


@cache
def page_file(name: str) -> str:
    """A file of the pages."""
    return files("backend.discovery").joinpath("pages", name).read_text("utf-8")


@cache
def file_version(name: str) -> str:
    """What changes with the file, so that browsers may keep it for ever."""
    return sha256(page_file(name).encode()).hexdigest()[:16]


def _rendered(template: str, **values: object) -> Rendered:
    style = _style()
    html = (
        _environment()
        .get_template(template)
        .render(style=style, script_version=file_version(SCRIPT), mark_version=file_version(MARK), **values)
    )
    policy = (
        f"default-src 'none'; style-src {hash_source(style)}; script-src 'self'; img-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    return Rendered(html, policy)


@cache
def _style() -> str:
    return f"{page_style()}{page_file('public.css')}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=DictLoader({name: page_file(name) for name in _FILES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
