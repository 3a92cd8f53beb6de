"""A site of one page, the cheapest there can be."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path


def page(request: HttpRequest, **captures: str) -> HttpResponse:
    """Answer 200 with two bytes."""
    return HttpResponse(b"ok")


urlpatterns = [
    path("maintenance/", include("temp_redirects.urls")),
    re_path("^(?!missing/)", page),
]
