"""Insertions: markup put into a page that somebody else made."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from temp_redirects.sites import static_url


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


def stylesheet(request: HttpRequest, path: str) -> str:
    """Return the link to a static stylesheet; empty where the site cannot say it."""
    url = static_url(path)
    if not url:
        return ""
    nonce = nonce_of(request)
    told = format_html(' nonce="{}"', nonce) if nonce else ""
    return format_html('<link rel="stylesheet" href="{}"{}>', url, told)


def nonce_of(request: HttpRequest) -> str:
    """Return the nonce that the site's policy wants on this page; empty for none.

    It is Django's own, or the one of the package django-csp.
    """
    for name in ("_csp_nonce", "csp_nonce"):
        with suppress(Exception):  # once its header is sent, django-csp's has none
            nonce = getattr(request, name, None)
            if nonce is not None:
                return str(nonce)
    return ""
