"""The addresses of the demo shop."""

from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path

from demo_project import api, home, orders, pages

urlpatterns = [
    path("", home.home, name="home"),
    path("products/", pages.products, name="products"),
    path("products/<slug:slug>/", pages.product, name="product"),
    path("pricing/", pages.pricing, name="pricing"),
    path("blog/", pages.articles, {"is_temporary": False}, name="blog"),
    path("blog/<slug:slug>/", pages.article, {"is_temporary": False}, name="post"),
    path("news/", pages.articles, {"is_temporary": True}, name="news"),
    path("news/<slug:slug>/", pages.article, {"is_temporary": True}, name="news_item"),
    path("repairs/", pages.repairs, name="repairs"),
    path("gift-box/", pages.gift_box, name="gift_box"),
    path("gift-box/new/", pages.gift_box, {"is_new": True}, name="gift_box_new"),
    path(
        "gift-box/ordered/",
        pages.gift_box,
        {"is_ordered": True},
        name="gift_box_ordered",
    ),
    path("checkout/", orders.checkout, name="checkout"),
    path("orders/", orders.order_list, name="orders"),
    path("for/<slug:kind>/", pages.audience, name="audience"),
    path("for/<slug:kind>/them/", pages.audience, {"is_theirs": True}, name="theirs"),
    path("account/", pages.account, name="account"),
    path("catalogue.json", api.catalogue, name="catalogue"),
    path("api/v1/submit", api.submit, {"version": 1}, name="submit_v1"),
    path("api/v2/submit", api.submit, {"version": 2}, name="submit_v2"),
    path("maintenance/", include("temp_redirects.urls")),
    path("admin/", admin.site.urls),
    *staticfiles_urlpatterns(),  # so that gunicorn and uvicorn show the demo in full
]
