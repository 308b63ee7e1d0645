"""For whom each operation of the OpenAPI document is; `test_authorization.py` asks whether that holds."""

from enum import Enum


class Rule(Enum):
    """For whom an operation is."""

    ANYONE = "anyone, signed in or not"
    ACCOUNT = "whoever is signed in"
    USER = "users"
    PROFESSIONAL = "professionals"
    THE_TWO = "the two people of that session"
    ITS_USER = "the user of that session"
    ITS_PROFESSIONAL = "the professional whose hour it is"
    ITS_PERSON = "the person whose sign-in it is, here a professional's"


MATRIX: dict[str, Rule] = {
    "POST /auth/sign-up": Rule.ANYONE,
    "POST /auth/sign-in": Rule.ANYONE,
    "POST /auth/sign-out": Rule.ACCOUNT,
    "GET /auth/me": Rule.ACCOUNT,
    "PATCH /auth/me": Rule.ACCOUNT,
    "POST /auth/me/password": Rule.ACCOUNT,
    "POST /auth/me/email-code": Rule.ACCOUNT,
    "POST /auth/me/email-code/confirm": Rule.ACCOUNT,
    "POST /auth/forgotten": Rule.ANYONE,
    "POST /auth/reset": Rule.ANYONE,
    "GET /auth/me/mails": Rule.ACCOUNT,
    "PUT /auth/me/mails": Rule.ACCOUNT,
    "GET /auth/me/sign-ins": Rule.ACCOUNT,
    "DELETE /auth/me/sign-ins": Rule.ACCOUNT,
    "DELETE /auth/me/sign-ins/{sign_in}": Rule.ITS_PERSON,
    "GET /auth/me/email-change": Rule.ACCOUNT,
    "POST /auth/me/email-change": Rule.ACCOUNT,
    "DELETE /auth/me/email-change": Rule.ACCOUNT,
    "POST /auth/me/email-change/confirm": Rule.ACCOUNT,
    "GET /auth/me/second-factor": Rule.PROFESSIONAL,
    "POST /auth/me/second-factor": Rule.PROFESSIONAL,
    "POST /auth/me/second-factor/confirm": Rule.PROFESSIONAL,
    "POST /auth/me/second-factor/off": Rule.PROFESSIONAL,
    "GET /auth/me/export": Rule.ACCOUNT,
    "GET /auth/me/deletion": Rule.ACCOUNT,
    "POST /auth/me/delete": Rule.ACCOUNT,
    "GET /categories": Rule.ANYONE,
    "GET /professional/{professional_id}/photo": Rule.ANYONE,
    "POST /professional/sessions/availability": Rule.PROFESSIONAL,
    "GET /professional/sessions/availability": Rule.PROFESSIONAL,
    "POST /professional/sessions/availability/{slot_id}/restore": Rule.ITS_PROFESSIONAL,
    "GET /professional/payouts": Rule.PROFESSIONAL,
    "POST /professional/payouts": Rule.PROFESSIONAL,
    "GET /professional/sessions/availability/days": Rule.PROFESSIONAL,
    "DELETE /professional/sessions/availability/{slot_id}": Rule.ITS_PROFESSIONAL,
    "GET /professional/{professional_id}/availability": Rule.ANYONE,
    "GET /professional/{professional_id}/availability/days": Rule.ANYONE,
    "POST /sessions/book": Rule.USER,
    "GET /sessions/my-bookings": Rule.USER,
    "GET /professional/sessions": Rule.PROFESSIONAL,
    "GET /sessions/{session_id}": Rule.THE_TWO,
    "POST /sessions/{session_id}/release": Rule.ITS_USER,
    "GET /sessions/{session_id}/cancellation": Rule.THE_TWO,
    "POST /sessions/{session_id}/cancel": Rule.THE_TWO,
    "POST /sessions/{session_id}/reschedule": Rule.ITS_USER,
    "GET /professional/cancellation-policy": Rule.PROFESSIONAL,
    "PUT /professional/cancellation-policy": Rule.PROFESSIONAL,
    "GET /sessions/{session_id}/calendar": Rule.THE_TWO,
    "GET /professional/earnings": Rule.PROFESSIONAL,
    "GET /professional/profile": Rule.PROFESSIONAL,
    "PATCH /professional/profile": Rule.PROFESSIONAL,
    "GET /professional/profile/suggested-handle": Rule.PROFESSIONAL,
    "PUT /professional/profile/photo": Rule.PROFESSIONAL,
    "DELETE /professional/profile/photo": Rule.PROFESSIONAL,
    "GET /professionals": Rule.ANYONE,
    "GET /professional/{professional_id}": Rule.ANYONE,
    "GET /handles/{handle}": Rule.ANYONE,
    "POST /sessions/{session_id}/generate-call-link": Rule.THE_TWO,
    "POST /calls/check": Rule.ACCOUNT,
    "GET /sessions/{session_id}/presence": Rule.THE_TWO,
    "PUT /sessions/{session_id}/quality": Rule.THE_TWO,
    "GET /sessions/{session_id}/quality": Rule.THE_TWO,
    "GET /sessions/{session_id}/attendance": Rule.THE_TWO,
    "POST /sessions/{session_id}/problem": Rule.THE_TWO,
    "POST /sessions/{session_id}/messages": Rule.THE_TWO,
    "GET /sessions/{session_id}/messages": Rule.THE_TWO,
    "DELETE /sessions/{session_id}/messages": Rule.THE_TWO,
    "POST /sessions/{session_id}/recordings": Rule.THE_TWO,
    "GET /sessions/{session_id}/recordings": Rule.THE_TWO,
    "POST /sessions/{session_id}/recordings/{ask_id}/server": Rule.THE_TWO,
    "GET /sessions/{session_id}/note": Rule.THE_TWO,
    "PUT /sessions/{session_id}/note": Rule.THE_TWO,
    "GET /sessions/{session_id}/follow-up": Rule.THE_TWO,
    "PUT /sessions/{session_id}/follow-up": Rule.ITS_PROFESSIONAL,
    "PUT /sessions/{session_id}/follow-up/files/{file_id}": Rule.ITS_PROFESSIONAL,
    "DELETE /sessions/{session_id}/follow-up/files/{file_id}": Rule.ITS_PROFESSIONAL,
    "GET /sessions/{session_id}/follow-up/files/{file_id}": Rule.THE_TWO,
    "GET /call/{session_id}": Rule.ANYONE,
    "GET /health": Rule.ANYONE,
    "GET /ready": Rule.ANYONE,
    "GET /demo/people": Rule.ANYONE,
    "GET /demo/calls": Rule.ANYONE,
    "GET /status": Rule.ANYONE,
}
NEEDS_A_CONFIRMED_EMAIL = {"POST /sessions/book", "POST /professional/sessions/availability"}
NOT_ASKED_FOR_A_CODE = (Rule.ANYONE, Rule.ITS_USER, Rule.ITS_PROFESSIONAL, Rule.ITS_PERSON)
LAST = (
    "DELETE /auth/me/sign-ins",
    "DELETE /professional/sessions/availability/{slot_id}",
    "POST /professional/sessions/availability/{slot_id}/restore",
    "POST /sessions/{session_id}/cancel",
    "POST /auth/sign-out",
)
