"""Who is signed in: fetched where it is needed, bounded, and unknown where it fails."""

import asyncio
import os
import threading
from time import monotonic

import pytest
from asgiref.sync import ThreadSensitiveContext, async_to_sync, sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from django.utils.functional import SimpleLazyObject

from temp_redirects import people as module
from temp_redirects.core.people import ANONYMOUS, Person
from temp_redirects.people import listen, people

USER = frozenset({"user"})
ALL = frozenset({"user", "groups", "permissions"})
hanging = threading.Event()
asking = threading.Event()


class Slow(ModelBackend):
    """A backend that asks its database in a thread, as all of Django's do."""

    async def aget_user(self, user_id):
        return await sync_to_async(self.get_user)(user_id)


class Broken(Slow):
    """A backend whose database is away."""

    def get_user(self, user_id):
        raise RuntimeError("the database is away")


class Hanging(Slow):
    """A backend whose database does not answer."""

    asked = 0

    def get_user(self, user_id):
        Hanging.asked += 1
        asking.set()
        hanging.wait(10)
        return super().get_user(user_id)


@pytest.fixture(autouse=True)
def _fresh():
    people.forget()
    hanging.clear()
    asking.clear()
    Hanging.asked = 0
    yield
    hanging.set()
    for thread in threading.enumerate():
        if thread.name == "temp_redirects-user":
            thread.join(5)
    people.forget()


@pytest.fixture
def user(db):
    user = get_user_model().objects.create_user("ada", is_staff=True)
    user.groups.add(Group.objects.create(name="Editors"))
    user.user_permissions.add(Permission.objects.get(codename="view_user"))
    return user


def signed_in(client, user, settings, backend="Model"):
    """Return a request as it comes after AuthenticationMiddleware."""
    path = f"tests.test_people.{backend}"
    if backend == "Model":
        path = "django.contrib.auth.backends.ModelBackend"
    settings.AUTHENTICATION_BACKENDS = [path]
    client.force_login(user, backend=path)

    def make(factory=RequestFactory):
        request = factory().get("/")
        request.COOKIES.update(
            {key: each.value for key, each in client.cookies.items()}
        )
        SessionMiddleware(HttpResponse).process_request(request)
        AuthenticationMiddleware(HttpResponse).process_request(request)
        return request

    return make


def on_a_server(asked):
    """Run what a request asks as an ASGI server does."""

    async def run():
        async with ThreadSensitiveContext():
            return await asked()

    return asyncio.run(run())


class Inline:
    """The two doors, in somebody's test."""

    @staticmethod
    def sync(make, needs):
        return people.person(make(), needs)

    @staticmethod
    def asyn(make, needs):
        async def asked():
            return await people.aperson(make(AsyncRequestFactory), needs)

        return async_to_sync(asked)()


def asgi(make, needs):
    return on_a_server(lambda: people.aperson(make(AsyncRequestFactory), needs))


both = pytest.mark.parametrize("fetch", [Inline.sync, Inline.asyn])
served = pytest.mark.parametrize("fetch", [Inline.sync, asgi])
with_threads = pytest.mark.django_db(transaction=True)


@both
def test_a_test_sees_its_own_users(client, user, settings, fetch):
    make = signed_in(client, user, settings)

    assert fetch(make, USER) == Person(id=str(user.pk), is_staff=True)
    assert fetch(make, ALL) == Person(
        id=str(user.pk),
        is_staff=True,
        groups=frozenset({"Editors"}),
        permissions=frozenset({"auth.view_user"}),
    )


@served
@with_threads
def test_a_server_fetches_in_a_thread_of_its_own(
    client, user, settings, fetch, monkeypatch
):
    monkeypatch.setattr("temp_redirects.people.PATIENCE", 60)  # not the claim
    make = signed_in(client, user, settings)

    assert fetch(make, ALL).groups == {"Editors"}


@both
@pytest.mark.django_db
def test_who_is_not_signed_in_is_known_to_be_nobody(settings, fetch):
    def make(factory=RequestFactory):
        request = factory().get("/")
        SessionMiddleware(HttpResponse).process_request(request)
        AuthenticationMiddleware(HttpResponse).process_request(request)
        return request

    assert fetch(make, ALL) == ANONYMOUS


@both
def test_without_authentication_nobody_is_known(fetch):
    def make(factory=RequestFactory):
        return factory().get("/")

    assert fetch(make, USER) is None


def test_a_user_who_is_known_already_is_not_fetched_again(
    client, user, settings, django_assert_num_queries
):
    request = signed_in(client, user, settings)()
    assert request.user.is_authenticated

    with django_assert_num_queries(0):
        assert people.person(request, USER).is_staff


def test_a_user_of_another_middleware_may_be_plain():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    assert people.person(request, ALL) == ANONYMOUS


class Bare:
    """A project's own user: no groups, no staff."""

    pk = 7
    is_authenticated = True

    def get_all_permissions(self):
        return {"shop.buy"}


@pytest.mark.django_db
def test_a_projects_own_user_may_lack_what_djangos_has():
    request = RequestFactory().get("/")
    request.user = SimpleLazyObject(Bare)

    assert people.person(request, ALL) == Person(
        id="7", groups=frozenset(), permissions=frozenset({"shop.buy"})
    )


@served
@with_threads
def test_a_failure_is_unknown_told_once_and_not_tried_again_for_a_while(
    client, user, settings, fetch, caplog, monkeypatch
):
    monkeypatch.setattr("temp_redirects.people.PATIENCE", 60)  # not the claim
    make = signed_in(client, user, settings, "Broken")

    assert fetch(make, USER) is None
    assert fetch(make, USER) is None
    assert len(caplog.records) == 1
    assert "the database is away" in caplog.text

    make = signed_in(client, user, settings)
    assert fetch(make, USER) is None
    people.resumes = monotonic()
    assert fetch(make, USER).is_staff


@served
@with_threads
def test_a_database_that_hangs_costs_one_request_its_patience(
    client, user, settings, fetch, caplog
):
    make = signed_in(client, user, settings, "Hanging")

    assert fetch(make, USER) is None
    assert "no answer within 0.5 s" in caplog.text

    assert fetch(make, USER) is None
    assert (Hanging.asked, len(caplog.records)) == (1, 1)


@with_threads
def test_the_event_loop_goes_on_while_a_database_hangs(client, user, settings):
    make = signed_in(client, user, settings, "Hanging")
    beats = 0

    async def asked():
        nonlocal beats
        fetching = asyncio.ensure_future(
            people.aperson(make(AsyncRequestFactory), USER)
        )
        while not fetching.done():
            beats += 1
            await asyncio.sleep(0.005)
        return fetching.result()

    assert on_a_server(asked) is None
    assert beats > 1  # blocked it would be one


@with_threads
def test_what_fails_after_nobody_waits_any_more_is_no_noise(
    client, user, settings, caplog, recwarn
):
    make = signed_in(client, user, settings, "Broken")

    async def asked():
        fetching = asyncio.ensure_future(
            people.aperson(make(AsyncRequestFactory), USER)
        )
        await asyncio.sleep(0)
        fetching.cancel()  # the client went away
        await asyncio.sleep(0.3)

    on_a_server(asked)

    assert caplog.text == ""


@with_threads
def test_requests_that_wait_together_tell_it_once(client, user, settings, caplog):
    make = signed_in(client, user, settings, "Hanging")
    waiting = [
        threading.Thread(target=people.person, args=(make(), USER)) for _ in range(3)
    ]

    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()

    assert len(caplog.records) == 1


@with_threads
@pytest.mark.parametrize("fetch", [Inline.sync, asgi])
def test_no_more_than_so_many_are_fetched_at_a_time(
    client, user, settings, monkeypatch, fetch
):
    monkeypatch.setattr(module, "MAX_AT_ONCE", 1)
    people.forget()
    make = signed_in(client, user, settings, "Hanging")

    assert fetch(make, USER) is None
    people.resumes = 0.0
    assert fetch(make, USER) is None
    assert asking.wait(5)
    assert Hanging.asked == 1  # the thread still hangs, though nobody waits for it

    hanging.set()
    assert people._free.acquire(timeout=5)
    people._free.release()
    assert fetch(make, USER).is_staff


def no_thread(*args):
    raise RuntimeError("can't start new thread")


@served
@with_threads
def test_a_system_that_gives_no_more_threads_takes_no_place_away(
    client, user, settings, monkeypatch, fetch, caplog
):
    monkeypatch.setattr(module, "MAX_AT_ONCE", 1)
    people.forget()
    make = signed_in(client, user, settings)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", no_thread)
        assert fetch(make, USER) is None

    people.resumes = 0.0
    assert "can't start new thread" in caplog.text
    assert fetch(make, USER).is_staff


@with_threads
def test_what_asks_no_thread_leaves_its_place_at_once(
    client, user, settings, monkeypatch
):
    monkeypatch.setattr(module, "MAX_AT_ONCE", 1)
    people.forget()

    async def auser():
        return user

    async def asked():
        request = AsyncRequestFactory().get("/")
        request.auser = auser
        return await people.aperson(request, USER)

    assert on_a_server(asked).is_staff
    assert on_a_server(asked).is_staff


@pytest.mark.parametrize("name", ["user", "_cached_user", "_acached_user"])
def test_during_a_pause_who_is_known_already_is_still_known(name):
    people.resumes = float("inf")
    request = AsyncRequestFactory().get("/")
    request.auser = None
    setattr(request, name, get_user_model()(pk=7, is_staff=True))

    async def asked():
        return await people.aperson(request, USER)

    assert on_a_server(asked) == Person(id="7", is_staff=True)


def test_a_fork_begins_anew():
    listen()
    people.resumes = float("inf")
    pid = os.fork()
    if not pid:
        os._exit(people.resumes != 0.0)  # pragma: no cover (in the child)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_system_without_forks_has_nothing_to_listen_to(monkeypatch):
    monkeypatch.delattr(os, "register_at_fork")

    listen()
