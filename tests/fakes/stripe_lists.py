"""Lists of the fake Stripe: filtered, the newest first, in pages (https://docs.stripe.com/api/pagination)."""

from tests.fakes.stripe_ledger import Object, StripeLedger

FILTERS = ("payment_intent", "charge", "transfer", "transfer_group", "destination")
MOST = 100


def listed(ledger: StripeLedger, kind: str, wanted: Object) -> Object:
    """GET /v1/{kind}s?...&limit=&starting_after=."""
    found = [each for each in ledger.of_kind(kind) if _wanted(each, wanted)]
    if after := wanted.get("starting_after"):
        names = [each["id"] for each in found]
        found = found[names.index(after) + 1 :]
    limit = min(int(wanted.get("limit", 10)), MOST)
    return {"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": f"/v1/{kind}s"}


def _wanted(thing: Object, wanted: Object) -> bool:
    since = int((wanted.get("created") or {}).get("gte", 0))
    return thing["created"] >= since and all(thing.get(name) == wanted[name] for name in FILTERS if name in wanted)
