"""A professional's own profile as a draft: what differs from what is saved, what is wrong with it, and its photo."""

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import flet as ft

from app.api.models import Category, Professional
from app.errors import AppError, Problem
from app.state.account.policy_form import PolicyDraft
from app.state.core.fetching import Fetching, Phase

NAME_MAX, HEADLINE_MAX, ABOUT_MAX = 80, 120, 2000  # docs/api.md, Professionals
PHOTO_MAX_BYTES = 5 * 1024 * 1024
HANDLE_MIN, HANDLE_MAX = 3, 30
FIELDS = ("name", "headline", "about", "category", "time_zone", "handle")
HANDLE = re.compile("[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
NO_FIELDS: Mapping[str, str] = MappingProxyType({})


def photo_type(data: bytes) -> str | None:
    """The content type by the file's first bytes, whatever its name says; None for what is no photo that is taken."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def photo_problem(size_bytes: int) -> str:
    """Why a file of that size is not taken; empty when it is."""
    if size_bytes > PHOTO_MAX_BYTES:
        return f"This picture is {size_bytes / 1024 / 1024:.1f} MB. Choose one of up to 5 MB."
    return "This file is empty. Choose another picture." if size_bytes == 0 else ""


@ft.observable
@dataclass(eq=False)
class ProfileEditing(Fetching):
    """The draft's fields are named as in `Professional`; `field_errors` maps them to what the backend refused.
    Kept in the session, so that leaving the screen loses nothing.
    """

    saved: Professional | None = None
    categories: tuple[Category, ...] = ()
    name: str = ""
    headline: str = ""
    about: str = ""
    category: str | None = None
    time_zone: str = ""
    handle: str = ""
    suggested_handle: str = ""
    policy: PolicyDraft | None = None
    field_errors: Mapping[str, str] = field(default_factory=lambda: NO_FIELDS)
    saving: bool = False
    save_error: str = ""
    photo_busy: bool = False
    photo_error: str = ""

    # what is known

    @property
    def changes(self) -> dict[str, str | None]:
        """The fields that differ from what is saved, as they would be sent."""
        if self.saved is None:
            return {}
        draft = {each: getattr(self, each) for each in FIELDS}
        draft |= {each: draft[each].strip() for each in ("name", "headline", "about")}
        draft["handle"] = draft["handle"].strip().lower()
        return {each: value for each, value in draft.items() if value != _drafted(self.saved, each)}

    @property
    def policy_is_changed(self) -> bool:
        """Whether the policy differs from the saved one; a draft with a fault does."""
        saved = self.saved.cancellation_policy if self.saved else None
        if saved is None or self.policy is None:
            return False
        return self.policy.minutes != (saved.full_until_minutes, saved.half_until_minutes)

    @property
    def is_changed(self) -> bool:
        """Whether there is anything that nobody else can see yet."""
        return bool(self.changes) or self.policy_is_changed

    @property
    def why_not_save(self) -> str:
        """Why Save is off; empty when it is on."""
        if self.saving:
            return "Saving."
        if not self.name.strip():
            return "Enter your name."
        if self.handle_error:
            return "Correct the link name."
        if self.length_errors:
            return "Shorten the text that is too long."
        if self.policy and self.policy.field_errors:
            return "Correct the hours in your cancellation policy."
        return "" if self.is_changed else "Nothing has changed."

    @property
    def length_errors(self) -> dict[str, str]:
        """What is wrong with the draft as far as this side can tell, by field."""
        limits = {"name": NAME_MAX, "headline": HEADLINE_MAX, "about": ABOUT_MAX}
        return {
            each: f"{len(getattr(self, each).strip()) - most} characters too long. The limit is {most}."
            for each, most in limits.items()
            if len(getattr(self, each).strip()) > most
        }

    @property
    def handle_error(self) -> str:
        """What is wrong with the typed link name as far as this side can tell; empty while it is as it was."""
        handle = self.changes.get("handle")
        if handle is None:
            return ""
        if not handle:
            return "A link name cannot be taken away, only changed."
        if not HANDLE_MIN <= len(handle) <= HANDLE_MAX:
            return f"Use {HANDLE_MIN} to {HANDLE_MAX} characters."
        if not HANDLE.fullmatch(handle):
            return "Use the letters a to z, digits, and single hyphens between them."
        return ""

    @property
    def photo(self) -> str | None:
        """The absolute address of the saved photo."""
        path = self.saved.photo_url if self.saved else None
        return self.services.api.photo_url(path) if path else None

    def error_of(self, name: str) -> str:
        """What stands below the field `name`; empty when nothing is wrong."""
        if name == "handle" and self.handle_error:
            return self.handle_error
        return self.length_errors.get(name) or self.field_errors.get(name, "")

    # what happens

    async def load(self) -> None:
        """Fetches the saved profile; a draft that differs from it stays as it is."""
        if self.saved is None:
            self.phase, self.error = Phase.LOADING, ""
        await self.fetch(self._ask, self._merge, is_shown=lambda: self.saved is not None)

    async def _ask(self) -> Professional:
        if not self.categories:
            self.categories = await self.services.api.categories()
        own = await self.services.api.own_profile()
        if own.handle is None and not self.suggested_handle:
            with contextlib.suppress(AppError):  # one can be typed without
                self.suggested_handle = (await self.services.api.suggested_handle()).handle
        return own

    def _merge(self, fresh: Professional) -> None:
        kept: dict[str, Any] = self.changes | ({"policy": self.policy} if self.policy_is_changed else {})
        self._take(fresh)
        for each, value in kept.items():
            setattr(self, each, value)

    def edit(self, name: str, value: str | None) -> None:
        """A field was typed into or chosen."""
        setattr(self, name, value)
        self.save_error = ""
        if name in self.field_errors:
            self.field_errors = MappingProxyType(
                {each: words for each, words in self.field_errors.items() if each != name}
            )

    def edit_policy(self, draft: PolicyDraft) -> None:
        """Another policy was chosen, or own hours typed."""
        self.policy, self.save_error = draft, ""

    def discard(self) -> None:
        """Back to what is saved."""
        if self.saved is not None:
            self._take(self.saved)

    async def save(self) -> bool:
        """Sends what changed. False when it was refused (`field_errors`, `save_error`) or there was nothing to send."""
        if self.why_not_save:
            return False
        sent, policy = self.changes, self.policy
        self.saving, self.save_error, self.field_errors = True, "", NO_FIELDS
        try:
            fresh = await self._send(sent, policy)
        except AppError as error:
            self._refused(error)
            return False
        finally:
            self.saving = False
        typed_meanwhile: dict[str, Any] = {
            each: value for each, value in self.changes.items() if sent.get(each, ...) != value
        }
        if self.policy is not policy:
            typed_meanwhile["policy"] = self.policy
        self.requests.outdate()
        self._take(fresh)
        for each, value in typed_meanwhile.items():
            setattr(self, each, value)
        if "name" in sent or "time_zone" in sent:
            await self._refresh_account()
        return True

    async def _send(self, sent: dict[str, str | None], policy: PolicyDraft | None) -> Professional:
        """The profile as it then is. Should only the first be taken, both are sent again: neither minds."""
        api = self.services.api
        minutes = policy.minutes if policy and self.policy_is_changed else None
        kept = await api.set_cancellation_policy(*minutes) if minutes else None
        fresh = await (api.update_profile(**sent) if sent else api.own_profile())
        return fresh.model_copy(update={"cancellation_policy": kept}) if kept else fresh

    async def put_photo(self, size_bytes: int, read: Callable[[], Awaitable[bytes]]) -> bool:
        """Uploads a picture at once (it is no part of the draft); `read` is asked for it only when its size will do.
        False with `photo_error` when it is not taken.
        """
        self.photo_error = photo_problem(size_bytes)
        if self.photo_error:
            return False
        return await self._change_photo(read)

    async def delete_photo(self) -> bool:
        return await self._change_photo(None)

    async def _change_photo(self, read: Callable[[], Awaitable[bytes]] | None) -> bool:
        if self.photo_busy:
            return False
        self.photo_busy, self.photo_error = True, ""
        try:
            fresh = await (self._send_photo(await read()) if read else self.services.api.delete_photo())
        except AppError as error:
            fields = error.fields if isinstance(error, Problem) else {}
            self.photo_error = fields.get("photo", error.detail)
            return False
        finally:
            self.photo_busy = False
        self.requests.outdate()
        if self.saved is not None:
            self.saved = self.saved.model_copy(update={"photo_url": fresh.photo_url})
        return True

    async def _send_photo(self, content: bytes) -> Professional:
        content_type = photo_type(content)
        if content_type is None:
            raise AppError("Choose a JPEG, PNG or WebP picture.")
        return await self.services.api.put_photo(content, content_type)

    def _take(self, person: Professional) -> None:
        self.saved = person
        for each in FIELDS:
            setattr(self, each, _drafted(person, each))
        policy = person.cancellation_policy
        self.policy = PolicyDraft.of(policy) if policy else None
        self.field_errors, self.save_error = NO_FIELDS, ""

    def _refused(self, error: AppError) -> None:
        fields = error.fields if isinstance(error, Problem) else {}
        self.field_errors = MappingProxyType({each: words for each, words in fields.items() if each in FIELDS})
        self.save_error = "" if self.field_errors else error.detail

    async def _refresh_account(self) -> None:
        with contextlib.suppress(AppError):  # the next start reads it again
            self.services.account.account = await self.services.api.me()


def _drafted(person: Professional, field_name: str) -> str | None:
    """A field of the profile as the draft has it: a handle that was never chosen is an empty text."""
    value: str | None = getattr(person, field_name)
    return value or "" if field_name == "handle" else value
