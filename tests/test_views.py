"""The way out of a regional redirect: a button, a cookie, and rules that respect it."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client, RequestFactory, override_settings
from django.test.utils import override_script_prefix

from temp_redirects.models import RedirectRule

STAY = "/maintenance/stay/"
REGION = [{"kind": "preference", "value": "region"}]


def shown(arguments='"region"', cookie=""):
    request = RequestFactory().get("/shop/?page=2", HTTP_COOKIE=cookie)
    template = Template("{% load temp_redirects %}{% stay_here " + arguments + " %}")
    return template.render(Context({"request": request}))


@pytest.mark.django_db
def test_who_stays_is_not_redirected_until_the_choice_is_taken_back(client):
    RedirectRule.objects.schedule("/shop/", "/de/shop/", unless=REGION)
    assert client.get("/shop/").status_code == 307

    response = client.post(STAY, {"name": "region", "next": "/shop/"})

    assert (response.status_code, response["Location"]) == (303, "/shop/")
    assert response["Cache-Control"] == "no-store"
    page = client.get("/shop/")
    assert (page.status_code, page["Vary"]) == (200, "Cookie")
    assert page["Cache-Control"] == "private"
    client.post(STAY, {"name": "region", "next": "/shop/", "stay": "no"})
    assert client.get("/shop/").status_code == 307


def test_one_choice_leaves_another_as_it_is(client):
    client.post(STAY, {"name": "region"})
    client.post(STAY, {"name": "news"})
    client.post(STAY, {"name": "region", "stay": "no"})

    assert client.cookies["temp_redirects_stay"].value == "news"


def test_the_cookie_is_as_closed_as_it_can_be(client):
    client.post(STAY, {"name": "region"}, secure=True)

    cookie = client.cookies["temp_redirects_stay"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (
        True,
        "Lax",
        True,
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "javascript:x",
        "",
        "/\\e",
        "abc",
        "?page=2",
        "admin:index",
    ],
)
def test_the_way_back_never_leaves_the_site(client, address):
    response = client.post(STAY, {"name": "region", "next": address})

    assert response["Location"] == "/"


def test_the_way_back_stays_under_the_script_prefix(client):
    with override_script_prefix("/app/"):
        response = client.post(STAY, {"name": "region"}, SCRIPT_NAME="/app")

    assert response["Location"] == "/app/"


@override_settings(
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
)
def test_nobody_has_to_sign_in_to_choose(client):
    response = client.post(STAY, {"name": "region", "next": "/shop/"})

    assert (response.status_code, response["Location"]) == (303, "/shop/")
    assert "temp_redirects_stay" in client.cookies


@pytest.mark.parametrize("name", ["", "<x>", "a.b", "x" * 99])
def test_what_is_no_choice_is_refused(client, name):
    response = client.post(STAY, {"name": name})

    assert response.status_code == 400
    assert not client.cookies


def test_only_a_form_of_this_site_can_choose(client):
    assert client.get(STAY).status_code == 405
    assert Client(enforce_csrf_checks=True).post(STAY, {"name": "x"}).status_code == 403


def test_the_button_says_what_it_does_and_comes_back():
    form = shown()

    assert f'action="{STAY}"' in form
    assert 'name="next" value="/shop/?page=2"' in form
    assert "<button>Stay on this version</button>" in form
    assert 'name="stay"' not in form


def test_for_who_stays_it_takes_the_choice_back():
    form = shown(cookie="temp_redirects_stay=region")

    assert "<button>Choose for me again</button>" in form
    assert '<input type="hidden" name="stay" value="no">' in form


def test_the_words_on_the_button_are_the_pages_own():
    words = '"region" "Bleiben" back="Zurück"'

    assert "<button>Bleiben</button>" in shown(words)
    assert "<button>Zurück</button>" in shown(words, "temp_redirects_stay=region")


def test_the_forms_token_is_taken(client):
    token_client = Client(enforce_csrf_checks=True)
    request = RequestFactory().get("/")
    template = Template('{% load temp_redirects %}{% stay_here "region" %}')
    form = template.render(Context({"request": request}))
    token = form.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    token_client.cookies["csrftoken"] = request.META["CSRF_COOKIE"]

    response = token_client.post(STAY, {"name": "region", "csrfmiddlewaretoken": token})

    assert response.status_code == 303


def test_a_name_that_is_none_is_told_to_who_writes_the_page():
    with pytest.raises(TemplateSyntaxError, match="is no choice’s name"):
        shown('"a b"')
