"""A site that forgot to include the app's own addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("more/", include([path("x/", admin.site.index)])),
]
