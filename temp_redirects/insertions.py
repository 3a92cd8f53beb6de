"""Insertions: markup put into a page that somebody else made."""

from typing import Any

from django.http import HttpResponse


def is_page(response: Any) -> bool:
    """Say whether a response is a page that can be changed safely.

    Streams cannot, nor what is compressed.
    """
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return (
        isinstance(response, HttpResponse)
        and kind == "text/html"
        and not response.has_header("Content-Encoding")
    )


def insert(response: Any, at: int, markup: str) -> None:
    """Put markup into a page, *at* bytes from its beginning."""
    content: bytes = response.content
    # As ASCII it reads the same in whatever charset the page has.
    written = markup.encode("ascii", "xmlcharrefreplace")
    response.content = content[:at] + written + content[at:]
    if response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(response.content))
    del response.headers["ETag"]  # of the page without it
