"""The demo's own pages, asked by Django's client."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from demo_project import forms, servers
from demo_project.accounts import PASSWORDS
from demo_project.conf import BASE_DIR
from demo_project.experiments import DAYS, NAME, replay
from demo_project.management.commands import demo as module
from demo_project.models import Order, Submission
from temp_redirects.models import RedirectRule
from temp_redirects.results import results
from tests.running_demo import environment
from tests.serving import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings, tmp_path):
    settings.ROOT_URLCONF = "demo_project.urls"
    settings.MEDIA_ROOT = tmp_path
    settings.DEBUG = True
    settings.DEMO = {"folder": tmp_path, "partner_origin": "http://localhost:8001"}
    settings.TEMPLATES = [
        settings.TEMPLATES[0]
        | {
            "DIRS": [BASE_DIR / "templates"],
            "OPTIONS": {
                "context_processors": [
                    *settings.TEMPLATES[0]["OPTIONS"]["context_processors"],
                    "demo_project.context_processors.demo",
                ]
            },
        }
    ]


@pytest.fixture
def partner(settings):
    settings.ROOT_URLCONF = "demo_project.partner_urls"
    settings.DEMO = settings.DEMO | {"key": "partner", "name": "Partner Shop"}


FORM = {"name": "Ada", "email": "ada@example.com", "product": "enamel-kettle"}
AS_JSON = {"HTTP_ACCEPT": "application/json"}

PAGES = {
    "/": "Things for a",
    "/products/": "Six things",
    "/products/enamel-kettle/": "Enamel kettle",
    "/pricing/": "What stands here is what you pay",
    "/blog/": "Journal",
    "/blog/first-frost/": "What to cook at first frost",
    "/news/": "are here, under",
    "/news/first-frost/": "are here, under",
    "/checkout/": "Checkout",
    "/checkout/?product=oak-board": '<option value="oak-board" selected>',
    "/orders/": "No order yet",
    "/account/": "Received as GET by http",
    "/for/country/": "The page for everybody else",
    "/for/country/them/": "The page for them",
    "/for/preference/": "Stay on this version",
    "/api/v1/submit": '"version": 1',
    "/catalogue.json": '"server": "Juniper"',
}


@pytest.mark.parametrize("path", PAGES)
def test_each_page_answers_for_itself_while_no_rule_is_live(client, path):
    response = client.get(path)

    assert response.status_code == 200
    assert PAGES[path] in response.content.decode()


@pytest.mark.parametrize("path", ["/products/x/", "/blog/x/", "/news/x/", "/for/x/"])
def test_what_is_not_sold_or_written_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_an_order_is_stored_with_its_file_and_confirmed(client):
    file = SimpleUploadedFile("a.txt", b"Engrave: Ada")

    page = client.post("/checkout/", FORM | {"file": file}).content.decode()

    order = Order.objects.get()
    assert order.file.read() == b"Engrave: Ada"
    order.file.close()
    assert sha256(b"Engrave: Ada").hexdigest() in page
    assert f"<b>{order.number}</b>" in page
    assert str(order) == f"Order {order.number}"
    assert order.number in client.get("/orders/").content.decode()


def test_an_order_is_stored_without_a_file(client):
    page = client.post("/checkout/", FORM).content.decode()

    assert "none attached" in page


def test_a_form_sent_twice_is_one_order(client):
    form = FORM | {"key": str(uuid4())}

    for _ in range(2):
        client.post("/checkout/", form)

    assert Order.objects.count() == 1


def test_a_form_with_mistakes_is_shown_again_and_stores_nothing(client):
    page = client.post("/checkout/", FORM | {"email": "ada"}).content.decode()
    refused = client.post("/checkout/", {}, **AS_JSON)

    assert "not stored yet" in page
    assert refused.status_code == 400
    assert set(refused.json()["errors"]) == {"name", "email", "product"}
    assert not Order.objects.exists()


def test_a_file_that_is_too_large_is_refused(client, monkeypatch):
    monkeypatch.setattr(forms, "MAX_FILE", 3)
    file = SimpleUploadedFile("a.txt", b"four")

    page = client.post("/checkout/", FORM | {"file": file}).content.decode()

    assert "“a.txt” has 4" in page


def test_programs_are_told_in_json(client):
    told = client.post("/checkout/", FORM, **AS_JSON).json()

    assert (told["server"], told["product"]) == ("Juniper", "enamel-kettle")


def test_a_product_that_is_no_longer_sold_keeps_its_slug():
    assert Order(product="gone").product_name == "gone"


def test_the_partner_takes_a_form_of_another_origin_without_a_token(client, partner):
    client.handler.enforce_csrf_checks = True

    response = client.post("/checkout/", FORM, HTTP_ORIGIN="null")

    assert response.status_code == 200
    assert "<code>null</code>" in response.content.decode()
    assert "1 order arrived" in client.get("/").content.decode()


def test_the_shop_itself_wants_its_token(client):
    client.handler.enforce_csrf_checks = True

    assert client.post("/checkout/", FORM).status_code == 403


BODIES = {
    "short text is kept": (b'{"sku": 1}', '{"sku": 1}'),
    "what is long is hashed only": (b"x" * 2001, ""),
    "what is no text is hashed only": (b"\xff", ""),
    "what PostgreSQL cannot store is hashed only": (b"\0", ""),
}


@pytest.mark.parametrize(("body", "text"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_api_says_what_arrived(client, method, body, text):
    response = client.generic(method, "/api/v2/submit", body)

    assert response.status_code == 201
    assert response.json() == {
        "server": "Juniper",
        "version": 2,
        "method": method,
        "size": len(body),
        "content_type": "application/octet-stream",
        "sha256": sha256(body).hexdigest(),
    }
    stored = Submission.objects.get()
    assert (stored.text, str(stored)) == (text, f"{method} /api/v2/submit")
    assert "By the API" in client.get("/orders/").content.decode()


def test_the_account_says_what_a_form_brought(client):
    page = client.post("/account/", {"letter": "weekly"}).content.decode()
    empty = client.post("/account/").content.decode()

    assert "<dt>letter</dt><dd>weekly</dd>" in page
    assert "<dd>empty</dd>" in empty


def test_the_data_are_set_up_and_harmless_to_set_up_again(capsys):
    for _ in range(2):
        call_command("demo_data")

    assert "Juniper: store ready, 20 rules." in capsys.readouterr().out
    states = sorted(rule.state() for rule in RedirectRule.objects.all())
    assert states == ["ended", *["live"] * 18, "scheduled"]
    assert {user.username for user in User.objects.all()} == set(PASSWORDS)


def test_the_experiment_is_replayed_once_and_then_goes_on():
    """A month of visitors, decided about and counted as requests would be."""
    now = timezone.now()
    call_command("demo_data")
    found = results(RedirectRule.objects.get(name=NAME), now=now.timestamp())

    assert 3_500 < found.evidence.visitors < 5_500
    assert len(found.days) > DAYS - 2
    assert str(found.headline) == "“Warm kitchen” is better."
    assert replay(now) == 0
    assert replay(now + timedelta(hours=12)) > 0


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/gift-box/new/", "A warm kitchen, in one box"),
        ("/gift-box/ordered/", "Thank you"),
        ("/gift-box/", "The gift box"),
    ],
)
def test_the_pages_of_the_experiment(client, path, says):
    assert says in client.get(path).content.decode()


def test_the_new_page_names_the_original_one_to_search_engines(client):
    canonical = '<link rel="canonical" href="http://testserver/gift-box/">'
    assert canonical in client.get("/gift-box/new/").content.decode()
    assert "canonical" not in client.get("/gift-box/").content.decode()


def test_the_editor_changes_rules_and_the_viewer_sees_them():
    call_command("demo_data")
    editor, viewer = (User.objects.get(username=name) for name in ("editor", "viewer"))

    assert editor.has_perm("temp_redirects.change_redirectrule")
    assert not editor.has_perm("temp_redirects.delete_redirectrule")
    assert viewer.has_perm("temp_redirects.view_redirectrule")
    assert not viewer.has_perm("temp_redirects.change_redirectrule")


def test_the_data_are_refused_where_debug_is_off(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG is off"):
        call_command("demo_data")


def test_the_home_page_tells_what_became_of_each_rule(client):
    call_command("demo_data")
    RedirectRule.objects.filter(name="api-moved").end()
    RedirectRule.objects.filter(name="journal-moved").delete()
    RedirectRule.objects.filter(name="account-https").pause()
    RedirectRule.objects.filter(name="checkout-elsewhere").update(ends_at=None)

    page = client.get("/").content.decode()

    for words in ("Ended", "Removed", "Paused", "Live, without an end"):
        assert words in page


def test_orders_and_submissions_are_only_looked_at_in_the_admin(admin_client):
    Order.objects.create(name="Ada", email="ada@example.com", product="oak-board")
    Submission.objects.create(version=1, method="PUT", size=1, sha256="0")

    for model in ("order", "submission"):
        assert admin_client.get(f"/admin/demo_project/{model}/").status_code == 200
        assert admin_client.get(f"/admin/demo_project/{model}/add/").status_code == 403
    order = Order.objects.get()
    page = admin_client.get(f"/admin/demo_project/order/{order.pk}/change/")
    assert "Oak board" in page.content.decode()


def test_a_rule_takes_a_page_away_and_gives_it_back(client):
    call_command("demo_data")
    assert client.get("/blog/first-frost/").status_code == 307

    RedirectRule.objects.end(timezone.now() - timedelta(seconds=1))

    assert client.get("/blog/first-frost/").status_code == 200


def test_a_demo_that_finds_no_two_ports_says_so(monkeypatch):
    monkeypatch.setattr(servers, "is_free", lambda port: False)

    with pytest.raises(CommandError, match="no port from 65534 on is free"):
        call_command("demo", "--port", "65534", "--no-run")


def test_a_port_that_is_bound_but_not_listened_on_is_not_free():
    with closing(socket.socket()) as holder:
        holder.bind((servers.HOST, 0))
        assert not servers.is_free(holder.getsockname()[1])


def test_a_free_port_is_free_on_windows_too(monkeypatch):
    monkeypatch.setattr(servers, "os", SimpleNamespace(name="nt"))

    assert servers.is_free(free_port())


def script(tmp_path, text):
    """Write what stands in for ``manage.py``."""
    file = tmp_path / "manage.py"
    file.write_text(text)
    return file


def sites():
    port = servers.next_free(20_000)
    return [servers.Site(name="Juniper", settings="none", port=port)]


def test_a_server_that_ends_by_itself_ends_the_demo(tmp_path):
    manage = script(tmp_path, "raise SystemExit(3)")

    with (
        pytest.raises(servers.ServerStoppedError, match=r"ended by itself .*code 3"),
        servers.Servers(sites(), manage, os.environ) as running,
    ):
        running.watch(servers.Stop())


def test_a_server_that_never_answers_ends_the_demo(tmp_path, monkeypatch):
    monkeypatch.setattr(servers, "PATIENCE", 0.2)
    manage = script(tmp_path, "import time; time.sleep(60)")

    with (
        pytest.raises(servers.ServerStoppedError, match="does not answer"),
        servers.Servers(sites(), manage, os.environ) as running,
    ):
        running.wait_until_ready(servers.Stop())


def test_a_server_that_does_not_stop_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(servers, "FAREWELL", 0.1)
    text = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1)"
    manage = script(tmp_path, f"{text}; time.sleep(60)")
    command = [sys.executable, "-u", str(manage)]

    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.terminate()
        servers.end(process)

        assert process.returncode == -signal.SIGKILL


def test_the_demo_says_which_server_ended(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(module, "set_up", lambda site, env: None)
    monkeypatch.setattr(module, "MANAGE", script(tmp_path, "raise SystemExit(3)"))

    with pytest.raises(CommandError, match="ended by itself"):
        call_command("demo", "--port", "20100")


def test_the_demo_asked_to_stop_while_it_starts_stops(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(module, "set_up", lambda site, env: None)
    monkeypatch.setattr(
        module, "MANAGE", script(tmp_path, "import time; time.sleep(9)")
    )
    monkeypatch.setattr(servers.Servers, "wait_until_ready", lambda _, stop: stop.ask())

    call_command("demo", "--port", "20200")

    printed = capsys.readouterr().out
    assert "Stopped both servers." in printed
    assert "Running." not in printed


def test_the_demo_says_which_site_could_not_be_set_up(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MANAGE", script(tmp_path, "raise SystemExit(1)"))

    with pytest.raises(CommandError, match="Juniper could not be set up"):
        call_command("demo", "--no-run")


@pytest.mark.process
@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
def test_other_servers_find_the_demo(tmp_path, kind):
    code = f"from demo_project.{kind} import application; assert application"

    subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=BASE_DIR,
        env=environment(tmp_path),
        check=True,
    )
