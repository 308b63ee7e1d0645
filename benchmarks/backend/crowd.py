"""The people, hours and bookings that the backend is measured with: the same at every run, row by row, as text.

One professional and one user own so much that their lists have a page 1,000; everything else is spread over many. Nine
of ten of the others' sessions are over. All times are relative to `T0`, which is when the measured backends begin.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

T0 = datetime(2027, 3, 1, tzinfo=UTC)
"""A Monday; the clock of the backends that are measured starts here."""

PAGE = 20
DATE = "2027-03-04"
"""The date of which the busy professional's free times are asked."""

_HOUR, _LENGTH = timedelta(hours=1), timedelta(minutes=25)
_FREE_DAYS, _FREE_EACH = 5, 5
_SHOPS, _SHOP_SLOTS = 60, 100

Row = tuple[str | int | None, ...]


@dataclass(frozen=True)
class Crowd:
    """How many of what: `owned` sessions each, past and to come, for the busy professional and the busy user."""

    bookings: int
    professionals: int
    users: int
    owned: int
    customers: int = 3_000  # users who book during the measuring, two times each

    @property
    def busy_professional(self) -> str:
        """Last by name, so that nobody's first page has to look through their hours."""
        return _id("professional", -1)

    @property
    def busy_user(self) -> str:
        return _id("user", -1)

    def customer(self, number: int) -> str:
        """Who books while it is measured."""
        return _id("customer", number)

    @property
    def bookable(self) -> list[str]:
        """Free slots for the measuring, none of which is in the way of another of its customer's two."""
        return [str(UUID(_id("shop slot", number))) for number in range(_SHOPS * _SHOP_SLOTS)]


def crowd(bookings: int) -> Crowd:
    """People in proportion; 20,100 professionals where there is to be a page 1,000 of them."""
    if bookings < 100_000:
        return Crowd(bookings, professionals=100, users=100, owned=bookings // 8)
    return Crowd(bookings, professionals=20_100, users=20_000, owned=1_000 * PAGE + PAGE)


def _id(kind: str, number: int) -> str:
    return UUID(int=random.Random(f"{kind} {number}").getrandbits(128), version=4).hex


@cache  # the same hours again and again
def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S.000000}"


NOW = _text(T0)
ACCOUNTS = "id role email email_form name sort_name name_look time_zone password_hash created_at"
PROFILES = "professional_id headline about category photo_version"
PAYEES = "professional_id gateway account_reference state created_at updated_at"
SLOTS = "id professional_id starts_at ends_at price_minor created_at withdrawn_at"
BOOKINGS = (
    "id slot_id professional_id user_id starts_at ends_at time_zone price_minor currency status payment_status"
    " hold_expires_at created_at gateway checkout_reference checkout_url checkout_closed_at confirmed_at room_closed_at"
    " policy_full_until_min policy_half_until_min refund_share_cap fee_minor payee_reference absent"
)
PAYMENTS = "id booking_id gateway payment_reference amount_minor currency fee_minor pays paid_at"


class Rows:
    """Every row of a crowd, table by table, in an order that foreign keys allow."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._random = random.Random(crowd.bookings)
        self._professionals = [_id("professional", number) for number in range(crowd.professionals)]
        self._users = [_id("user", number) for number in range(crowd.users)]

    def tables(self) -> Iterator[tuple[str, str, Iterator[Row]]]:
        """Name, columns, rows."""
        yield "accounts", ACCOUNTS, self._accounts()
        yield "profiles", PROFILES, self._profiles()
        yield "payees", PAYEES, self._connected_accounts()
        yield "slots", SLOTS, self._slots()
        yield "bookings", BOOKINGS, self._bookings()
        yield "payments", PAYMENTS, self._payments()

    def _all_professionals(self) -> Iterator[tuple[str, str]]:
        for number, row_id in enumerate(self._professionals):
            yield row_id, f"Professional {number:06}"
        yield self._crowd.busy_professional, "Zoe Busy"
        for shop in range(_SHOPS):
            yield _id("shop", shop), f"Zz Shop {shop:06}"

    def _accounts(self) -> Iterator[Row]:
        people = [("professional", *one) for one in self._all_professionals()]
        people += [("user", row_id, f"User {number:06}") for number, row_id in enumerate(self._users)]
        people.append(("user", self._crowd.busy_user, "Uma Busy"))
        people += [("user", self._crowd.customer(n), f"Customer {n:06}") for n in range(self._crowd.customers)]
        for role, row_id, name in people:
            email, plain = f"{row_id}@example.com", name.casefold()
            yield row_id, role, email, email, name, plain, plain, "Europe/Berlin", "!", NOW

    def _profiles(self) -> Iterator[Row]:
        for row_id, name in self._all_professionals():
            yield row_id, f"{name} helps you move", "Ten years of it. " * 12, "personal-training", None

    def _connected_accounts(self) -> Iterator[Row]:
        for row_id, _ in self._all_professionals():
            yield row_id, "sandbox", f"test_account_{row_id}", "ready", NOW, NOW

    def _sessions(self) -> Iterator[tuple[str, str, datetime, int]]:
        """Professional, user, start, and a number of each: never two at a time for one of the two busy ones."""
        busy, owned, professionals = self._crowd.busy_professional, self._crowd.owned, self._professionals
        number = 0
        for hour in range(-owned, owned):
            yield busy, self._random.choice(self._users), T0 + _HOUR * (hour + 1), number
            with_whom = professionals[hour % len(professionals)]
            yield with_whom, self._crowd.busy_user, T0 + _HOUR * (hour + 1) + _HOUR / 2, number + 1
            number += 2
        rest = self._crowd.bookings - number
        for spread in range(rest):
            turn, who = divmod(spread, len(professionals))
            hour = turn // 10 + 1 if turn % 10 == 9 or rest - spread <= len(professionals) // 10 else -turn - 1
            yield professionals[who], self._random.choice(self._users), T0 + _HOUR * hour, number + spread

    def _slots(self) -> Iterator[Row]:
        for professional, _, starts_at, number in self._sessions():
            yield self._slot(_id_of(1, number), professional, starts_at)
        for who, professional in enumerate(self._professionals):
            for turn in range(_FREE_EACH):
                starts_at = T0 + timedelta(days=900) + _HOUR * turn
                yield self._slot(_id_of(3, who * _FREE_EACH + turn), professional, starts_at)
        for hour in range(_FREE_DAYS * 24):
            starts_at = T0 + _HOUR * (hour + 1) + _HOUR / 2
            yield self._slot(_id("free", hour), self._crowd.busy_professional, starts_at)
        for number in range(_SHOPS * _SHOP_SLOTS):
            shop, hour = divmod(number, _SHOP_SLOTS)
            yield self._slot(_id("shop slot", number), _id("shop", shop), T0 + timedelta(days=1) + _HOUR * hour)

    def _slot(self, row_id: str, professional: str, starts_at: datetime) -> Row:
        return row_id, professional, _text(starts_at), _text(starts_at + _LENGTH), 4500, NOW, None

    def _bookings(self) -> Iterator[Row]:
        self._random.seed(self._crowd.bookings)  # the same users again as for the slots
        made = _text(T0 - timedelta(days=1000))
        for professional, user, starts_at, number in self._sessions():
            over = starts_at < T0
            row_id = _id_of(2, number)
            url = f"http://127.0.0.1/sandbox/checkout/{row_id}"
            ends_at = _text(starts_at + _LENGTH)
            yield (
                *(
                    row_id,
                    _id_of(1, number),
                    professional,
                    user,
                    _text(starts_at),
                    ends_at,
                    "Europe/Berlin",
                    4500,
                    "USD",
                ),
                *("completed" if over else "confirmed", "paid", made, made, "sandbox", row_id, url, made, made),
                *(ends_at if over else None, 720, 120, 100, 450, f"test_account_{professional}"),
                "nobody" if over else None,
            )

    def _payments(self) -> Iterator[Row]:
        made = _text(T0 - timedelta(days=1000))
        for number in range(self._crowd.bookings):
            yield _id_of(4, number), _id_of(2, number), "sandbox", f"test_{number}", 4500, "USD", 450, 1, made


_MIX = 0x9E3779B97F4A7C15F39CC0605CEDC835


def _id_of(kind: int, number: int) -> str:
    """Scattered over the whole range like a random one, and quick to make."""
    mixed = ((number * 8 + kind) * _MIX) & ((1 << 128) - 1)
    digits = f"{mixed:032x}"
    return f"{digits[:12]}4{digits[13:16]}8{digits[17:]}"
