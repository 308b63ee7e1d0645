"""Sessions and free times over HTTP."""

from fastapi import APIRouter

from backend.bookings.endpoints import calendar_file, changing, earnings, sessions, slots

router = APIRouter()
router.include_router(slots.router)
router.include_router(sessions.router)
router.include_router(changing.router)
router.include_router(calendar_file.router)
router.include_router(earnings.router)
