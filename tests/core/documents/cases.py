"""Documents, whole and of any kind, and what is wrong with one."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from temp_redirects.core.conditions import KINDS as CONDITIONS
from temp_redirects.core.documents import (
    MAX_CACHE_SECONDS,
    Rejected,
    parse,
)
from temp_redirects.core.patterns import KINDS as SOURCES
from temp_redirects.core.rules import MAX_PRIORITY, QUERIES, STATUSES, STICKIES
from tests.core.making import SITE, window

HTTP = {"kind": "scheme", "value": "http"}


def read(given_document):
    """Return the rule of a document, or None, and what is wrong with it."""
    try:
        return parse(given_document, SITE), []
    except Rejected as rejected:
        return None, [(at, str(why)) for at, why in rejected.problems]


WHOLE = {
    "id": "0d3e0000-0000-4000-8000-000000000001",
    "name": "pricing-test",
    "enabled": False,
    "priority": -3,
    "match": "prefix",
    "path": "/pricing/%25/%3F%FF/ü",
    "hosts": ["shop.example", "*.shop.example:8000"],
    "methods": ["GET", "POST"],
    "except_paths": ["/pricing/help"],
    "conditions": [HTTP, {"kind": "scheme", "value": "https"}],
    "unless": [HTTP],
    "schedule": {
        "starts_at": "2026-12-01T02:00:00.000001+01:00",
        "ends_at": "2026-12-01T04:00:00+01:00",
        "timezone": "Europe/Berlin",
        "repeat": "FREQ=MONTHLY;BYDAY=1TU",
        "until": "2027-12-31",
        "except": ["2027-01-05"],
        "moved_ends": {"2027-02-02": "2027-02-02T05:00:00+01:00"},
    },
    "sticky": "user",
    "destinations": [
        {
            "id": "b",
            "label": "New page",
            "target": "/pricing-b/{rest}",
            "percentage": 33.33,
        },
        {"id": "c", "label": "", "target": "/pricing-c/", "percentage": None},
    ],
    "goal": "/thanks/",
    "goal_days": 14,
    "planned_visitors": 5_000,
    "status": 303,
    "query": "drop",
    "cache_seconds": 60,
    "note": "Two lines,\nfor colleagues.",
}


segments = st.text(st.sampled_from("ab%25?#\\é€ ;=“{}.\udcff"), max_size=4)
paths = st.lists(segments, min_size=1, max_size=3).map(
    lambda found: "/" + "/".join(each.replace("\udcff", "%FF") for each in found)
)
targets = st.sampled_from(
    [
        *(
            "/new/",
            "/new/{rest}",
            "/new{path}?x=1#y",
            "/café/50%/",
            "https://pay.example",
        ),
        *("https://{host}{path}", "https://Shop.Example:443/{rest}", "/{rest}"),
    ]
)
wall_times = st.none() | st.datetimes().map(lambda at: at.isoformat())
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", ""])
days = st.dates().map(lambda day: day.isoformat())
repeats = st.sampled_from(
    [
        "FREQ=DAILY;INTERVAL=3",
        "freq=weekly;byday=su,mo;wkst=su",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    ]
)


def _repeating(starts, hours, timezone, repeat, until, skipped, moved):
    ends = starts + timedelta(hours=hours)
    return {
        **window(starts.isoformat(), ends.isoformat(), timezone),
        "repeat": repeat,
        "until": until,
        "except": skipped,
        "moved_ends": {day: f"{day}T12:00:00Z" for day in moved},
    }


schedules = st.builds(window, wall_times, wall_times, zones) | st.builds(
    _repeating,
    st.datetimes(max_value=datetime.fromisoformat("9000-01-01")),
    st.integers(1, 24),
    zones,
    repeats,
    st.none() | days,
    st.lists(days, max_size=2),
    st.lists(days, max_size=2),
)
conditions = st.lists(
    st.sampled_from(
        [
            {"kind": kind, "value": example}
            for kind, condition in sorted(CONDITIONS.items())
            for example in condition.examples
        ]
    ),
    max_size=3,
)
texts = st.text(max_size=20)
percentages = st.none() | st.integers(0, 5_000).map(lambda each: each / 100)
rule_documents = st.fixed_dictionaries(
    {
        "name": texts,
        "path": paths,
        "destinations": st.tuples(
            st.fixed_dictionaries(
                {"id": st.text(max_size=5), "label": texts, "target": targets},
                optional={"percentage": percentages},
            )
        ).map(list)
        | st.lists(
            st.fixed_dictionaries({"target": targets, "percentage": percentages}),
            min_size=2,
            max_size=3,
        ),
    },
    optional={
        "id": st.uuids().map(str),
        "enabled": st.booleans(),
        "priority": st.integers(-MAX_PRIORITY, MAX_PRIORITY),
        "match": st.sampled_from(sorted(SOURCES)),
        "hosts": st.lists(
            st.sampled_from(["a.test", "*.B.test", "ä.test:80", "[::1]"]), max_size=2
        ),
        "methods": st.lists(st.sampled_from(["GET", "post", "PURGE"]), max_size=2),
        "except_paths": st.lists(paths, max_size=2),
        "conditions": conditions,
        "unless": conditions,
        "schedule": schedules,
        "sticky": st.sampled_from(STICKIES),
        "goal": st.sampled_from(["", "/thanks/", "/caf%C3%A9"]),
        "goal_days": st.integers(1, 30),
        "planned_visitors": st.none() | st.integers(1, 10_000),
        "status": st.sampled_from(STATUSES),
        "query": st.sampled_from(QUERIES),
        "cache_seconds": st.integers(0, MAX_CACHE_SECONDS),
        "note": texts,
    },
)


rules = rule_documents.map(lambda each: read(each)[0]).filter(bool)
