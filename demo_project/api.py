"""The shop's API: it takes any body and says what arrived."""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from demo_project import conf
from demo_project.catalogue import PRODUCTS
from demo_project.models import Submission
from demo_project.orders import json_line

WRITES = ["POST", "PUT", "PATCH", "DELETE"]
CHUNK = 64 * 1024  # bytes
SHORT = 2000  # bytes


# Programs call this, not forms: it acts on no cookie, so there is nothing to forge.
@csrf_exempt
@require_http_methods(["GET", "HEAD", *WRITES])
def submit(request: HttpRequest, version: int) -> HttpResponse:
    """Store what was sent and answer with its size and hash; GET says how to call."""
    if request.method in WRITES:
        return json_line(receipt(stored(request, version)), status=201)
    server = conf.current().name
    return json_line({"server": server, "version": version, "takes": WRITES})


def stored(request: HttpRequest, version: int) -> Submission:
    """Return the stored submission; the body is hashed as it streams in."""
    digest, size, head = sha256(), 0, b""
    while chunk := request.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        head = (head + chunk)[: SHORT + 1]
    return Submission.objects.create(
        version=version,
        method=request.method or "",
        path=request.path[:200],
        content_type=request.headers.get("Content-Type", "")[:200],
        size=size,
        sha256=digest.hexdigest(),
        text=short_text(head),
    )


def short_text(head: bytes) -> str:
    """Return *head* as text, or nothing where it is long or binary."""
    if len(head) > SHORT:
        return ""
    try:
        text = head.decode()
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else text  # PostgreSQL stores no NUL


def receipt(submission: Submission) -> dict[str, object]:
    """Return what the client is told about its submission."""
    return {
        "server": conf.current().name,
        "version": submission.version,
        "method": submission.method,
        "size": submission.size,
        "content_type": submission.content_type,
        "sha256": submission.sha256,
    }


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Say what everything costs, the same on both sites, and which one answers."""
    prices = {product.slug: product.price for product in PRODUCTS}
    return json_line({"server": conf.current().name, "prices": prices})
