"""What mails about accounts say: codes, and what somebody did who may not have been their person. Pure."""

from backend.mail.rules.facts import (
    ChangeCodeFacts,
    CodeFacts,
    EmailChangedFacts,
    Reader,
    SecondFactorFacts,
    SignInFacts,
)
from backend.mail.rules.letter import Letter, Places, moment


def verify_code(_reader: Reader, facts: CodeFacts, _places: Places) -> Letter:
    """For the account's address."""
    return Letter(
        subject=f"{facts.code} is your Rendezvous code",
        headline="Confirm your e-mail",
        lines=("Type this code in Rendezvous:",),
        code=facts.code,
        after=(f"It is good for {facts.minutes} minutes.", "If you did not ask for it, you can ignore this mail."),
    )


def reset_code(_reader: Reader, facts: CodeFacts, _places: Places) -> Letter:
    """For whoever has forgotten the password."""
    return Letter(
        subject=f"{facts.code} is your code for a new password",
        headline="Choose a new password",
        lines=("Type this code in Rendezvous, together with your new password:",),
        code=facts.code,
        after=(
            f"It is good for {facts.minutes} minutes and works once. Every device will be signed out.",
            "If you did not ask for it, you can ignore this mail: your password stays as it is.",
        ),
    )


def new_sign_in(reader: Reader, facts: SignInFacts, _places: Places) -> Letter:
    """To the owner."""
    return Letter(
        subject="Somebody signed in to your Rendezvous account",
        headline="A new sign-in",
        lines=("Your password was used to sign in to Rendezvous.",),
        rows=(("When", moment(reader, facts.at)),),
        after=(
            "If this was you, there is nothing to do.",
            "If it was not: press \u201cForgot password?\u201d where you sign in and choose a new one."
            " That signs every device out.",
        ),
    )


def change_code(_reader: Reader, facts: ChangeCodeFacts, _places: Places) -> Letter:
    """To the new address; without the code where it has an account already."""
    if facts.taken:
        return Letter(
            subject="Somebody wanted to use your e-mail for another account",
            headline="Your e-mail has an account already",
            lines=("Somebody asked to use this address for another Rendezvous account. It stays with yours.",),
            after=(
                "If that was you: sign in with this address, or use another one for the other account.",
                "If it was not, there is nothing to do.",
            ),
        )
    return Letter(
        subject=f"{facts.code} is your code for a new e-mail",
        headline="Confirm your new e-mail",
        lines=("Type this code in Rendezvous to use this address for your account:",),
        code=facts.code,
        after=(
            f"It is good for {facts.minutes} minutes.",
            "If you did not ask for it, you can ignore this mail: nothing changes.",
        ),
    )


def email_changed(reader: Reader, facts: EmailChangedFacts, places: Places) -> Letter:
    """To the old address."""
    return Letter(
        subject="The e-mail of your Rendezvous account was changed",
        headline="Your e-mail was changed",
        lines=("Your account has another e-mail address now. You sign in with that one, and mails go there.",),
        rows=(("When", moment(reader, facts.at)),),
        after=("If this was you, there is nothing to do.", f"If it was not: {_write_to_us(places)}"),
    )


def second_factor_off(reader: Reader, facts: SecondFactorFacts, places: Places) -> Letter:
    """By the person, or by an operator for them."""
    by_us = (
        "We turned it off because we were told that you cannot get at your codes any more. Every device is signed out."
    )
    return Letter(
        subject="The second factor of your Rendezvous account is off",
        headline="Your second factor is off",
        lines=(by_us if facts.by_operator else "It was turned off with your password and a code.",),
        rows=(("When", moment(reader, facts.at)),),
        after=(
            "Signing in asks for your password alone now. Settings in Rendezvous turn it on again.",
            f"If you did not ask for this: {_write_to_us(places)}",
        ),
    )


def _write_to_us(places: Places) -> str:
    whom = f"write to {places.support_contact}" if places.support_contact else "tell us"
    return f"somebody else may be in your account. Please {whom} at once."
