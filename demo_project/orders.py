"""The checkout, on both sites: the form, the order it stores, and the list."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from demo_project import conf
from demo_project.forms import OrderForm
from demo_project.models import Order, Submission


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Show the form; store what it sends and confirm it."""
    if request.method != "POST":
        form = OrderForm(initial={"product": request.GET.get("product")})
        return render(request, "demo_project/checkout.html", {"form": form})
    form = OrderForm(request.POST, request.FILES)
    if form.is_valid():
        return confirmation(request, form.save())
    if wants_json(request):
        return JsonResponse({"errors": form.errors}, status=400)
    return render(request, "demo_project/checkout.html", {"form": form})


# The partner's door. A form that comes by a 307 from another origin brings no cookie of
# this one, so no CSRF token can match, and its Origin header may say "null". What makes
# that safe is that nothing here acts on a cookie: whoever sends the form, the order is
# only what it says. A view that uses the session must not be exempt.
intake = csrf_exempt(checkout)


@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """List what this site has stored, newest first."""
    return render(
        request,
        "demo_project/orders.html",
        {
            "orders": Order.objects.all()[:50],
            "submissions": Submission.objects.all()[:50],
        },
    )


def wants_json(request: HttpRequest) -> bool:
    """Tell whether the client asks for JSON before HTML."""
    preferred = request.get_preferred_type(["text/html", "application/json"])
    return preferred == "application/json"


def confirmation(request: HttpRequest, order: Order) -> HttpResponse:
    """Say which server stored the order, and the hash of the file it has now."""
    if wants_json(request):
        return json_line(order_facts(order))
    context = {"order": order, "foreign_origin": foreign_origin(request)}
    return render(request, "demo_project/order_placed.html", context)


def foreign_origin(request: HttpRequest) -> str:
    """Return the Origin header where it says that the form was shown elsewhere."""
    origin = request.headers.get("Origin", "")
    own = f"{request.scheme}://{request.get_host()}"
    return "" if origin == own else origin


def order_facts(order: Order) -> dict[str, object]:
    """Return the order as the confirmation tells it to programs."""
    return {
        "server": conf.current().name,
        "order": order.number,
        "product": order.product,
        "file": order.file_name,
        "size": order.file_size,
        "sha256": order.file_sha256,
    }


def json_line(data: dict[str, object], status: int = 200) -> JsonResponse:
    """Return *data* as one line of JSON, ended like a line, for a terminal."""
    response = JsonResponse(
        data, status=status, json_dumps_params={"ensure_ascii": False}
    )
    response.content += b"\n"
    return response
