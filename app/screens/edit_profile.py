"""EditProfile: how a professional appears to others. The photo is saved at once, the words with Save."""

from collections.abc import Callable

import flet as ft

from app.components.account.photo_field import PhotoField
from app.components.account.policy_field import PolicyField
from app.components.account.public_link import PublicLink
from app.components.account.zone_field import ZoneField
from app.components.design.buttons import PrimaryButton, QuietButton
from app.components.design.card import Section, Stacked
from app.components.design.feedback import confirm, toast
from app.components.design.fields import Choice, Field
from app.components.design.note_line import NoteLine
from app.components.design.states import ErrorState, LoadingRows
from app.components.design.theme import (
    BAD,
    QUIET_INK,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    Type,
)
from app.components.frame.page import Page
from app.components.frame.page_events import use_low, use_wide
from app.components.frame.polling import use_polling
from app.errors import AppError
from app.state.account.profile_editing import ABOUT_MAX, HANDLE_MAX, HEADLINE_MAX, NAME_MAX, ProfileEditing
from app.state.core.fetching import Phase
from app.state.core.hooks import use_observed, use_ref
from app.state.core.picked_files import FileChoice
from app.state.core.services import use_services

POLL_S = 60.0


@ft.component
def EditProfile() -> ft.Control:
    """The professional's third tab. What was typed and not saved is kept in the session, and asked about on leaving."""
    services = use_services()
    editing = use_observed(services.kept(ProfileEditing, lambda: ProfileEditing(services)))
    page = ft.context.page

    async def poll() -> float:
        await editing.load()
        return POLL_S

    def leave() -> None:
        if editing.is_changed and services.account.account is not None:
            page.run_task(_ask_to_save, editing)

    wide, low = use_wide(), use_low()
    choose_zone = use_ref(lambda chosen: editing.edit("time_zone", chosen))  # the same object over renders
    use_polling(poll, [])
    ft.use_effect(lambda: None, [], leave)
    saved = editing.saved
    if saved is None:
        return Page("Profile", [_not_there(editing)])

    def see_page() -> None:
        page.navigate(f"/professional/{saved.id}")

    pad = SPACE_24 if wide else SPACE_16
    public = QuietButton("See my public page", see_page, icon=ft.Icons.VISIBILITY_OUTLINED)
    above: list[ft.Control] = [] if wide else [ft.Row([public])]
    form = _form(editing, above if low else [], pad, choose_zone.current)
    notes = [NoteLine(editing.error)] if editing.error else []
    parts = [*([] if low else above), *notes, form, _save_bar(editing, wide, low)]
    return Page("Profile", parts, [public] if wide else [], scroll=False)


def _form(
    editing: ProfileEditing, above: list[ft.Control], pad: float, choose_zone: Callable[[str], object]
) -> ft.Control:
    return ft.Column(
        [
            *above,
            _photo(editing, pad),
            _words(editing, pad),
            _public_page(editing, pad),
            _found_by(editing, pad, choose_zone),
            *_cancelling(editing, pad),
            ft.Container(height=SPACE_8),
        ],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        spacing=SPACE_16,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


async def _ask_to_save(editing: ProfileEditing) -> None:
    """The screen is left already, whichever way it was left; nothing is lost either way."""
    text = "You have changes in your profile that are not saved yet."
    if await confirm("Save your changes?", text, yes="Save", no="Not now"):
        toast("Your profile is saved." if await editing.save() else _why_not(editing))
    elif editing.is_changed:
        toast("Your changes are kept here until you save them or sign out.")


def _why_not(editing: ProfileEditing) -> str:
    field_errors = next(iter(editing.field_errors.values()), "")
    return f"Not saved. {field_errors or editing.save_error or editing.why_not_save}"


def _not_there(editing: ProfileEditing) -> ft.Control:
    if editing.phase is Phase.LOADING:
        return LoadingRows()
    return ErrorState(editing.error, editing.load, offline=editing.phase is Phase.OFFLINE)


def _photo(editing: ProfileEditing, pad: float) -> ft.Control:
    async def choose() -> None:
        choice = FileChoice(editing.services.upload_dir)
        try:
            file = await choice.pick("Choose a photo", ["jpg", "jpeg", "png", "webp"])
        except AppError as error:
            editing.photo_error = error.detail
            return
        if file is not None and await editing.put_photo(file.size, lambda: choice.read(file)):
            toast("Your photo is saved.")

    async def remove() -> None:
        if await editing.delete_photo():
            toast("Your photo was removed.")

    field = PhotoField(editing.name, editing.photo, choose, remove, editing.photo_busy, editing.photo_error)
    return Section("Photo", [field], pad)


def _words(editing: ProfileEditing, pad: float) -> ft.Control:
    def text(label: str, name: str, most: int, multiline: bool = False, hint: str = "") -> ft.Control:
        return Field(
            label,
            getattr(editing, name),
            lambda value: editing.edit(name, value),
            error=editing.error_of(name),
            hint=hint,
            max_length=most,
            multiline=multiline,
        )

    return Section(
        "Who you are",
        [
            text("Name", "name", NAME_MAX),
            text("Headline", "headline", HEADLINE_MAX, hint="What you do, in one line"),
            text("About", "about", ABOUT_MAX, multiline=True, hint="How you work, who it is for, and what to bring"),
        ],
        pad,
    )


def _public_page(editing: ProfileEditing, pad: float) -> ft.Control:
    suggested = editing.suggested_handle
    url = editing.saved.public_url if editing.saved else None
    controls: list[ft.Control] = [
        Field(
            "Link name",
            editing.handle,
            lambda value: editing.edit("handle", value),
            error=editing.error_of("handle"),
            helper="The end of your page's address. Former ones keep leading to your page.",
            max_length=HANDLE_MAX,
            keyboard=ft.KeyboardType.URL,
        )
    ]
    if suggested and not editing.handle and url is None:
        use = QuietButton(f"Use “{suggested}”", lambda: editing.edit("handle", suggested), icon=ft.Icons.CHECK)
        controls.append(ft.Row([use]))
    lead = "A page for everyone, without an account: share it where people find you."
    return Section(
        "Your public page",
        [
            ft.Text(lead, theme_style=Type.SMALL, color=QUIET_INK),
            *([PublicLink(url)] if url else []),
            *controls,
        ],
        pad,
    )


def _found_by(editing: ProfileEditing, pad: float, choose_zone: Callable[[str], object]) -> ft.Control:
    categories = [("", "No category"), *((each.id, each.label) for each in editing.categories)]
    return Section(
        "How people find you",
        [
            Choice(
                "Category",
                editing.category or "",
                categories,
                lambda chosen: editing.edit("category", chosen or None),
                error=editing.error_of("category"),
            ),
            ZoneField(editing.time_zone, editing.error_of("time_zone"), choose_zone),
            ft.Text("The hours that you publish are in this time zone.", theme_style=Type.SMALL, color=QUIET_INK),
        ],
        pad,
    )


def _cancelling(editing: ProfileEditing, pad: float) -> list[ft.Control]:
    if editing.policy is None:
        return []
    when = "It applies to sessions booked from now on."
    return [
        Section(
            "When a user cancels",
            [
                ft.Text(when, theme_style=Type.SMALL, color=QUIET_INK),
                PolicyField(editing.policy, editing.edit_policy),
            ],
            pad,
        )
    ]


def _save_bar(editing: ProfileEditing, wide: bool, low: bool) -> ft.Control:
    beside = wide or low

    async def save() -> None:
        if await editing.save():
            toast("Your profile is saved.")

    reason = "" if editing.saving else editing.why_not_save
    controls: list[ft.Control] = [
        PrimaryButton("Save", None if editing.why_not_save else save, reason, busy=editing.saving, expand=not beside)
    ]
    if editing.is_changed and not editing.saving:
        discard = QuietButton("Discard changes", editing.discard)
        controls.append(discard if beside else ft.Row([discard], alignment=ft.MainAxisAlignment.CENTER))
    notes = [NoteLine(editing.save_error, ft.Icons.ERROR_OUTLINE, BAD)] if editing.save_error else []
    if beside:
        row = ft.Row(controls, spacing=SPACE_12, wrap=True, vertical_alignment=ft.CrossAxisAlignment.START)
        controls = [row]
    return ft.Container(Stacked([*notes, *controls], SPACE_8), padding=ft.Padding.only(bottom=SPACE_16))
