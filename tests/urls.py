"""The small site that tests ask."""

import os
from hashlib import sha256

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt


def page(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer any path with the page that was there all along, and say who does."""
    headers = {"X-Process": str(os.getpid())}
    return HttpResponse(f"original {request.path}", headers=headers)


@csrf_exempt
def echo(request: HttpRequest) -> JsonResponse:
    """Say what arrived."""
    return JsonResponse(
        {
            "path": request.get_full_path(),
            "method": request.method,
            "type": request.content_type,
            "sha256": sha256(request.body).hexdigest(),
        }
    )


urlpatterns = [
    path("echo/", echo),
    path("admin/", admin.site.urls),
    path("login/", page, name="login"),
    path("maintenance/", include("temp_redirects.urls")),
    path("<path:rest>", page),
    path("", page),
]
