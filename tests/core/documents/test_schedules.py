import pytest

from temp_redirects.core.documents import SCHEDULE_KEYS, dump, parse
from temp_redirects.core.schedules import parse_moment
from tests.core.documents.cases import read
from tests.core.making import SITE, document, make_rule, window


def test_a_document_without_a_zone_is_in_the_sites():
    schedule = {"starts_at": "2026-12-01T02:00:00"}
    rule = parse(document(schedule=schedule), SITE, "Europe/Berlin")
    assert rule.schedule.timezone == "Europe/Berlin"
    assert rule.schedule.starts == parse_moment("2026-12-01T01:00", "UTC")
    assert make_rule().schedule.timezone == "UTC"


@pytest.mark.parametrize(
    ("given_document", "places"),
    [
        pytest.param(document(schedule=None), ["schedule"], id="no schedule"),
        pytest.param(document(schedule=[]), ["schedule"], id="a list for a schedule"),
        pytest.param(
            document(schedule=window("now", None)), ["schedule.starts_at"], id="no time"
        ),
        pytest.param(
            document(schedule=window(20261201, None)),
            ["schedule.starts_at"],
            id="a number that reads as a day",
        ),
        pytest.param(
            document(schedule=window("2026-01-02", "2026-01-01")),
            ["schedule.ends_at"],
            id="the end before the start",
        ),
        pytest.param(
            document(schedule=window("x", "y", "Mars/Base")),
            ["schedule.timezone"],
            id="no such zone: times cannot be read",
        ),
        pytest.param(
            document(schedule=window("x", "y")),
            ["schedule.starts_at", "schedule.ends_at"],
            id="both times",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(given_document, places):
    rule, problems = read(given_document)
    assert rule is None
    assert [at for at, _ in problems] == places


def test_a_schedule_is_written_with_every_key_and_wall_times_in_its_zone():
    schedule = window("2026-07-01T12:00", None, "Europe/Berlin")
    written = dump(make_rule(schedule=schedule))["schedule"]
    assert written == {
        "starts_at": "2026-07-01T12:00:00+02:00",
        "ends_at": None,
        "timezone": "Europe/Berlin",
    }
    assert [*written] == [*SCHEDULE_KEYS]
