"""The addresses of the second origin."""

from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import path

from demo_project import api, orders, pages

urlpatterns = [
    path("", pages.partner_home, name="home"),
    path("checkout/", orders.intake, name="checkout"),
    path("orders/", orders.order_list, name="orders"),
    path("catalogue.json", api.catalogue, name="catalogue"),
    path("admin/", admin.site.urls),
    *staticfiles_urlpatterns(),
]
