"""Sign in: e-mail, password, one button, and a code where there is a second factor; in a demo, its people one click
away.
"""

import flet as ft

from app.api.models import PROFESSIONAL, DemoPerson
from app.components.account.auth_frame import AuthFrame, Panel
from app.components.account.code_step import LEAD, CodeStep
from app.components.design.avatar import Avatar
from app.components.design.buttons import OnClick, PrimaryButton, QuietButton, SecondaryButton
from app.components.design.fields import Field, focus, may_take_focus_first
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, NOTE, QUIET_INK, SPACE_4, SPACE_8, SPACE_12, SPACE_16, Type
from app.components.frame.page_events import use_cramped, use_width
from app.components.frame.polling import use_polling
from app.state.account.auth_forms import SignInForm
from app.state.core.history import sign_in_for
from app.state.core.hooks import use_model, use_ref
from app.state.core.services import use_services

ROW_WIDTH = 380  # page width below which a name and the button beside it would break each other


@ft.component
def SignIn() -> ft.Control:
    """Route `/sign-in`, and any other route while nobody is signed in: it shows what was asked for afterwards."""
    services = use_services()
    page = ft.context.page
    form = use_model(lambda: SignInForm(services))
    password = use_ref(ft.Ref[ft.TextField]()).current
    ft.use_effect(form.load, [])
    ft.use_effect(lambda: services.early.listen(lambda typed: page.run_task(form.take, typed)), [], services.early.stop)
    use_polling(form.poll_calls, [bool(form.demo_people)])

    if form.asks_code:
        error = form.field_errors.get("code", "")
        step = CodeStep(form.code, lambda text: setattr(form, "code", text), error, form.submit, bool(form.sending))
        back = ft.Row([QuietButton("Back to e-mail and password", form.back)], alignment=ft.MainAxisAlignment.CENTER)
        return AuthFrame("Sign in", LEAD, [*_message(form), *step, back])
    controls: list[ft.Control] = [
        *_message(form),
        _email_and_password(form, password),
        ft.Row([QuietButton("Forgot password?", lambda: page.navigate(sign_in_for(page.route or "", "/forgotten")))]),
        PrimaryButton("Sign in", form.submit, busy=form.sending == "form", expand=True),
        _row("New here?", "Create an account", lambda: page.navigate(sign_in_for(page.route or "", "/sign-up"))),
        _row("", "Browse without an account", lambda: page.navigate("/find")),
    ]
    if form.demo_people:
        controls.append(
            Panel([_demo_head(), *_calls_note(form), *(DemoPersonRow(form, person) for person in form.demo_people)])
        )
    if services.can_change_server:
        controls.append(ServerLine(form))
    return AuthFrame("Sign in", "Good to see you.", controls)


@ft.component
def DemoPersonRow(form: SignInForm, person: DemoPerson) -> ft.Control:
    """One demo person with the button that signs them in."""

    async def enter() -> None:
        await form.enter_as(person)

    role = "Professional" if person.role == PROFESSIONAL else "User"
    words = ft.Column(
        [
            ft.Text(person.name, theme_style=Type.TITLE),
            ft.Text(role, theme_style=Type.SMALL, color=QUIET_INK),
        ],
        spacing=0,
        expand=True,
    )
    who: list[ft.Control] = [Avatar(person.name, size=36), words]
    button = SecondaryButton(f"Sign in as {person.name.split()[0]}", enter)
    cramped, width = use_cramped(), use_width()
    if cramped or width < ROW_WIDTH:
        return ft.Column([ft.Row(who, spacing=SPACE_12), button], spacing=SPACE_8, tight=True)
    return ft.Row([*who, button], spacing=SPACE_12)


@ft.component
def ServerLine(form: SignInForm) -> ft.Control:
    """Which backend the app speaks to; quiet, because almost nobody has to change it."""
    opened, set_opened = ft.use_state(False)
    address, set_address = ft.use_state(form.services.api.base_url)
    error, set_error = ft.use_state("")

    async def take() -> None:
        wrong = await form.use_server(address)
        set_error(wrong)
        set_opened(bool(wrong))

    if not opened:
        host = form.services.api.base_url.split("://")[-1]
        return ft.Row(
            [QuietButton(f"Server: {host}", lambda: set_opened(True), aside=True)],
            alignment=ft.MainAxisAlignment.CENTER,
        )
    return Panel(
        [
            Field("Server address", address, set_address, error=error, on_submit=take, autofocus=True),
            ft.Row(
                [PrimaryButton("Use this server", take), QuietButton("Cancel", lambda: set_opened(False))],
                spacing=SPACE_8,
                wrap=True,
            ),
        ]
    )


def _email_and_password(form: SignInForm, password: ft.Ref[ft.TextField]) -> ft.Control:
    async def to_password() -> None:
        await focus(password)

    return ft.AutofillGroup(
        ft.Column(
            [
                Field(
                    "E-mail",
                    form.email,
                    lambda text: setattr(form, "email", text),
                    error=form.field_errors.get("email", ""),
                    on_submit=to_password,
                    keyboard=ft.KeyboardType.EMAIL,
                    autofill=ft.AutofillHint.EMAIL,
                    autofocus=may_take_focus_first(),
                ),
                Field(
                    "Password",
                    form.password,
                    lambda text: setattr(form, "password", text),
                    error=form.field_errors.get("password", ""),
                    on_submit=form.submit,
                    ref=password,
                    secret=True,
                    autofill=ft.AutofillHint.PASSWORD,
                ),
            ],
            spacing=SPACE_16,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    )


def _message(form: SignInForm) -> list[ft.Control]:
    if form.offline:
        text = form.message or "Rendezvous cannot be reached. Check your connection."
        return [NoteLine(text, tone=NOTE), SecondaryButton("Try again", form.load, icon=ft.Icons.REFRESH)]
    return [NoteLine(form.message, ft.Icons.ERROR_OUTLINE, BAD)] if form.message else []


def _calls_note(form: SignInForm) -> list[ft.Control]:
    if not form.calls_preparing:
        return []
    how_far = f"Calls are being set up on this computer: {form.calls_preparing}. You can look around meanwhile."
    return [NoteLine(how_far, ft.Icons.HOURGLASS_TOP, NOTE)]


def _demo_head() -> ft.Control:
    return ft.Column(
        [
            ft.Text("Look around", theme_style=Type.TITLE),
            ft.Text("This is a demo. The people in it are fictional.", theme_style=Type.SMALL, color=QUIET_INK),
        ],
        spacing=SPACE_4,
    )


def _row(words: str, link: str, on_click: OnClick) -> ft.Control:
    lead: list[ft.Control] = [ft.Text(words, color=QUIET_INK)] if words else []
    return ft.Row([*lead, QuietButton(link, on_click)], spacing=0, wrap=True, alignment=ft.MainAxisAlignment.CENTER)
