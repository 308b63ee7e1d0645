"""A professional's second factor over HTTP: setting it up, and turning it off."""

from fastapi import APIRouter, Response

from backend.auth.access import CurrentProfessional, SealerDep
from backend.auth.endpoints.proving import ProvingDep
from backend.auth.repository import second_factors
from backend.auth.rules import NotSignedIn, WrongRole
from backend.auth.rules.second_factor import (
    SecondFactorIsOff,
    SecondFactorIsOn,
    SecondFactorNeeded,
    WrongSecondFactor,
    setup_address,
)
from backend.auth.schemas import (
    OwnPassword,
    RecoveryCodesAnswer,
    SecondFactorAnswer,
    SecondFactorOff,
    SecondFactorSetUpAnswer,
    TypedSecondFactor,
)
from backend.auth.service import second_factor
from backend.kit.bulkheads import PASSWORDS, behind
from backend.kit.errors import InvalidPayload, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import LimitsDep
from backend.kit.limits.counting import Counted
from backend.kit.limits.table import SECOND_FACTOR

router = APIRouter(
    prefix="/auth/me/second-factor", tags=["accounts"], responses=error_responses(NotSignedIn, WrongRole)
)


@router.get("")
def second_factor_state(account: CurrentProfessional, database: DatabaseDep) -> SecondFactorAnswer:
    """Whether it is on."""
    with database.read() as session:
        row = second_factors.found(session, account.id)
        left = second_factors.recovery_codes_left(session, account.id)
    return SecondFactorAnswer(on_since=row.on_since if row else None, recovery_codes_left=left)


@router.post("", responses=error_responses(InvalidPayload, SecondFactorIsOn, TooManyAttempts, ServiceUnavailable))
@behind(PASSWORDS)
def set_up_second_factor(
    body: OwnPassword,
    account: CurrentProfessional,
    proving: ProvingDep,
    database: DatabaseDep,
    sealer: SealerDep,
    now: NowDep,
) -> SecondFactorSetUpAnswer:
    """A new secret for an authenticator app. It asks for nothing before a first right code; an earlier one is gone."""
    if not proving.is_own_password(account, body.password.get_secret_value()):
        raise InvalidPayload({"password": "This is not your password."})
    with database.write() as session:
        secret = second_factor.set_up(session, account, sealer, now)
    return SecondFactorSetUpAnswer(secret=secret, address=setup_address(secret, account.email))


@router.post(
    "/confirm", responses=error_responses(InvalidPayload, SecondFactorIsOff, SecondFactorIsOn, TooManyAttempts)
)
def turn_on_second_factor(
    body: TypedSecondFactor,
    account: CurrentProfessional,
    database: DatabaseDep,
    limits: LimitsDep,
    sealer: SealerDep,
    now: NowDep,
) -> RecoveryCodesAnswer:
    """It is on, if this is a code of the new secret. The recovery codes are told this once."""
    limits.count(Counted(SECOND_FACTOR, str(account.id)))
    with database.write() as session:
        codes = second_factor.turn_on(session, account, body.code, sealer, now)
    if codes is None:
        raise WrongSecondFactor
    return RecoveryCodesAnswer(recovery_codes=codes)


@router.post(
    "/off",
    status_code=204,
    responses=error_responses(
        InvalidPayload, SecondFactorNeeded, SecondFactorIsOff, TooManyAttempts, ServiceUnavailable
    ),
)
@behind(PASSWORDS)
def turn_off_second_factor(
    body: SecondFactorOff, account: CurrentProfessional, proving: ProvingDep, database: DatabaseDep, now: NowDep
) -> Response:
    """Signing in asks for the password alone from now on; the person is told by mail. Recovery codes are gone."""
    proving.check_own(account, body.password.get_secret_value(), body.code)
    with database.write() as session:
        if not second_factor.take_off(session, account.id, now):
            raise SecondFactorIsOff
    return Response(status_code=204)
