import pytest

from temp_redirects.core.documents import (
    WINDOW_KEYS,
    Rejected,
    dump_window,
    parse_window,
)
from tests.core.making import ONCE, SITE

WHOLE = {
    "id": "0d3e0000-0000-4000-8000-000000000001",
    "name": "shop-update",
    "enabled": False,
    "title": "The shop is being updated",
    "message": "Two lines,\nfor visitors.",
    "schedule": {
        "starts_at": "2026-12-01T02:00:00+01:00",
        "ends_at": None,
        "timezone": "Europe/Berlin",
        **ONCE,
    },
    "paths": ["/shop/", "/caf%25é"],
    "except_paths": ["/shop/help"],
    "hosts": ["*.shop.example"],
    "target": "/closed/{rest}",
    "staff_pass": False,
    "pass_addresses": ["10.0.0.0/8"],
    "api": "503",
    "priority": -3,
}
SHORT = {"name": "shop", "paths": ["/shop/"]}


def test_a_whole_document_is_written_as_it_was_read():
    assert [*WHOLE] == [*WINDOW_KEYS]
    assert dump_window(parse_window(WHOLE, SITE)) == WHOLE


def test_a_short_document_has_the_defaults():
    written = dump_window(parse_window(SHORT, SITE, "Europe/Berlin"))
    schedule = {"starts_at": None, "ends_at": None, "timezone": "Europe/Berlin"}
    assert written == {**WINDOW_KEYS, **SHORT, "schedule": schedule | ONCE}


@pytest.mark.parametrize(
    ("keys", "places"),
    [
        pytest.param({"name": " "}, ["name"], id="a blank name"),
        pytest.param({"paths": []}, ["paths"], id="no path"),
        pytest.param({"paths": ["/a", "b"]}, ["paths[1]"], id="one that is no path"),
        pytest.param({"paths": [1, "/a"]}, ["paths[0]"], id="a number"),
        pytest.param({"except_paths": ["b"]}, ["except_paths[0]"], id="no exception"),
        pytest.param({"hosts": ["a b"]}, ["hosts"], id="no host"),
        pytest.param({"target": "//x"}, ["target"], id="an unsafe target"),
        pytest.param({"target": "/{year}"}, ["target"], id="no such placeholder"),
        pytest.param({"pass_addresses": ["x"]}, ["pass_addresses"], id="no network"),
        pytest.param({"api": "404"}, ["api"], id="another answer"),
        pytest.param({"priority": 2_000_000}, ["priority"], id="too high"),
        pytest.param({"titel": "x"}, ["titel"], id="an unknown key"),
        pytest.param({"schedule": {"ends_at": "x"}}, ["schedule.ends_at"], id="when"),
        pytest.param({"name": "", "api": "x"}, ["name", "api"], id="all at once"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(keys, places):
    with pytest.raises(Rejected) as rejected:
        parse_window({**SHORT, **keys}, SITE)
    assert [at for at, _ in rejected.value.problems] == places


@pytest.mark.parametrize("given", [[], None, "x"])
def test_what_is_no_object_is_rejected(given):
    with pytest.raises(Rejected, match="must be an object with keys"):
        parse_window(given, SITE)
