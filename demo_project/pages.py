"""The demo's pages that only show something."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from demo_project.audiences import AUDIENCES
from demo_project.catalogue import ARTICLE_BY_SLUG, ARTICLES, PRODUCT_BY_SLUG, PRODUCTS
from demo_project.models import Order


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """Show the whole shelf."""
    return render(request, "demo_project/products.html", {"products": PRODUCTS})


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one product."""
    context = {"product": entry(PRODUCT_BY_SLUG, slug)}
    return render(request, "demo_project/product.html", context)


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """Show what everything costs, delivery included."""
    return render(request, "demo_project/pricing.html", {"products": PRODUCTS})


@require_safe
def articles(request: HttpRequest, *, is_temporary: bool) -> HttpResponse:
    """List the journal, at its own address or at its temporary one."""
    context = {"articles": ARTICLES, "is_temporary": is_temporary}
    return render(request, "demo_project/articles.html", context)


@require_safe
def article(request: HttpRequest, slug: str, *, is_temporary: bool) -> HttpResponse:
    """Show one page of the journal, at either address."""
    context = {"article": entry(ARTICLE_BY_SLUG, slug), "is_temporary": is_temporary}
    return render(request, "demo_project/article.html", context)


# Stores nothing and knows nobody: it repeats what was sent, nothing can be forged.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Say by which scheme and method the request came, and what a form brought."""
    return render(request, "demo_project/account.html", {"sent": request.POST.items()})


@require_http_methods(["GET", "HEAD", "POST"])
def repairs(request: HttpRequest) -> HttpResponse:
    """Show the form, and what it brought; nothing is stored."""
    return render(request, "demo_project/repairs.html", {"sent": request.POST.items()})


@require_safe
def gift_box(
    request: HttpRequest, *, is_new: bool = False, is_ordered: bool = False
) -> HttpResponse:
    """Show the page that is tested, the new one, or the one that is their goal."""
    original = request.build_absolute_uri(reverse("gift_box"))
    context = {"is_new": is_new, "is_ordered": is_ordered, "original": original}
    return render(request, "demo_project/gift_box.html", context)


@require_safe
def audience(
    request: HttpRequest, kind: str, *, is_theirs: bool = False
) -> HttpResponse:
    """Show a page that some visitors get, or the one that the others get."""
    entries = {each.kind: each for each in AUDIENCES}
    context = {"audience": entry(entries, kind), "is_theirs": is_theirs}
    return render(request, "demo_project/audience.html", context)


@require_safe
def partner_home(request: HttpRequest) -> HttpResponse:
    """Say what the second server is for, and what has arrived there."""
    context = {"arrived": Order.objects.count()}
    return render(request, "demo_project/partner_home.html", context)


def entry(entries: dict[str, Any], slug: str) -> Any:
    """Return the entry of that slug, or answer 404."""
    if slug not in entries:
        raise Http404(f"Nothing here is called “{slug}”.")
    return entries[slug]
