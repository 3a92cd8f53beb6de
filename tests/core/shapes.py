"""Paths, and sources of every kind, for the property tests."""

from importlib.util import find_spec

from hypothesis import strategies as st

from temp_redirects.core.patterns import KINDS, Pattern, parse_source
from temp_redirects.core.patterns.fields import CONVERTERS, STAR
from temp_redirects.core.sentences import Refused

HAS_RE2 = find_spec("re2") is not None
KINDS_HERE = [kind for kind in KINDS if kind != "regex" or HAS_RE2]

paths = st.text("ab1-./é%\n\udcff", max_size=12).map("/{}".format)

_LITERALS = ["a", "b", "1", "-", "/", "é", "%C3%A9", "%2A", "."]
_FIELDS = ["*", "<{}>", "<int:{}>", "<slug:{}>", "<str:{}>", "<path:{}>"]
_PARTS = [
    "a",
    "b",
    "/",
    "\\.",
    "%C3%A9",
    "(a|b)",
    ".*",
    "(.*)",
    "(?P<n>[^/]+)",
    "b?",
    "|",
]


def _named(parts):
    """Give each placeholder another name."""
    return "/" + "".join(each.format(f"n{at}") for at, each in enumerate(parts))


def _is_sound(kind):
    def check(text):
        try:
            return parse_source(kind, text) is not None
        except Refused:
            return False

    return check


def _plain(kind):
    texts = st.lists(st.sampled_from(_LITERALS), max_size=5)
    return texts.map(lambda parts: "/" + "".join(parts)).filter(_is_sound(kind))


routes = (
    st.lists(st.sampled_from([*_LITERALS, *_FIELDS, *_FIELDS]), max_size=7)
    .map(_named)
    .filter(_is_sound("pattern"))
)
regexes = (
    st.lists(st.sampled_from(_PARTS), max_size=5)
    .map(lambda parts: "/" + "".join(parts))
    .filter(_is_sound("regex"))
)
TEXTS = {
    "exact": _plain("exact"),
    "prefix": _plain("prefix"),
    "pattern": routes,
    "regex": regexes,
}
# A kind with a text for it.
choices = st.sampled_from(KINDS_HERE).flatmap(
    lambda kind: st.tuples(st.just(kind), TEXTS[kind])
)

_FITTING = {
    CONVERTERS["int"]: ["1", "07"],
    CONVERTERS["slug"]: ["a", "a-b", "1"],
    CONVERTERS["str"]: ["a", "é.b", "1-", "%", "..", "\udcff"],
    CONVERTERS["path"]: ["a", "a/b", "//", "x/../y"],
    STAR: ["", "a", "a-b", "é", "."],
}


def covered_by(choice):
    """Return paths that a source covers, hardly guessed ones among them."""
    source = parse_source(*choice)
    guessed = st.sampled_from([*source.samples, source.path])
    followed = paths.map(lambda path: f"{source.literal}{path}")
    if isinstance(source, Pattern):
        texts = st.tuples(*(st.sampled_from(_FITTING[c]) for c in source.converters))
        guessed = texts.map(
            lambda chosen: "".join(
                map("".join, zip(source.literals, [*chosen, ""], strict=True))
            )
        )
    return guessed | followed


# A kind, a text for it, and a path that it may well cover.
met = choices.flatmap(lambda choice: st.tuples(st.just(choice), covered_by(choice)))
