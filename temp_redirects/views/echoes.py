"""What a visitor was submitting, read once to be held by the visitor's own page.

The notice must not turn a form that another site made into one that this site made:
so it shows what came only where the browser or a CSRF token proves that this site's
own page sent it, and otherwise gives nothing back.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token

from temp_redirects.core.submissions import (
    is_csrf_field,
    is_made_by_machine,
    is_secret,
)

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it came; ``label`` is its name for people."""

    name: str
    value: str

    @property
    def label(self) -> str:
        """The name in words: “shipping_address” is “Shipping address”."""
        words = self.name.replace("_", " ").replace("-", " ").split()
        return " ".join(words).capitalize() or self.name

    @property
    def is_shown(self) -> bool:
        """Whether it tells people something; it is kept all the same."""
        return bool(self.value.strip()) and not is_made_by_machine(self.value)


@dataclass(frozen=True, slots=True)
class File:
    """The field of a file, which only its owner's browser still has."""

    field: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Echo:
    """A form as the notice shows it. ``left_out`` are fields that must be typed again.

    Without a ``token`` it cannot be sent again from the page, only by a reload.
    """

    fields: tuple[Field, ...]
    left_out: tuple[Field, ...]
    files: tuple[File, ...]
    token: str = ""


class _Names(FileUploadHandler):
    """Remember what uploaded files are called, and keep nothing of them."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.uploads: list[tuple[str, str]] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Note the name."""
        super().new_file(*args, **kwargs)
        self.uploads.append((str(self.field_name), str(self.file_name)))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Forget what comes."""

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        """Make no file."""
        return None


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own check, for its verdict and without its answer."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def echo_of(request: HttpRequest) -> Echo | None:
    """Return the form that a page of this site sent, or None.

    None as well for what Django will not read (too large, malformed, cut off): the
    visitor then gets the notice, and never an error.
    """
    if request.method != "POST" or request.content_type not in FORMS:
        return None
    names = _Names(request)
    with suppress(Exception):
        with suppress(AttributeError):  # somebody has read the form already
            request.upload_handlers = [names]
        fields = [Field(name, value) for name, value in _pairs(request)]
        uploads = names.uploads + [
            (name, file.name or "")
            for name, files in request.FILES.lists()
            for file in files
        ]
        return _echo(request, fields, uploads) if is_from_here(request) else None
    return None


def is_from_here(request: HttpRequest) -> bool:
    """Say whether a page of this site sent the request, and no other site's.

    A browser's own word first, which no page can forge (Fetch metadata, then Origin,
    RFC 6454 §7); else what Django's CSRF protection accepts, trusted origins and all.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site == "same-origin":
        return True
    origin = request.headers.get("Origin")
    if site is None and origin == f"{request.scheme}://{request.get_host()}":
        return True
    check = _CsrfCheck(lambda request: HttpResponse())
    return check.process_view(request, lambda request: HttpResponse(), (), {}) is None


def _pairs(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        for value in values:
            yield name, str(value)


def _echo(
    request: HttpRequest, fields: list[Field], uploads: list[tuple[str, str]]
) -> Echo:
    shown = [each for each in fields if not is_csrf_field(each.name)]
    secret = {each.name for each in shown if is_secret(each.name, each.value)}
    by_field: dict[str, list[str]] = {}
    for field, name in uploads:
        by_field.setdefault(field, []).append(name)
    return Echo(
        fields=tuple(each for each in shown if each.name not in secret),
        left_out=tuple(Field(name, "") for name in sorted(secret)),
        files=tuple(File(field, tuple(names)) for field, names in by_field.items()),
        token=_token(request),
    )


def _token(request: HttpRequest) -> str:
    """Return a CSRF token for sending the form again; empty where there can be none.

    With ``CSRF_USE_SESSIONS`` a new secret would have to be written to the session,
    which the notice does not touch.
    """
    if settings.CSRF_USE_SESSIONS and "CSRF_COOKIE" not in request.META:
        return ""
    return get_token(request)
