"""Who may do what in the admin: every address and every action there is.

The addresses are those of the URLconf and the actions those of the lists, so that a new
one fails here until it is said who may use it.
"""

import re
from datetime import timedelta
from itertools import product

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from temp_redirects.models import (
    Batch,
    KillSwitch,
    MaintenanceWindow,
    RedirectRule,
    Revision,
    Upload,
)

pytestmark = [pytest.mark.django_db, pytest.mark.long]
HOUR = timedelta(hours=1)


def any_of(*permissions):
    return [{each} for each in permissions]


RULE, WINDOW = ("view_redirectrule", "change_redirectrule"), ("view_maintenancewindow",)
WINDOW += ("change_maintenancewindow",)
NOBODY: list[set[str]] = []
ANYBODY: list[set[str]] = [set()]
SEES_ANYTHING = any_of(*RULE, *WINDOW, "kill_switch")
CHANGES_RULE, CHANGES_WINDOW = {"change_redirectrule"}, {"change_maintenancewindow"}
IMPORTS = [{"add_redirectrule", "change_redirectrule"}]
BOTH, GET, POST = ("get", "post"), ("get",), ("post",)
ANYTHING = any_of(
    *(
        get_permission_codename(action, model._meta)
        for model in apps.get_app_config("temp_redirects").get_models()
        for action in model._meta.default_permissions
    ),
    *("publish", "kill_switch"),
)

# Each of these sets of permissions lets in, and by these methods alone.
TAKES = {
    "batch_add": (NOBODY, BOTH),
    "batch_back": (SEES_ANYTHING, BOTH),
    "batch_change": (SEES_ANYTHING, GET),
    "batch_changelist": (SEES_ANYTHING, BOTH),
    "batch_delete": (NOBODY, BOTH),
    "batch_history": (SEES_ANYTHING, GET),
    "batch_undo": (SEES_ANYTHING, BOTH),
    "batch_undo_one": (any_of(*RULE), BOTH),
    "killswitch_changelist": (SEES_ANYTHING, GET),
    "killswitch_on": (any_of("kill_switch"), POST),
    "maintenancewindow_add": ([{"add_maintenancewindow"}], BOTH),
    "maintenancewindow_cancel": ([CHANGES_WINDOW], BOTH),
    "maintenancewindow_change": (any_of(*WINDOW), GET),
    "maintenancewindow_changelist": (any_of(*WINDOW), BOTH),
    "maintenancewindow_delete": ([{"delete_maintenancewindow"}], BOTH),
    "maintenancewindow_duplicate": (
        [{"add_maintenancewindow", each} for each in WINDOW],
        BOTH,
    ),
    "maintenancewindow_end": ([CHANGES_WINDOW], BOTH),
    "maintenancewindow_extend": ([CHANGES_WINDOW | {"publish"}], BOTH),
    "maintenancewindow_extend_hour": ([CHANGES_WINDOW | {"publish"}], BOTH),
    "maintenancewindow_history": (any_of(*WINDOW), GET),
    "maintenancewindow_link": ([CHANGES_WINDOW], BOTH),
    "maintenancewindow_resume": ([CHANGES_WINDOW | {"publish"}], BOTH),
    "maintenancewindow_revoke": ([CHANGES_WINDOW], BOTH),
    "maintenancewindow_skip": ([CHANGES_WINDOW], BOTH),
    "maintenancewindow_span": (ANYTHING, GET),  # it says what typed times mean
    "maintenancewindow_start": ([CHANGES_WINDOW | {"publish"}], BOTH),
    "redirectrule_add": ([{"add_redirectrule"}], BOTH),
    "redirectrule_apply": (IMPORTS, POST),
    "redirectrule_calendar": (any_of(*RULE, *WINDOW), GET),
    "redirectrule_cancel": (ANYBODY, POST),  # of what is their own
    "redirectrule_change": (any_of(*RULE), GET),
    "redirectrule_changelist": (any_of(*RULE), BOTH),
    "redirectrule_delete": ([{"delete_redirectrule"}], BOTH),
    "redirectrule_duplicate": ([{"add_redirectrule", each} for each in RULE], BOTH),
    "redirectrule_end": ([CHANGES_RULE], BOTH),
    "redirectrule_export_csv": (any_of(*RULE), GET),
    "redirectrule_export_json": (any_of(*RULE), GET),
    "redirectrule_history": (any_of(*RULE), GET),
    "redirectrule_import": (IMPORTS, BOTH),
    "redirectrule_pause": ([CHANGES_RULE], BOTH),
    "redirectrule_problems": (IMPORTS, GET),
    "redirectrule_results": (any_of(*RULE), GET),
    "redirectrule_results_csv": (any_of(*RULE), GET),
    "redirectrule_results_plan": ([CHANGES_RULE | {"publish"}], POST),
    "redirectrule_results_use": ([CHANGES_RULE | {"publish"}], POST),
    "redirectrule_resume": ([CHANGES_RULE | {"publish"}], BOTH),
    "redirectrule_skip": ([CHANGES_RULE], BOTH),
    "redirectrule_test": (any_of(*RULE), BOTH),
    "redirectrule_template": (IMPORTS, GET),
    "redirectrule_upload": (IMPORTS, GET),
}
ASKED = [(name, method) for name, (_, methods) in TAKES.items() for method in methods]
APP = "temp_redirects/"


def addresses():
    """Return the pattern of every address that the app has in the admin, by name."""
    _, patterns = get_resolver().namespace_dict["admin"]
    return {
        str(inner.name).removeprefix(
            "temp_redirects_"
        ): f"{outer.pattern}{inner.pattern}"
        for outer in patterns.url_patterns
        if str(outer.pattern).startswith(APP)
        for inner in outer.url_patterns
    }


def test_of_every_address_it_is_said_who_may_use_it():
    assert {*addresses()} == {*TAKES, "None"}  # Django's own, which leads to “change”


@pytest.fixture
def user(django_user_model):
    return django_user_model.objects.create_user("ada", is_staff=True)


@pytest.fixture
def address(user):
    """Return the address of a name, about what there is."""
    rule = RedirectRule.objects.schedule(
        "/a", [{"target": "/b", "percentage": 50}], name="rule"
    )
    window = MaintenanceWindow.objects.schedule("window", ["/w/"])
    KillSwitch.objects.pull()
    upload = Upload(owner=str(user.pk), name="a.json", format="json", kinds="rule")
    upload.text = '{"format": "temp-redirects/1", "rules": []}'
    upload.save()
    revision = Revision.objects.get(object_id=rule.pk)
    rows = {
        "batch": revision.batch_id,
        "killswitch": KillSwitch.objects.get().pk,
        "maintenancewindow": window.pk,
        "redirectrule": rule.pk,
    }
    facts = {"batch": revision.batch_id, "revision": revision.pk}

    def found(name):
        model = name.partition("_")[0]
        pk = upload.pk if model == "redirectrule" else rows[model]
        known = {**facts, "pk": pk, "object_id": rows[model]}
        pattern = addresses()[name]
        return "/admin/" + re.sub(r"<\w+:(\w+)>", lambda m: str(known[m[1]]), pattern)

    return found


def permit(user, codenames):
    """Let the user do that and nothing else."""
    found = Permission.objects.filter(codename__in=codenames)
    assert len(found) == len(codenames)
    user.user_permissions.set(found)


def stored():
    """Return what is live and what became of it."""
    rows = [*RedirectRule.objects.all(), *MaintenanceWindow.objects.all()]
    return (
        [row.to_document() for row in rows],
        KillSwitch.objects.count(),
        Batch.objects.count(),
    )


@pytest.mark.parametrize(("name", "method"), ASKED)
def test_who_is_not_signed_in_is_led_to_the_login(client, address, name, method):
    before = stored()

    response = getattr(client, method)(address(name))

    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/?")
    assert stored() == before


def lacking(ways):
    """Yield sets of permissions of which each spoils all ways, one from each."""
    yield from ({*spoiled} for spoiled in product(*ways))


@pytest.mark.parametrize(("name", "method"), ASKED)
def test_who_may_all_the_rest_is_refused(client, user, address, name, method):
    everything = Permission.objects.filter(content_type__app_label="temp_redirects")
    client.force_login(user)
    before = stored()

    for lacked in lacking(TAKES[name][0]):
        user.user_permissions.set(everything.exclude(codename__in=lacked))
        response = getattr(client, method)(address(name))

        is_elsewhere = response.headers.get("Location") == "/admin/"
        assert is_elsewhere or response.status_code in (403, 404), lacked
    assert stored() == before


@pytest.mark.parametrize(("name", "method"), ASKED)
def test_who_may_that_alone_is_let_in(client, user, address, name, method):
    client.force_login(user)

    for way in TAKES[name][0]:
        permit(user, way)
        with transaction.atomic():
            response = getattr(client, method)(address(name))
            transaction.set_rollback(True)

        assert response.status_code < 400, way


@pytest.mark.parametrize("name", TAKES)
def test_nothing_but_a_post_changes_anything(admin_client, address, name):
    before = stored()

    for method in ("get", "head", "options", "put", "patch", "delete"):
        getattr(admin_client, method)(address(name))

        assert stored() == before, method


@pytest.mark.parametrize("name", TAKES)
def test_a_post_from_another_site_is_refused(admin_user, address, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    before = stored()

    response = client.post(address(name))

    assert response.status_code == 403
    assert stored() == before


# What each action of the lists takes, beside the permission to see the list.
ACTIONS = {
    RedirectRule: {
        "delete_selected": {"delete_redirectrule"},
        "duplicate": {"add_redirectrule"},
        "end": CHANGES_RULE,
        "export_csv": set(),
        "export_json": set(),
        "pause": CHANGES_RULE,
        "resume": CHANGES_RULE | {"publish"},
        "skip": CHANGES_RULE,
    },
    MaintenanceWindow: {
        "cancel": CHANGES_WINDOW,
        "delete_selected": {"delete_maintenancewindow"},
        "duplicate": {"add_maintenancewindow"},
        "end": CHANGES_WINDOW,
        "export_json": set(),
        "extend": CHANGES_WINDOW | {"publish"},
        "extend_hour": CHANGES_WINDOW | {"publish"},
        "resume": CHANGES_WINDOW | {"publish"},
        "skip": CHANGES_WINDOW,
        "start": CHANGES_WINDOW | {"publish"},
    },
}
ACTS = [
    pytest.param(model, action, id=f"{action} {model._meta.verbose_name}s")
    for model, actions in ACTIONS.items()
    for action in actions
]


def test_of_every_action_it_is_said_who_may_do_it(rf, admin_user):
    request = rf.get("/")
    request.user = admin_user
    found = {
        model: admin.site._registry[model].get_actions(request) for model in ACTIONS
    }
    assert {model: {*actions} for model, actions in found.items()} == {
        model: {*actions} for model, actions in ACTIONS.items()
    }


@pytest.fixture
def selected():
    """Rules and windows in every state that an action asks for."""
    now = timezone.now()
    coming = {"starts_at": now + HOUR, "ends_at": now + 2 * HOUR}
    rules = RedirectRule.objects
    rules.schedule("/on", "/b", name="on", ends_at=now + HOUR)
    rules.schedule("/off", "/b", name="off", enabled=False)
    rules.schedule("/again", "/b", name="again", repeat="FREQ=DAILY", **coming)
    windows = MaintenanceWindow.objects
    windows.schedule("present", ["/present/"], ends_at=now + HOUR)
    windows.schedule("coming", ["/coming/"], repeat="FREQ=DAILY", **coming)
    windows.schedule("idle", ["/idle/"], **coming)
    windows.filter(name="idle").update(enabled=False)


def act(client, model, action):
    """Post an action for every row there is, whatever the list offers."""
    url = reverse(f"admin:temp_redirects_{model._meta.model_name}_changelist")
    rows = [str(pk) for pk in model.objects.values_list("pk", flat=True)]
    posted = {"action": action, "index": "0", "_selected_action": rows, "post": "yes"}
    return client.post(url, posted)


@pytest.mark.parametrize(("model", "action"), ACTS)
def test_an_action_is_not_done_for_who_may_all_the_rest(
    client, user, selected, model, action
):
    everything = Permission.objects.filter(content_type__app_label="temp_redirects")
    client.force_login(user)
    before = stored()

    for lacked in ACTIONS[model][action]:
        user.user_permissions.set(everything.exclude(codename=lacked))
        act(client, model, action)

        assert stored() == before, lacked


@pytest.mark.parametrize(("model", "action"), ACTS)
def test_an_action_is_done_for_who_may_see_and_do_that(
    client, user, selected, model, action
):
    takes = ACTIONS[model][action]
    permit(user, {f"view_{model._meta.model_name}"} | takes)
    client.force_login(user)
    before = stored()

    response = act(client, model, action)

    assert response.status_code < 400
    assert (stored() != before) is bool(takes)  # an export changes nothing
