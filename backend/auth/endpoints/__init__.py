"""Accounts over HTTP."""

from fastapi import APIRouter

from backend.auth.endpoints import accounts, email, forgotten, mails

router = APIRouter()
router.include_router(accounts.router)
router.include_router(email.router)
router.include_router(forgotten.router)
router.include_router(mails.router)
