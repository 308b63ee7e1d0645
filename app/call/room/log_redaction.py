"""Keeps access tokens out of the logs: LiveKit's SDK writes a refused token into its own log lines."""

import logging
import re

TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+(\.[\w-]*)?|access_token=[^&\s]+")


def without_tokens(text: str) -> str:
    return TOKEN.sub("[token]", text)


class TokenFilter(logging.Filter):
    """Replaces whatever looks like a JSON web token (RFC 7519) by "[token]"."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if TOKEN.search(message):
            record.msg, record.args = without_tokens(message), ()
        return True


def install_token_filter() -> None:
    """Once per process is enough; more often does no harm."""
    sdk = logging.getLogger("livekit")
    if not any(isinstance(each, TokenFilter) for each in sdk.filters):
        sdk.addFilter(TokenFilter())
