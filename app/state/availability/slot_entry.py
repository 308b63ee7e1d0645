"""The form that offers an hour: what is typed, what is wrong with it, and what it proposes next."""

import datetime as dt
from dataclasses import dataclass, field, replace

import flet as ft

from app.api.error_names import is_named
from app.errors import AppError, Problem
from app.state.availability.own_slots import OwnSlots, slot_words
from app.state.availability.slot_rules import (
    END_OF_DAY,
    MOST_REPEATS,
    SlotDraft,
    choice_words,
    next_proposal,
    parse_price,
    parse_time,
    price_words,
    wall_words,
)
from app.state.core.email_check import EmailCheck
from app.state.payouts.payout_setup import PayoutSetup

FIELDS = ("start_time", "end_time", "price")
USUAL_LENGTH_MIN = 60


@dataclass(frozen=True)
class FieldText:
    """A field's text. `revision` rises when the form wrote it, not the person: only then may the field change."""

    text: str = ""
    revision: int = 0
    is_forms: bool = False  # nobody has typed since the form wrote it

    def typed(self, text: str) -> "FieldText":
        return FieldText(text, self.revision)

    def written(self, text: str) -> "FieldText":
        return self if text == self.text else FieldText(text, self.revision + 1, is_forms=True)


@ft.observable
@dataclass(eq=False)
class SlotEntry:
    """Times and price are remembered from slot to slot, so that Enter, Enter, Enter adds the next one.

    `payouts` says whether hours can be offered at all. `left` names the fields whose errors may be shown: those the
    person has finished with. `field_errors` holds the backend's own messages by field until that field is typed in;
    `message` is one that belongs to no field.
    """

    own: OwnSlots
    payouts: PayoutSetup
    start: FieldText = FieldText()
    end: FieldText = FieldText()
    price: FieldText = FieldText()
    repeat_weeks: int = 0
    left: frozenset[str] = frozenset()
    field_errors: dict[str, str] = field(default_factory=dict)
    message: str = ""
    email_check: EmailCheck | None = None  # shown below Add, until the e-mail is confirmed
    not_onboarded: bool = False  # the last try was refused because nobody can be paid yet
    adding: bool = False
    length_min: int = USUAL_LENGTH_MIN
    end_is_own: bool = False  # the person typed the end; a new start then leaves it alone
    added: str = ""  # what was added last, for people
    second: bool = False  # of two equal times, where the clocks go back over the start
    left_out: str = ""  # which dates of the series that was added last have no such time
    focus: tuple[str, int] = (
        "",
        0,
    )  # the field that gets the focus, and a counter: a second move is noticed

    @property
    def draft(self) -> SlotDraft:
        own, typed = self.own, (self.start.text, self.end.text, self.price.text)
        repeats = self.repeat_weeks > 0
        draft = SlotDraft(own.day, *typed, own.taken, own.zone, own.services.now(), self.second, repeats)
        known = self.payouts.known
        if known is None:
            return draft
        return replace(draft, cheapest_minor=known.minimum_price_minor, dearest_minor=known.maximum_price_minor)

    @property
    def which(self) -> list[tuple[str, str]]:
        """The two times that the start can mean, to choose from; empty where it comes once."""
        draft = self.draft
        return choice_words(draft.choices, draft.zone) if len(draft.choices) > 1 else []

    @property
    def notice(self) -> str:
        """What went wrong with the last try, beside the fields; empty once that has been seen to."""
        if self.not_onboarded:
            why = self.payouts.why_not_publish
            return f"Not added yet. {why} What you typed stays here." if why else ""
        return self.message

    def error_of(self, name: str) -> str:
        """What to show at a field now: the backend's word, an overlap while typing, anything else once it was left."""
        if name in self.field_errors:
            return self.field_errors[name]
        if name in self.left:
            return self.draft.field_errors().get(name, "")
        if name == "end_time" and not self.end_is_own and "start_time" not in self.left:
            return ""  # an end that follows a start which is still being typed
        return self.draft.overlap().get(name, "")

    def type(self, name: str, text: str) -> None:
        """A person's keystroke in a field."""
        self._set(name, self._entry(name).typed(text))
        self.left -= {name}
        self.field_errors = {key: value for key, value in self.field_errors.items() if key != name}
        self.message, self.not_onboarded = "", False
        if name == "start_time":
            self.second = False
            self._suggest_end()  # now, not once the start is left: the focus would be there before the text
        if name == "end_time":
            self.end_is_own = bool(text.strip())

    def catch_up(self, name: str, text: str, revision: int) -> None:
        """What stands in the field when it is sent, whatever was heard of the typing. A field that the form has written
        into since `revision` was drawn is left alone: the person has not seen that yet.
        """
        known = self._entry(name)
        if known.revision == revision and known.text != text:
            self.type(name, text)

    def leave(self, name: str) -> None:
        """The person is done with a field: it is written out in full ("9" -> "09:00") and judged."""
        text = self._entry(name).text
        if not text.strip():
            return
        self.left |= {name}
        if name == "price":
            minor = parse_price(text)
            self.price = self.price if minor is None else self.price.written(price_words(minor))
            return
        at = parse_time(text, ends=name == "end_time")
        if at is None:
            return
        self._set(name, self._entry(name).written(wall_words(at)))
        if name == "start_time":
            self._suggest_end()

    def choose(self, which: str) -> None:
        """Which of two equal times: "first" or "second"."""
        self.second = which == "second"
        self.field_errors = {}

    def repeat(self, weeks: int) -> None:
        self.repeat_weeks = min(max(weeks, 0), MOST_REPEATS)

    async def enter(self, name: str) -> None:
        """Enter in a field: on to the next one when it is right, from the last one the slot is added."""
        self.leave(name)
        if self.error_of(name) or not self._entry(name).text.strip():
            self._move_focus(name)  # Enter has taken the focus away
        elif name == FIELDS[-1]:
            await self.add()
        else:
            self._move_focus(FIELDS[FIELDS.index(name) + 1])

    async def add(self) -> bool:
        """Sends the slot; True when it is in the list. A second call while one is under way does nothing.

        The focus goes to the start of the next one, or to the first field that is wrong.
        """
        if self.adding:
            return False
        done = await self._add()
        field_errors = self.draft.field_errors() | self.field_errors
        self._move_focus("start_time" if done else next((name for name in FIELDS if name in field_errors), FIELDS[-1]))
        return done

    async def _add(self) -> bool:
        for name in FIELDS:
            self.leave(name)
        self.left, self.field_errors, self.message, self.added, self.left_out = frozenset(FIELDS), {}, "", "", ""
        self.not_onboarded = False
        draft = self.draft
        starts, ends, price_minor = draft.starts, draft.ends, parse_price(self.price.text)
        if starts is None or ends is None or price_minor is None or draft.field_errors():
            return False
        if self.payouts.why_not_publish:
            self.not_onboarded = True
            return False
        self.adding = True
        try:
            made = await self.own.services.api.create_slot(
                self.own.day,
                _wall(starts),
                _wall(ends),
                price_minor,
                self.repeat_weeks,
                "second" if draft.second and len(draft.choices) > 1 else "first",
            )
        except Problem as problem:
            await self._show_refusal(problem)
            return False
        except AppError as error:
            self.message = error.detail
            return False
        finally:
            self.adding = False
        self.own.put((made, *made.repeats))
        self.payouts.acknowledge()
        self.added = f"Added {slot_words(made)}{', every week' if made.repeats else ''}."
        self.left_out = " ".join(f"Left out: {each.detail}" for each in made.left_out)
        self._propose(draft)
        return True

    def follow_day(self) -> None:
        """The chosen day's slots are there: takes over the last price, and moves a proposal that would overlap them."""
        slots = self.own.slots
        if slots and not self.price.text:
            self.price = self.price.written(price_words(slots[-1].price_minor))
        draft = self.draft
        if draft.overlap():
            self._propose(draft)

    async def _show_refusal(self, problem: Problem) -> None:
        self.field_errors = {name: text for name, text in problem.fields.items() if name in FIELDS}
        elsewhere = [text for name, text in problem.fields.items() if name not in FIELDS]
        if is_named(problem, "EmailNotVerified"):
            self._ask_for_code()
        elif is_named(problem, "NotOnboarded"):
            await self.payouts.refresh()  # the screen shows what is to be done first
            self.message, self.not_onboarded = problem.detail, self.payouts.is_wanted
        elif is_named(problem, "SlotOverlaps"):
            self.field_errors = {"start_time": problem.detail}
            await self.own.refresh()  # another window or device added it: show what is in the way
        elif elsewhere or not self.field_errors:
            self.message = " ".join(elsewhere) or problem.detail

    def _ask_for_code(self) -> None:
        """What was typed stays, and is added once the e-mail is confirmed."""
        if self.email_check is None:
            self.email_check = EmailCheck(self.own.services, "add the time", self._forget_check, self.add)

    def _forget_check(self) -> None:
        self.email_check = None

    def _propose(self, last: SlotDraft) -> None:
        """The next one after `last`, whose times are whole."""
        if last.length_min is None:
            return
        self.length_min, free = last.length_min, None
        if last.starts_at is not None:
            free = next_proposal(last.starts_at, last.length_min, self.own.taken, self.own.day, self.own.zone)
        self.start = self.start.written(wall_words(free.start) if free else "")
        self.end = self.end.written(wall_words(free.end) if free else "")
        self.left, self.end_is_own, self.second = frozenset(), False, bool(free and free.second)

    def _suggest_end(self) -> None:
        at = parse_time(self.start.text)
        if at is not None and not self.end_is_own:
            self.end = self.end.written(wall_words(min(at + self.length_min, END_OF_DAY)))

    def _move_focus(self, name: str) -> None:
        self.focus = (name, self.focus[1] + 1)

    def _entry(self, name: str) -> FieldText:
        return {"start_time": self.start, "end_time": self.end, "price": self.price}[name]

    def _set(self, name: str, entry: FieldText) -> None:
        setattr(self, {"start_time": "start", "end_time": "end", "price": "price"}[name], entry)


def _wall(at: int) -> dt.time:
    """Minutes as a wall time; 24:00 is 00:00 to the API client, which only an end can be."""
    return dt.time(at % END_OF_DAY // 60, at % 60)
