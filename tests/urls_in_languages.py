"""A site in several languages, with two admin sites and one per tenant."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.urls import include, path

from tests.urls import page

office = AdminSite(name="office")

urlpatterns = [
    path("maintenance/", include("temp_redirects.urls")),
    path("tenants/<slug:tenant>/office/", office.urls),
    *i18n_patterns(
        path("admin/", admin.site.urls),
        path("login/", page, name="login"),
        path("inner/", include(([path("office/", office.urls)], "inner"))),
    ),
]
