"""Reports of unforeseen errors to Sentry or what speaks its protocol, where a DSN is given; scrubbed as the log is."""

import sentry_sdk
from sentry_sdk.types import Event, Hint

from backend.kit.telemetry.context import request_fields
from backend.kit.telemetry.scrubbing import scrubbed


def report_errors(dsn: str) -> None:
    """From now on every error in the log is reported; nothing is where `dsn` is empty or "off".

    No request's headers or body, no local variables, no source lines: they hold what people write.
    https://docs.sentry.io/platforms/python/data-management/data-collected/
    """
    if dsn in ("", "off"):
        return
    sentry_sdk.init(
        dsn,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
        server_name="rendezvous",
        before_send=_without_what_people_write,
    )


def _without_what_people_write(event: Event, _hint: Hint) -> Event:
    """Only these parts go out, by their names: what a newer SDK adds stays here until somebody looks at it."""
    out: Event = {
        "event_id": event.get("event_id", ""),
        "timestamp": event.get("timestamp"),
        "level": event.get("level", "error"),
        "platform": event.get("platform", "python"),
        "logger": event.get("logger", ""),
        "tags": dict(request_fields()),
    }
    if raised := event.get("exception"):
        for each in raised["values"]:
            each["value"] = scrubbed(str(each.get("value") or ""))
        out["exception"] = raised
    if entry := event.get("logentry"):
        said = str(entry.get("message") or "")  # the words without what is put into them
        out["logentry"] = {"message": scrubbed(said)}
    return out
