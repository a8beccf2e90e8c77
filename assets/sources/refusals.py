"""What a refusal or a broken connection means: repeat, or tell someone, and in which words.

Here belongs the reading of statuses and errors. Repeating is done in http.py.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from assets.sources.addresses import host_of
from assets.sources.exchange import Exchange, PermanentFailure


def reason_to_repeat(exchange: Exchange) -> str:
    """Why a request that was refused is worth repeating; PermanentFailure if it is not."""
    status, host = exchange.status, host_of(exchange.url)
    if status == 429 or status >= 500:
        return f"{host} answered {status} to {exchange.url}"
    if status in (401, 403):
        remedy = "check that the service is still open to us and that its key is set"
    elif status < 400:
        remedy = "it has moved, so put its new address into sources.yaml"
    elif status in (404, 410):
        remedy = "check the identifiers of this source in sources.yaml"
    else:
        remedy = "compare the request with the service's documentation"
    seen = f' ("{exchange.opening}")' if exchange.body and not exchange.is_html else ""
    raise PermanentFailure(f"{host} answered {status}{seen} to {exchange.url}: {remedy}.", exchange)


def retry_after(exchange: Exchange, now: datetime) -> float | None:
    """Seconds to wait as the service asks, in seconds or by a date; None if it does not."""
    text = exchange.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - now).total_seconds())


def cause_of(error: Exception) -> str:
    """What went wrong in a word or two: a library's own text may hold a whole address."""
    text = f"{type(error).__name__} {error}".lower()
    for word, said in (
        ("timed out", "time-out"),
        ("timeout", "time-out"),
        ("resolve", "the host is unknown"),
        ("refused", "connection refused"),
        ("certificate", "its certificate is not valid"),
        ("incomplete", "the body ended early"),
        ("invalidchunk", "the body ended early"),
        ("reset", "connection reset"),
        ("aborted", "connection closed"),
    ):
        if word in text:
            return said
    return type(error).__name__
