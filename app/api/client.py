"""The backend as the app sees it: one method per endpoint, typed results, errors of app.errors only."""

from app.api.account_security import AccountSecurityApi
from app.api.accounts import AccountsApi
from app.api.follow_ups import FollowUpsApi
from app.api.payouts import PayoutsApi
from app.api.professionals import ProfessionalsApi
from app.api.sessions import SessionsApi
from app.api.slots import SlotsApi


class ApiClient(AccountsApi, AccountSecurityApi, ProfessionalsApi, SlotsApi, SessionsApi, FollowUpsApi, PayoutsApi):
    """Speaks docs/api.md. One object per person (its token is that person's). Ids are strings, dates and wall times
    `datetime` types, prices minor units. Every method raises Offline, NotSignedIn, Problem, or AppError for an answer
    that cannot be read.
    """
