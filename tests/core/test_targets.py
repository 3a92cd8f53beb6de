from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from temp_redirects.core.patterns import Prefix, parse_source
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import Site
from temp_redirects.core.targets import (
    MAX_LOCATION,
    MAX_TARGET,
    Target,
    judge,
    parse_origin,
    sent_query,
    taken_apart,
)
from temp_redirects.core.visits import Visit
from tests.core.browsers import follow
from tests.core.making import SITE
from tests.core.shapes import KINDS_HERE

REST = {"rest"}


def target(typed, site=SITE):
    return Target.parse(typed, REST, site)


def location(typed, path="/x/", query="", rest="", *, keeps_query=True, host=""):
    visit = Visit(
        path, scheme="https", host=host or "shop.example", query=query, site=SITE
    )
    return target(typed).location(visit, {"rest": rest}, keeps_query=keeps_query)


# What may be saved.


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("/", id="the root"),
        pytest.param("/news/", id="a path"),
        pytest.param("/ok/?a=1#b", id="query and fragment"),
        pytest.param("/news/{rest}", id="a capture"),
        pytest.param("/archive{path}", id="the visitor’s path"),
        pytest.param("/archive/{path}", id="the visitor’s path after a slash"),
        pytest.param("/find?page={rest}", id="a capture in the query"),
        pytest.param("/news-{rest}.html", id="a capture within a segment"),
        pytest.param("/a//b", id="two slashes inside"),
        pytest.param("/.well-known/x", id="a dot that is no dot segment"),
        pytest.param("/caf%C3%A9/50%", id="encoded, and a percent sign alone"),
        pytest.param("/café/", id="letters of any language"),
        pytest.param("https://shop.example/", id="an own host"),
        pytest.param("https://shop.example", id="an own host without a path"),
        pytest.param("https://shop.example?a=1", id="and with a query"),
        pytest.param("https://shop.example:443/", id="the default port, written"),
        pytest.param("HTTPS://Shop.Example/", id="another case"),
        pytest.param("https://shop.example{path}", id="the path ends the host"),
        pytest.param("https://pay.example/x?y=1#z", id="a listed host"),
        pytest.param("http://localhost:8001/x", id="a listed origin: http and port"),
        pytest.param("https://{host}{path}", id="http to https"),
        pytest.param("https://{host}/x", id="the visitor’s own host"),
        pytest.param("https://{host}", id="the visitor’s own host alone"),
        pytest.param("/" + "x" * (MAX_TARGET - 1), id="as long as may be"),
    ],
)
def test_a_safe_target_is_kept_as_typed(typed):
    assert target(typed).typed == typed


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        pytest.param("", "Say where visitors go", id="nothing"),
        pytest.param("//other.test/", "two slashes", id="no scheme"),
        pytest.param("///other.test/", "two slashes", id="three slashes"),
        pytest.param("/\\other.test/", "backslash", id="slash and backslash"),
        pytest.param("\\\\other.test/", "backslash", id="two backslashes"),
        pytest.param("/news\\x", "backslash", id="a backslash inside"),
        pytest.param("news/", "neither a path nor an address", id="relative"),
        pytest.param("?a=1", "neither a path nor an address", id="a query alone"),
        pytest.param("#b", "neither a path nor an address", id="a fragment alone"),
        pytest.param("{path}", "neither a path nor an address", id="a path alone"),
        pytest.param("{rest}", "neither a path nor an address", id="a capture alone"),
        pytest.param("{rest}://x/", "neither a path", id="a capture as the scheme"),
        pytest.param("javascript:alert(1)", "neither a path", id="script"),
        pytest.param("data:text/html,x", "neither a path", id="data"),
        pytest.param("ftp://shop.example/", "neither a path", id="ftp"),
        pytest.param(
            "https:shop.example", "did you mean “https://shop", id="no slashes"
        ),
        pytest.param("https:/shop.example", "did you mean “https://", id="one slash"),
        pytest.param("htps://shop.example/", "did you mean “https://", id="misspelt"),
        pytest.param("https:///shop.example", "not a host name", id="three after it"),
        pytest.param("https://other.test/", "not a server", id="a host not listed"),
        pytest.param("http://shop.example/", "not a server", id="own, down to http"),
        pytest.param("http://docs.test/", "not a server", id="foreign and http"),
        pytest.param("http://pay.example/", "not a server", id="listed for https only"),
        pytest.param("https://localhost:8001/", "not a server", id="http only"),
        pytest.param("https://shop.example:8443/", "not a server", id="another port"),
        pytest.param("https://pay.example:80/", "not a server", id="http’s port"),
        pytest.param("https://127.0.0.1/", "not a server", id="an address"),
        pytest.param("https://[::1]/", "not a server", id="an IPv6 address"),
        pytest.param("https://x.shop.example/", "not a server", id="a subdomain"),
        pytest.param("https://evilshop.example/", "not a server", id="the same ending"),
        pytest.param("https://shop.example.evil.test/", "not a server", id="beginning"),
        pytest.param("https://a:b@pay.example/", "password", id="a password"),
        pytest.param("https://pay.example@other.test/", "user name", id="a user name"),
        pytest.param("https://@pay.example/", "user name", id="an empty user name"),
        pytest.param("https://pay%2eexample/", "not a host name", id="encoded host"),
        pytest.param("https://pay.example./", "not a host name", id="a dot at its end"),
        pytest.param("https://pay..example/", "not a host name", id="an empty label"),
        pytest.param("https://-pay.example/", "in addresses.", id="a hyphen first"),
        pytest.param("https://pay.example:x/", "not a host name", id="no port"),
        pytest.param("https://pay.example:/", "not a host name", id="an empty port"),
        pytest.param("https://ｐay.example/", "pay.example”", id="full width letters"),
        pytest.param("https://münchen.example/", "xn--mnchen-3ya", id="IDNA is named"),
        pytest.param("https://ä..b/", "not a host name", id="not even IDNA"),
        pytest.param("https://pay.example。/", "not a host name", id="another dot"),
        pytest.param("/a b", "blank", id="a blank"),
        pytest.param(" /a", "blank", id="a blank first"),
        pytest.param("/a\u00a0", "blank", id="a blank that does not break"),
        pytest.param("/a\u200b", "blank", id="a blank that nobody sees"),
        pytest.param("/a\r\nSet-Cookie: x", "blank", id="a line break"),
        pytest.param("/\t/other.test", "blank", id="a tab, which browsers drop"),
        pytest.param("/a\x00", "control", id="NUL"),
        pytest.param("/\udcff", "control", id="a stray byte"),
        pytest.param("/\ud800", "control", id="half a character"),
        pytest.param("/a/../b", "“.” or “..”", id="up"),
        pytest.param("/a/%2E%2e/b", "“.” or “..”", id="up, encoded"),
        pytest.param("/a/.", "“.” or “..”", id="here"),
        pytest.param("https://pay.example/..", "“.” or “..”", id="up, elsewhere"),
        pytest.param("https://pay.example//x", "two slashes", id="two slashes first"),
        pytest.param("/{other}", "“{other}” is not known here", id="no such capture"),
        pytest.param("/{rest!r}", "is not known here", id="a conversion"),
        pytest.param("/{rest:>9}", "is not known here", id="a format"),
        pytest.param("/{rest.__class__}", "is not known here", id="an attribute"),
        pytest.param("/{rest[0]}", "is not known here", id="an item"),
        pytest.param("/{}", "is not known here", id="no name"),
        pytest.param("/{0}", "is not known here", id="number nought"),
        pytest.param("/{rest", "brace without its partner", id="an open brace"),
        pytest.param("/rest}", "brace without its partner", id="a closing brace"),
        pytest.param("/{rest}}", "brace without its partner", id="one brace too many"),
        pytest.param("/{{rest}}", "brace without its partner", id="braces doubled"),
        pytest.param("https://{rest}/", "cannot be part", id="a capture as the host"),
        pytest.param("https://{rest}.pay.example/", "cannot be part", id="subdomain"),
        pytest.param(
            "https://pay.example{rest}", "cannot be part", id="after the host"
        ),
        pytest.param("https://pay.example:{rest}/", "cannot be part", id="as the port"),
        pytest.param("https://{host}{rest}", "only stand as the whole", id="and more"),
        pytest.param("https://{host}.evil.test/", "only stand as", id="a label more"),
        pytest.param("https://{host}@evil.test/", "only stand as", id="as a user name"),
        pytest.param("https://{host}:8443/", "only stand as", id="with a port"),
        pytest.param("http://{host}/", "only stand as", id="down to http"),
        pytest.param("/{host}/", "only stand as", id="the host in a path"),
        pytest.param("https://{host}/{host}", "only stand as", id="twice"),
        pytest.param("/" + "x" * MAX_TARGET, "longer than 2048", id="too long"),
        pytest.param("/" + "{rest}" * 200_000, "longer than 2048", id="far too long"),
    ],
)
def test_an_unsafe_target_is_refused_with_the_reason(typed, why):
    with pytest.raises(Refused) as refused:
        target(typed)
    assert why in str(refused.value)


def test_what_follows_a_path_is_not_known_where_nothing_under_it_is_covered():
    with pytest.raises(Refused, match="this rule does not cover its path so"):
        Target.parse("/news/{rest}", frozenset({"1"}), SITE)


def test_a_refused_server_is_named_with_the_line_that_allows_it():
    with pytest.raises(Refused, match=r"'ALLOWED_TARGET_HOSTS': \['docs\.test'\]"):
        target("https://docs.test/")
    with pytest.raises(Refused, match=r"\['http://docs\.test:8001'\]"):
        target("http://docs.test:8001/")


def test_the_own_host_is_refused_where_everybody_may_name_it():
    with pytest.raises(Refused, match=r"ALLOWED_HOSTS has “\*”"):
        target("https://{host}{path}", Site(answers_any_host=True))


def test_a_placeholder_that_is_not_known_is_refused_with_the_known_ones():
    with pytest.raises(Refused, match=r"Use one of: .*\{host\}.*\{rest\}"):
        target("/{slug}")


@pytest.mark.parametrize(
    ("entry", "origin"),
    [
        pytest.param("pay.example", "https://pay.example", id="a host means https"),
        pytest.param("HTTPS://Pay.Example", "https://pay.example", id="in any case"),
        pytest.param("pay.example:8443", "https://pay.example:8443", id="a port"),
        pytest.param(
            "https://pay.example:443", "https://pay.example", id="the default"
        ),
        pytest.param("http://localhost:8001", "http://localhost:8001", id="http"),
        pytest.param("http://127.0.0.1:8001", "http://127.0.0.1:8001", id="an address"),
        pytest.param("http://[::1]:8001", "http://[::1]:8001", id="IPv6"),
    ],
)
def test_an_entry_of_the_settings_is_an_origin(entry, origin):
    assert parse_origin(entry) == origin


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param("", id="nothing"),
        pytest.param("*", id="everybody"),
        pytest.param("*.example", id="a wildcard"),
        pytest.param("https://pay.example/", id="a path"),
        pytest.param("ftp://pay.example", id="another scheme"),
        pytest.param("a@pay.example", id="a user"),
        pytest.param("münchen.example", id="not IDNA"),
        pytest.param("https://", id="no host"),
    ],
)
def test_what_is_no_origin_is_refused(entry):
    with pytest.raises(Refused, match="neither a host nor an origin"):
        parse_origin(entry)


# What is sent.


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        pytest.param("/news/", "/news/", id="as typed"),
        pytest.param("/café/", "/caf%C3%A9/", id="letters are encoded"),
        pytest.param("/caf%C3%A9/", "/caf%C3%A9/", id="what is encoded stays"),
        pytest.param("/50%/", "/50%25/", id="a percent sign alone is encoded"),
        pytest.param("/50%25/", "/50%25/", id="an encoded one stays"),
        pytest.param('/a"<b>|^`', "/a%22%3Cb%3E%7C%5E%60", id="signs no URI has"),
        pytest.param("/a?b=ü&c=[]#d", "/a?b=%C3%BC&c=[]#d", id="query and fragment"),
        pytest.param("https://pay.example/x", "https://pay.example/x", id="absolute"),
    ],
)
def test_a_fixed_target_is_sent_as_typed_and_encoded_once(typed, sent):
    assert location(typed) == sent


@pytest.mark.parametrize(
    ("typed", "rest", "sent"),
    [
        pytest.param("/y/{rest}", "a/b", "/y/a/b", id="slashes are kept"),
        pytest.param("/y/{rest}", "50%off?", "/y/50%25off%3F", id="percent, question"),
        pytest.param("/y/{rest}", "%41", "/y/%2541", id="never decoded twice"),
        pytest.param("/y/{rest}", "a#b\\c", "/y/a%23b%5Cc", id="fragment, backslash"),
        pytest.param("/y/{rest}", "a b\r\n\0", "/y/a%20b%0D%0A%00", id="controls"),
        pytest.param("/y/{rest}", "é€", "/y/%C3%A9%E2%82%AC", id="letters"),
        pytest.param("/y/{rest}", "\udcff", "/y/%FF", id="bytes that are no text"),
        pytest.param("/y/{rest}", "{path}{rest}", "/y/%7Bpath%7D%7Brest%7D", id="once"),
        pytest.param(
            "/y/{rest}", "a;b=c&d,@:!$'()*+", "/y/a;b=c&d,@:!$'()*+", id="kept"
        ),
        pytest.param("/y/{rest}", "", "/y/", id="an empty capture"),
        pytest.param("/y?z={rest}", "a&b=c", "/y?z=a%26b%3Dc", id="no new parameter"),
        pytest.param("/y?z={rest}", "a+b;c", "/y?z=a%2Bb%3Bc", id="plus, semicolon"),
        pytest.param("/y?z={rest}", "a#b", "/y?z=a%23b", id="no fragment"),
        pytest.param("/y?z={rest}", "50%/?", "/y?z=50%25/?", id="slash, question"),
        pytest.param("/y#{rest}", "a=b&c", "/y#a%3Db%26c", id="in the fragment"),
        pytest.param("/{rest}-{rest}", "a", "/a-a", id="twice"),
    ],
)
def test_captured_text_is_encoded_once_for_its_place(typed, rest, sent):
    assert location(typed, rest=rest) == sent


def test_a_missing_capture_is_empty():
    visit = Visit("/x", site=SITE)
    assert target("/y/{rest}").location(visit, {}, keeps_query=True) == "/y/"


@pytest.mark.parametrize(
    ("typed", "path", "sent"),
    [
        pytest.param("/old{path}", "/a/b", "/old/a/b", id="after a name"),
        pytest.param("/old/{path}", "/a/b", "/old/a/b", id="after a slash: one slash"),
        pytest.param("/old?from={path}", "/a/b", "/old?from=/a/b", id="in a query"),
        pytest.param("https://{host}{path}", "/a", "https://m.test/a", id="own host"),
        pytest.param("https://{host}/x{path}", "/a", "https://m.test/x/a", id="deeper"),
        pytest.param(
            "https://pay.example{path}", "/a", "https://pay.example/a", id="abs"
        ),
    ],
)
def test_the_visitors_own_path_and_host_fill_their_placeholders(typed, path, sent):
    assert location(typed, path, host="m.test") == sent


@pytest.mark.parametrize(
    ("typed", "path", "rest"),
    [
        pytest.param("/y/{rest}", "/x", "..", id="up"),
        pytest.param("/y/{rest}", "/x", "../secret", id="up and down"),
        pytest.param("/y/{rest}", "/x", "a/../../b", id="up from inside"),
        pytest.param("/y/{rest}", "/x", ".", id="here"),
        pytest.param("/y/{rest}", "/x", "..\\secret", id="up, with a backslash"),
        pytest.param("/y/{rest}", "/x", "%2e%2E/secret", id="up, encoded twice"),
        pytest.param("/y/.{rest}", "/x", "", id="a dot with nothing after it"),
        pytest.param("/y/{rest}.", "/x", "", id="a dot with nothing before it"),
        pytest.param("/y{path}", "/x/../z", "", id="in the path"),
        pytest.param("/{rest}", "/x", "/evil.test", id="two slashes, no path"),
        pytest.param("/y/{rest}", "/x", "/evil.test", id="two slashes"),
        pytest.param("/{path}", "//evil.test", "", id="three slashes"),
        pytest.param("/{rest}/evil.test", "/x", "", id="nothing between two slashes"),
        pytest.param("https://{host}{path}", "//evil.test", "", id="path of a server"),
        pytest.param("https://{host}{path}", "*", "", id="no path: more of the host"),
        pytest.param("https://{host}{path}", ".evil.test", "", id="a label more"),
        pytest.param("https://pay.example{path}", "@evil.test", "", id="a user name"),
        pytest.param("https://pay.example{path}", ":8443/", "", id="a port"),
        pytest.param("/y/{rest}", "/x", "\ud800", id="half a character"),
        pytest.param("/y/{rest}", "/x", "é" * MAX_LOCATION, id="too long"),
    ],
)
def test_a_location_that_is_not_safe_is_refused(typed, path, rest):
    with pytest.raises(Refused):
        location(typed, path, rest=rest)


def test_an_unknown_host_is_refused_where_the_target_asks_for_it():
    visit = Visit("/x", host="", site=SITE)
    with pytest.raises(Refused, match="host is not known"):
        target("https://{host}{path}").location(visit, {}, keeps_query=True)


def test_a_server_that_is_allowed_no_more_is_refused_when_it_is_sent():
    visit = Visit("/x", site=Site(hosts=SITE.hosts))
    with pytest.raises(Refused, match="not a server that redirects may go to"):
        target("https://pay.example/").location(visit, {}, keeps_query=True)


def test_the_visited_host_counts_only_where_the_target_says_host():
    with pytest.raises(Refused):
        judge("https://evil.test/", SITE)
    judge("https://m.test/", SITE, visited_host="m.test:443")


@pytest.mark.parametrize(
    "spoilt",
    ["/a b", "/a\x7f", "/é", "/a\n", "", "/" + "a" * MAX_LOCATION, "/a\\b"],
)
def test_the_gate_takes_clean_ascii_only(spoilt):
    with pytest.raises(Refused):
        judge(spoilt, SITE)


def test_the_longest_location_is_sent():
    judge("/" + "a" * (MAX_LOCATION - 1), SITE)


# What becomes of the query.


@pytest.mark.parametrize(
    ("typed", "query", "sent"),
    [
        pytest.param("/y", "", "/y", id="none"),
        pytest.param("/y", "b=2", "/y?b=2", id="kept"),
        pytest.param("/y?", "b=2", "/y?b=2", id="after a question mark"),
        pytest.param("/y?z=1#t", "b=2", "/y?z=1&b=2#t", id="before the fragment"),
        pytest.param("/y#t", "b=2", "/y?b=2#t", id="before the fragment, alone"),
        pytest.param("/y?z=1", "z=2", "/y?z=1", id="the target’s own wins"),
        pytest.param("/y?z=1", "b=2&z=3&c=4&z=5", "/y?z=1&b=2&c=4", id="every time"),
        pytest.param("/y?z=1", "%7A=2", "/y?z=1", id="whatever its spelling"),
        pytest.param("/y?a+b=1", "a%20b=2", "/y?a+b=1", id="plus is a blank"),
        pytest.param("/y?z", "z=2", "/y?z", id="a parameter without a value"),
        pytest.param("/y?z=1", "zz=2", "/y?z=1&zz=2", id="another name"),
        pytest.param("/y", "b=2&a=1&b=3", "/y?b=2&a=1&b=3", id="repeated, in order"),
        pytest.param("/y", "a=&b&&=c", "/y?a=&b&&=c", id="blank ones"),
        pytest.param("/y?z=1", "b=2;z=3", "/y?z=1&b=2;z=3", id="a semicolon is data"),
        pytest.param("/y", "a=%41%2f", "/y?a=%41%2f", id="raw"),
        pytest.param("/y", "a='\"<>|", "/y?a='\"<>|", id="as the client sent it"),
        pytest.param("/y", "a=\\", "/y?a=%5C", id="a backslash is encoded"),
        pytest.param("/y", "a=é\udcff", "/y?a=%C3%A9%FF", id="and what is not ASCII"),
        pytest.param("/y", "a=b c\r\nd", "/y?a=b%20c%0D%0Ad", id="and controls"),
        pytest.param("/y", "a=1#b", "/y?a=1%23b", id="and what starts a fragment"),
        pytest.param("/y", "//evil.test", "/y?//evil.test", id="slashes are data"),
        pytest.param(
            "https://pay.example", "a=1", "https://pay.example?a=1", id="bare"
        ),
    ],
)
def test_a_kept_query_is_the_visitors_own_text(typed, query, sent):
    assert location(typed, query=query) == sent


def test_a_dropped_query_leaves_the_targets_own():
    assert location("/y?z=1", query="b=2", keeps_query=False) == "/y?z=1"


def test_a_query_that_makes_the_address_too_long_is_refused():
    with pytest.raises(Refused, match="longer than 8192"):
        location("/y", query="a" * 30_000)


def test_a_thousand_and_one_parameters_are_kept():
    query = "&".join(f"p{n}=1" for n in range(1_001))
    assert location("/y", query=query) == f"/y?{query}"


# What a target is about.


@pytest.mark.parametrize(
    ("typed", "literal"),
    [
        pytest.param("/news/", ("", "", "/news/"), id="a path"),
        pytest.param("/caf%C3%A9?x#y", ("", "", "/café"), id="decoded, path only"),
        pytest.param("/news/{rest}/x", ("", "", "/news/"), id="before the capture"),
        pytest.param("/news?x={rest}", ("", "", "/news"), id="the capture is a query"),
        pytest.param(
            "HTTPS://Pay.Example:443/x", ("https", "pay.example", "/x"), id="o"
        ),
        pytest.param(
            "https://pay.example", ("https", "pay.example", "/"), id="no path"
        ),
        pytest.param(
            "https://pay.example{path}", ("https", "pay.example", ""), id="any"
        ),
        pytest.param(
            "https://{host}{path}", ("https", "", ""), id="own host, any path"
        ),
        pytest.param("https://{host}/x/{rest}", ("https", "", "/x/"), id="own host"),
    ],
)
def test_the_literal_part_stands_before_any_capture(typed, literal):
    assert target(typed).literal == literal


@pytest.mark.parametrize(
    ("typed", "cuts"),
    [
        pytest.param("/news/", False, id="no capture"),
        pytest.param("/news/{rest}", True, id="a capture is the next segment"),
        pytest.param("/news-{rest}", True, id="a capture in the segment"),
        pytest.param("/news{path}", False, id="a path begins a segment"),
        pytest.param("/news?x={rest}", False, id="in the query"),
        pytest.param("/news#{rest}", False, id="in the fragment"),
        pytest.param("https://{host}/x", False, id="the host is no capture"),
        pytest.param("https://{host}/x-{rest}", True, id="after the host"),
    ],
)
def test_a_capture_may_cut_the_last_literal_segment(typed, cuts):
    assert target(typed).cuts_segment is cuts


def test_a_target_knows_its_shape():
    assert target("/news/").is_relative
    assert target("/news/").is_fixed
    assert not target("/news/{rest}").is_fixed
    assert not target("https://{host}/").is_relative
    assert target("https://{host}/").asks_host
    assert not target("https://pay.example/").asks_host


@pytest.mark.parametrize(
    ("sent", "parts"),
    [
        pytest.param("/a%20b?c=d#e", ("", "", "/a b", "c=d"), id="relative"),
        pytest.param(
            "https://A.test:443/?#", ("https", "a.test", "/", ""), id="absolute"
        ),
        pytest.param("http://a.test?b", ("http", "a.test", "", "b"), id="no path"),
    ],
)
def test_a_location_is_taken_apart(sent, parts):
    assert taken_apart(sent) == parts


# Whatever is asked.

# Where captures may land: X is one of them.
PLACES = (
    "/new/",
    "/new/X",
    "/new-X.html",
    "/X",
    "/XX",
    "/.X/x",
    "/%X",
    "/%2X",
    "/archive{path}",
    "/archive/{path}",
    "/find?a=X&b=1#c",
    "/find?a={path}",
    "/find#X",
    "https://{host}{path}",
    "https://{host}/x/X",
    "https://pay.example/X",
    "https://pay.example{path}",
    "https://pay.example?x=X",
    "http://localhost:8001/x{path}",
)
SOURCES = [
    (kind, text, name)
    for kind, text, *names in (
        ("exact", "/x/"),
        ("prefix", "/x/", "rest"),
        ("pattern", "/x/*", "1"),
        ("pattern", "/x/<path:all>", "all"),
        ("pattern", "/x/<a>*<path:b>", "a", "1", "b"),
        ("pattern", "/*/<int:n>-<slug:s>", "1", "n", "s"),
        ("regex", "/x/(.*)", "1"),
        ("regex", r"/x(?P<all>/\C*)?", "all", "1"),
        ("regex", r"/(\C{2})(\C)?(\C*)", "1", "2", "3"),
    )
    if kind in KINDS_HERE
    for name in (names or [""])
]
ALLOWED = {
    "https://shop.example",
    "https://www.shop.example",
    "https://pay.example",
    "http://localhost:8001",
}
SIGNS = [
    *"/\\.%?#@:;&=+, \t\r\n\0\x7f{}[]a1-",
    *(
        "..",
        "//",
        "%2e",
        "%2f",
        "%5c",
        "evil.test",
        "https:",
        "é",
        "。",
        "／",
        "\ud800",
    ),
    *map(chr, range(0xDC80, 0xDD00, 9)),
]
hostile = st.lists(st.sampled_from(SIGNS), max_size=8).map("".join)


@settings(max_examples=2_000)
@given(
    st.sampled_from(PLACES),
    st.sampled_from(SOURCES),
    hostile,
    hostile,
    st.sampled_from(["https", "http"]),
    st.booleans(),
)
def test_every_location_is_clean_and_stays_where_it_may_go(
    place, source, tail, query, scheme, keeps_query
):
    kind, text, name = source
    typed = place.replace("X", f"{{{name}}}" if name else "")
    read = parse_source(kind, text)
    path = f"/x/{tail}"
    visit = Visit(path, scheme=scheme, host="shop.example", query=query, site=SITE)
    captures = read.match(path)
    try:
        aim = Target.parse(typed, read.captures, SITE)
        sent = aim.location(visit, captures or {}, keeps_query=keeps_query)
    except Refused:
        return
    place = follow(sent, base=f"{scheme}://shop.example")
    assert all("\x21" <= sign <= "\x7e" for sign in sent)
    assert len(sent) <= MAX_LOCATION
    assert not sent.startswith(("//", "/\\"))
    assert place.origin in ALLOWED | {f"{scheme}://shop.example"}
    assert sent.startswith("/") or place.origin in ALLOWED
    assert not place.has_dots
    assert (
        unquote_to_bytes("/".join(("", *place.segments)))
        .decode("utf-8", "surrogateescape")
        .startswith(aim.literal[2])
    )


@pytest.mark.parametrize(
    ("kind", "source", "typed", "path", "sent"),
    [
        pytest.param(
            "pattern",
            "/blog/<int:year>/<slug:slug>/",
            "/news/{slug}?from={year}",
            "/blog/2026/a-b/",
            "/news/a-b?from=2026",
            id="names",
        ),
        pytest.param(
            "pattern", "/x/*", "/y/{1}", "/x/50%off?", "/y/50%25off%3F", id="*"
        ),
        pytest.param("pattern", "/*/*", "/{2}/{1}", "/a/b", "/b/a", id="in any order"),
        pytest.param(
            "pattern", "/*/*", "/{1}{1}", "/a/b", "/aa", id="as often as wanted"
        ),
        pytest.param("pattern", "/x*", "/y{1}", "/x", "/y", id="an empty one"),
        pytest.param("pattern", "/<x>", "/{x}{path}", "/a", "/a/a", id="with the path"),
        pytest.param(
            "pattern", "/<x>", "/y/{x}", "/{1}", "/y/%7B1%7D", id="in one pass"
        ),
        pytest.param(
            "pattern", "/<x>", "/y?q={x}", "/a&b=c", "/y?q=a%26b%3Dc", id="query"
        ),
        pytest.param("pattern", "/<x>", "/y/{x}", "/..", None, id="dots"),
        pytest.param("pattern", "/<x>", "/y/{x}", "/%2e%2E", None, id="dots, encoded"),
        pytest.param("pattern", "/x/<path:p>", "/{p}", "/x//e.test", None, id="a host"),
        pytest.param("pattern", "/*/*", "/.{1}", "/./x", None, id="dots put together"),
        pytest.param("regex", "/x(/a)?(b)?", "/y{1}-{2}", "/xb", "/y-b", id="missing"),
        pytest.param(
            "regex", "/x(.*)", "/{1}", "/x/e.test", None, id="a host, captured"
        ),
        pytest.param(
            "regex", "/(?P<y>.+)", "/{y}-{1}", "/ü", "/%C3%BC-%C3%BC", id="a name"
        ),
    ],
)
def test_captures_land_in_their_place(kind, source, typed, path, sent):
    if kind == "regex":
        pytest.importorskip("re2", reason="the extra “regex” is not installed")
    read = parse_source(kind, source)
    aim = Target.parse(typed, read.captures, SITE)
    try:
        got = aim.location(Visit(path, site=SITE), read.match(path), keeps_query=True)
    except Refused:
        got = None
    assert got == sent


@settings(max_examples=500)
@given(st.binary(max_size=12), st.sampled_from(["/new/{rest}", "/new{path}"]))
def test_decoding_a_location_once_gives_the_visitors_bytes_back(asked, typed):
    path = (b"/x/" + asked).decode("utf-8", "surrogateescape")
    visit = Visit(path, site=SITE)
    captures = Prefix("/x").match(path)
    try:
        sent = target(typed).location(visit, captures, keeps_query=True)
    except Refused:
        assume(False)
    came = unquote_to_bytes(sent.removeprefix("/new"))
    assert came == (b"/" + asked if "rest" in typed else b"/x/" + asked)


@settings(max_examples=500)
@given(st.binary(max_size=12), st.sampled_from(["&", "=", "a", "%"]))
def test_decoding_a_query_parameter_once_gives_the_capture_back(asked, sign):
    captured = (asked + sign.encode()).decode("utf-8", "surrogateescape")
    sent = location("/find?a={rest}&b=1", rest=captured)
    first, second = follow(sent).query.split("&")
    assert unquote_to_bytes(first) == b"a=" + asked + sign.encode()
    assert second == "b=1"


@given(st.binary(max_size=30))
def test_a_query_is_sent_with_the_bytes_it_came_with(raw):
    query = raw.decode("utf-8", "surrogateescape")
    sent = sent_query(query)
    assert unquote_to_bytes(sent) == unquote_to_bytes(raw)
    assert sent_query(sent) == sent


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_target_of_any_text_is_read_or_refused(typed, rest):
    try:
        read = target(f"/{typed}")
        sent = read.location(Visit("/x", site=SITE), {"rest": rest}, keeps_query=True)
    except Refused:
        return
    assert follow(sent).origin == "https://shop.example"
