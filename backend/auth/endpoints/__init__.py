"""Accounts over HTTP."""

from fastapi import APIRouter

from backend.auth.endpoints import accounts, email, email_change, forgotten, mails, second_factor, sign_ins

router = APIRouter()
router.include_router(accounts.router)
router.include_router(email.router)
router.include_router(forgotten.router)
router.include_router(mails.router)
router.include_router(sign_ins.router)
router.include_router(email_change.router)
router.include_router(second_factor.router)
