"""Calendar feeds: what RFC 5545 asks of a line."""

from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.calendars import Event, calendar

NOON = 1_800_000_000.0


def feed(**fields):
    event = Event(**{"uid": "1", "starts": NOON, "ends": None, "summary": "x"} | fields)
    return calendar([event], name="Shop", stamp=NOON)


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


def test_times_are_in_utc():
    assert {
        "DTSTART:20270115T080000Z",
        "DTEND:20270115T090000Z",
        "DTSTAMP:20270115T080000Z",
    } <= {*unfolded(feed(ends=NOON + 3_600))}


def test_an_end_that_nobody_knows_is_left_out():
    assert "DTEND" not in feed()


def test_texts_are_escaped():
    lines = unfolded(feed(summary="a;b,c\\d", description="one\r\ntwo\x00"))
    assert "SUMMARY:a\\;b\\,c\\\\d" in lines
    assert "DESCRIPTION:one\\ntwo" in lines


@given(st.text(max_size=200))
def test_lines_are_short_and_no_character_is_torn(text):
    written = feed(summary=text)
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    shown = "".join(sign for sign in "".join(text.splitlines()) if sign.isprintable())
    (line,) = [each for each in unfolded(written) if each.startswith("SUMMARY:")]
    bare = line.removeprefix("SUMMARY:").replace("\\n", "").replace("\\", "")
    assert bare == shown.replace("\\", "") or "\\" in text


def test_a_long_line_is_folded():
    lines = feed(summary="ü" * 100).split("\r\n")
    at = next(at for at, line in enumerate(lines) if line.startswith("SUMMARY"))
    folded = lines[at : at + 3]
    assert [len(line.encode()) for line in folded] == [74, 75, 61]
    assert "".join([folded[0], *(line[1:] for line in folded[1:])]) == (
        f"SUMMARY:{'ü' * 100}"
    )
