"""A site as its peers want it: pages with slashes, languages, and no page for all."""

from itertools import count

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.urls import path

numbers = count(1)


def page(request: HttpRequest) -> HttpResponse:
    """Answer with the last word of the path."""
    return HttpResponse(request.path.strip("/").rpartition("/")[2])


def counted(request: HttpRequest) -> HttpResponse:
    """Answer with another number each time the view is asked."""
    return HttpResponse(str(next(numbers)))


urlpatterns = [
    path("page/", page),
    path("counted/", counted),
    *i18n_patterns(path("about/", page)),
]
