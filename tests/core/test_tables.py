"""Tables: rules as rows of text, and what is wrong with a row."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core import tables
from temp_redirects.core.documents import Rejected, dump, parse
from temp_redirects.core.sites import Site

SITE = Site(hosts=frozenset({"shop.example"}))

WHOLE = {
    "id": "0d3e2f60-0000-4000-8000-000000000001",
    "name": "@sale",
    "enabled": False,
    "priority": -5,
    "match": "prefix",
    "path": "/shop/",
    "hosts": ["shop.example", "*.shop.example"],
    "methods": ["GET", "POST"],
    "except_paths": ["/shop/cart", "/shop/a,b", "/shop/a\u2028b"],
    "conditions": [{"kind": "scheme", "value": "http"}],
    "unless": [{"kind": "cookie", "value": "a: b\u2028c"}],
    "schedule": {
        "starts_at": "2026-12-01T02:00:00+01:00",
        "ends_at": "2026-12-01T04:00:00+01:00",
        "timezone": "Europe/Berlin",
        "repeat": "FREQ=WEEKLY;BYDAY=TU",
        "until": "2027-12-31",
        "except": ["2026-12-08", "2026-12-15"],
        "moved_ends": {
            "2026-12-22": "2026-12-22T05:00:00+01:00",
            "2026-12-29": "2026-12-29T03:00:00+01:00",
        },
    },
    "sticky": "visitor",
    "destinations": [
        {"id": "b", "label": "=New", "target": "/new/{rest}", "percentage": None}
    ],
    "goal": "",
    "goal_days": 7,
    "planned_visitors": None,
    "status": 303,
    "query": "drop",
    "cache_seconds": 60,
    "note": " two\nlines\r\n'quoted' ",
}


def through_a_file(document):
    """Return the document as it comes out of a CSV file."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(tables.COLUMNS)
    writer.writerow(tables.cells(document))
    ((line, row),) = tables.read_table(StringIO(out.getvalue(), newline=""))
    assert line == 2
    return dump(parse(tables.document_of(row), SITE))


@pytest.mark.parametrize(
    "document",
    [WHOLE, {"name": "x", "path": "/x", "destinations": [{"target": "/y"}]}],
    ids=["every key", "hardly any"],
)
def test_a_row_and_back_changes_nothing(document):
    whole = dump(parse(document, SITE))

    assert through_a_file(whole) == whole


def test_the_headers_of_an_export_do_not_move():
    assert ",".join(tables.COLUMNS) == (
        "name,path,target,match,starts_at,ends_at,timezone,methods,hosts,except_paths,"
        "conditions,unless,priority,status,query,cache_seconds,enabled,note,id,"
        "destination_id,label,repeat,until,except,moved_ends"
    )


@given(st.text(alphabet="=+-@\t\r\n 'a＝＠", max_size=5))
def test_no_cell_is_a_formula_and_every_text_comes_back(text):
    cell = tables.neutral(text)

    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＠"))
    assert not cell.startswith(("\t", "\r", "\n"))
    assert tables.restored(cell) == text


def test_a_quote_that_guards_nothing_is_text():
    assert tables.restored("'tis") == "'tis"


@pytest.mark.parametrize(
    "change",
    [
        {"destinations": WHOLE["destinations"] * 2},
        {"destinations": [{**WHOLE["destinations"][0], "percentage": 50}]},
        {"goal": "/thanks/"},
        {"conditions": [{"kind": "header", "value": "X: a\nb"}]},
        {"unless": [{"kind": "header", "value": "X: a "}]},
    ],
    ids=[
        "two destinations",
        "a share",
        "a goal",
        "a line break in a condition",
        "a blank at its end",
    ],
)
def test_what_needs_more_than_a_line_has_no_row(change):
    assert tables.cells({**WHOLE, **change}) is None


def rows(text):
    return list(tables.read_table(StringIO(text, newline="")))


def reasons(text):
    ((line, rejected),) = rows(text)
    assert isinstance(rejected, Rejected)
    return [line, *((place, str(why)) for place, why in rejected.problems)]


def test_a_header_that_is_no_csv_is_told():
    told = reasons(f"path,target{'x' * 200_000}\n/a,/b\n")

    assert told[0] == 1
    assert "field larger than field limit" in told[1][1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_tells_the_delimiter_and_the_order(delimiter):
    text = "Target ,path\n/b,/a\n\n,\n/d,/c\n".replace(",", delimiter)

    assert rows(text) == [
        (2, {"target": "/b", "path": "/a"}),
        (5, {"target": "/d", "path": "/c"}),
    ]


def test_a_row_of_several_lines_has_the_number_of_its_first():
    text = 'path,target,note\n/a,/b,"one\ntwo"\n/c,/d,\n'

    assert [line for line, _ in rows(text)] == [2, 4]


def test_short_rows_have_blank_cells_and_blank_cells_beyond_do_not_matter():
    assert rows("path,target,note\n/a,/b\n/c,/d,,,\n") == [
        (2, {"path": "/a", "target": "/b"}),
        (3, {"path": "/c", "target": "/d", "note": ""}),
    ]


def test_a_row_with_too_many_cells_is_wrong_alone():
    (first, wrong), (second, _) = rows("path,target\n/a,/b,/c\n/d,/e\n")

    assert (first, second) == (2, 3)
    assert str(wrong) == ": The line has 3 cells and the header 2."


def test_after_a_quote_that_is_never_closed_nothing_is_read():
    line, (place, why) = reasons('path,target\n"/a,/b\n/c,/d\n')

    assert (line, place) == (2, "")
    assert why.startswith("This line is no CSV: ")


HEADERS = {
    "": [("path", "path"), ("target", "target")],
    "path,target,path": [("path", "“path” twice")],
    "path,target,colour": [("colour", "unknown column. There are: name, path,")],
    "path,target,ends,starts": [
        ("ends", "unknown column; did you mean “ends_at”?"),
        ("starts", "unknown column; did you mean “starts_at”?"),
    ],
    "from,to": [
        ("from", "unknown column; did you mean “path”?"),
        ("to", "unknown column; did you mean “target”?"),
        ("path", "no column “path”"),
        ("target", "no column “target”"),
    ],
    "path,target,priorty": [("priorty", "unknown column; did you mean “priority”?")],
}


@pytest.mark.parametrize(("header", "found"), HEADERS.items())
def test_a_wrong_header_is_told_at_once(header, found):
    line, *problems = reasons(f"{header}\n/a,/b\n")

    assert line == 1
    for (place, why), (expected, part) in zip(problems, found, strict=True):
        assert place == expected
        assert part in why


CELLS = {
    "priority": ("high", "“high” is not a whole number."),
    "status": ("307.0", "“307.0” is not a whole number."),
    "enabled": ("maybe", "“maybe” is neither “true” nor “false”."),
    "conditions": ("http", "“http” is not “kind: value”. Example: “scheme: http”."),
}


@pytest.mark.parametrize("column", CELLS)
def test_a_cell_that_cannot_be_read_is_told_by_its_column(column):
    cell, reason = CELLS[column]

    with pytest.raises(Rejected) as error:
        tables.document_of({"path": "/a", column: cell})

    assert [(at, str(why)) for at, why in error.value.problems] == [(column, reason)]


@pytest.mark.parametrize("cell", ["true", "YES", "1"])
def test_yes_has_several_words(cell):
    assert tables.document_of({"enabled": cell})["enabled"] is True


PLACES = {
    "path": "path",
    "hosts[1]": "hosts",
    "schedule.ends_at": "ends_at",
    "destinations": "target",
    "destinations[0].target": "target",
    "destinations[0].label": "label",
    "destinations[0].id": "destination_id",
    "conditions[2].value": "conditions",
}


@pytest.mark.parametrize(("place", "column"), PLACES.items())
def test_a_place_in_the_document_has_its_column(place, column):
    assert tables.column_of(place) == column


def test_a_header_of_very_many_columns_is_told_as_one_mistake():
    header = ",".join(f"a{number}" for number in range(20_000))

    assert reasons(f"{header}\n") == [
        1,
        ("", "The first line has 20000 columns, and 200 are read at most."),
    ]
