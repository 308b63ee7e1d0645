"""The names of the backend's errors, so that a mistyped one is found before it runs; tests/contract checks them."""

from typing import Literal

from app.errors import AppError, Problem

ErrorName = Literal[
    "AccountBlocked",
    "AddressTooLong",
    "DecisionFinal",
    "DeletionChanged",
    "DifferentPrice",
    "EmailNotVerified",
    "EmailTaken",
    "FollowUpSent",
    "HandleTaken",
    "HeadersTooLarge",
    "IdempotencyKeyReused",
    "InternalError",
    "InvalidPayload",
    "JoinedElsewhere",
    "NameReadsAsAnother",
    "NotCancellable",
    "NotFound",
    "NotHeld",
    "NotOnboarded",
    "NotPaid",
    "NotReschedulable",
    "NotSignedIn",
    "NoteChanged",
    "NothingDecided",
    "OverlappingSession",
    "PayloadTooLarge",
    "PaymentDisputed",
    "PaymentRefused",
    "PayoutsRefused",
    "ProfessionalNotReady",
    "RefundChanged",
    "SecondFactorIsOff",
    "SecondFactorIsOn",
    "SecondFactorNeeded",
    "ServiceUnavailable",
    "SessionCancelled",
    "SessionNotOver",
    "SessionOver",
    "SlotAlreadyTaken",
    "SlotBooked",
    "SlotOverlaps",
    "TooEarlyToStart",
    "TooManyAttempts",
    "TooManyHandles",
    "TooManyHolds",
    "TooManyMessages",
    "UnsupportedCountry",
    "UpdateRequired",
    "WrongCode",
    "WrongEmailOrPassword",
    "WrongRole",
    "WrongSecondFactor",
]


def is_named(error: AppError, *names: ErrorName) -> bool:
    """Whether the backend refused for one of these reasons."""
    return isinstance(error, Problem) and error.error in names
