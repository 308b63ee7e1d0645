"""Sign up: who one is here, name, e-mail, password."""

import flet as ft

from app.api.models import PROFESSIONAL, USER
from app.components.account.auth_frame import AuthFrame
from app.components.design.buttons import PrimaryButton, QuietButton
from app.components.design.fields import Field, focus
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, BOLD, CARD, QUIET_INK, RADIUS_MEDIUM, SPACE_4, SPACE_12, SPACE_16, Type
from app.state.account.auth_forms import SHORTEST_PASSWORD, SignUpForm
from app.state.core.history import sign_in_for
from app.state.core.hooks import use_model, use_ref
from app.state.core.services import use_services
from app.state.core.wall_time import zone_words

ROLES = (
    (USER, "I book sessions", "Find someone, pick a free hour, pay, and meet in a private room."),
    (PROFESSIONAL, "I offer sessions", "Publish your hours and prices, and meet the people who book them."),
)


@ft.component
def SignUp() -> ft.Control:
    """Route `/sign-up`."""
    services = use_services()
    page = ft.context.page
    form = use_model(lambda: SignUpForm(services))
    email = use_ref(ft.Ref[ft.TextField]()).current
    password = use_ref(ft.Ref[ft.TextField]()).current

    async def to_email() -> None:
        await focus(email)

    async def to_password() -> None:
        await focus(password)

    fields = ft.Column(
        [
            Field(
                "Name",
                form.name,
                lambda text: setattr(form, "name", text),
                error=form.field_errors.get("name", ""),
                on_submit=to_email,
                autofill=ft.AutofillHint.NAME,
            ),
            Field(
                "E-mail",
                form.email,
                lambda text: setattr(form, "email", text),
                error=form.field_errors.get("email", ""),
                on_submit=to_password,
                ref=email,
                keyboard=ft.KeyboardType.EMAIL,
                autofill=ft.AutofillHint.EMAIL,
            ),
            Field(
                "Password",
                form.password,
                lambda text: setattr(form, "password", text),
                error=form.field_errors.get("password", ""),
                helper=f"At least {SHORTEST_PASSWORD} characters.",
                on_submit=form.submit,
                ref=password,
                secret=True,
                autofill=ft.AutofillHint.NEW_PASSWORD,
            ),
        ],
        spacing=SPACE_16,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    message = [NoteLine(form.message, ft.Icons.ERROR_OUTLINE, BAD)] if form.message else []
    zone = f"Times are shown in your time zone ({zone_words(services.zone)})."
    return AuthFrame(
        "Create an account",
        "How will you use Rendezvous?",
        [
            _roles(form),
            *message,
            ft.AutofillGroup(fields),
            ft.Text(zone, theme_style=Type.SMALL, color=QUIET_INK),
            PrimaryButton("Create account", form.submit, busy=form.sending, expand=True),
            ft.Row(
                [
                    ft.Text("Already have an account?", color=QUIET_INK),
                    QuietButton("Sign in", lambda: page.navigate(sign_in_for(page.route or ""))),
                ],
                spacing=0,
                wrap=True,
                alignment=ft.MainAxisAlignment.CENTER,
            ),
        ],
    )


def _roles(form: SignUpForm) -> ft.Control:
    return ft.RadioGroup(
        value=form.role,
        on_change=lambda event: setattr(form, "role", event.control.value),
        content=ft.Column([_role(form, value, label, sentence) for value, label, sentence in ROLES], spacing=SPACE_12),
    )


def _role(form: SignUpForm, value: str, label: str, sentence: str) -> ft.Control:
    chosen = form.role == value
    return ft.Container(
        ft.Column(
            [
                ft.Radio(
                    value=value, label=label, label_style=ft.TextStyle(weight=ft.FontWeight.W_600, font_family=BOLD)
                ),
                ft.Container(
                    ft.Text(sentence, theme_style=Type.SMALL, color=QUIET_INK), padding=ft.Padding.only(left=40)
                ),
            ],
            spacing=0,
        ),
        bgcolor=CARD,
        border=ft.Border.all(2, ft.Colors.PRIMARY if chosen else ft.Colors.OUTLINE_VARIANT),
        border_radius=RADIUS_MEDIUM,
        padding=ft.Padding.only(left=SPACE_4, right=SPACE_12, top=SPACE_4, bottom=SPACE_12),
        on_click=lambda: setattr(form, "role", value),
    )
