"""What the backend answers (docs/api.md), read tolerantly: unknown fields pass, unknown enum values stay strings."""

from app.api.models.accounts import Account, DemoPerson, SignedIn
from app.api.models.payouts import Earnings, EarningsWeek, Payouts
from app.api.models.professionals import CancellationPolicy, Category, Professional, ProfessionalCard
from app.api.models.sessions import (
    Booking,
    CallCheck,
    CallLink,
    Cancellation,
    Deadlines,
    Presence,
    ProfessionalParty,
    Refund,
    UserParty,
)
from app.api.models.slots import FreeDay, FreeDays, FreeSlot, FreeSlots, NewSlots, OwnDays, Slot, SlotDay
from app.api.models.wire import (
    CURRENCY_SIGNS,
    Instant,
    Listed,
    Page,
    Priced,
    PriceMinor,
    WallTime,
    WireModel,
    money_words,
)

__all__ = [
    "CURRENCY_SIGNS",
    "Account",
    "Booking",
    "CallCheck",
    "CallLink",
    "Cancellation",
    "CancellationPolicy",
    "Category",
    "Deadlines",
    "DemoPerson",
    "Earnings",
    "EarningsWeek",
    "FreeDay",
    "FreeDays",
    "FreeSlot",
    "FreeSlots",
    "Instant",
    "Listed",
    "NewSlots",
    "OwnDays",
    "Page",
    "Payouts",
    "Presence",
    "PriceMinor",
    "Priced",
    "Professional",
    "ProfessionalCard",
    "ProfessionalParty",
    "Refund",
    "SignedIn",
    "Slot",
    "SlotDay",
    "UserParty",
    "WallTime",
    "WireModel",
    "money_words",
]
