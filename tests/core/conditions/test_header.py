import pytest

from temp_redirects.core.conditions.header import Header
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit

BETA = {"X-Beta": "yes"}


@pytest.mark.parametrize(
    ("text", "headers", "holds"),
    [
        pytest.param("X-Beta", BETA, True, id="present"),
        pytest.param("x-beta", BETA, True, id="a name has no case"),
        pytest.param("X-Beta", {}, False, id="absent"),
        pytest.param("X-Beta: yes, on", BETA, True, id="one of"),
        pytest.param("X-Beta: on", BETA, False, id="none of them"),
        pytest.param("X-Beta: y*", BETA, True, id="a wildcard"),
    ],
)
def test_it_holds_where_the_header_is_as_wanted(text, headers, holds):
    assert Header.parse(text).holds(Visit("/", headers=headers)) is holds


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "cookie", "PROXY-AUTHORIZATION", "Proxy_Authorization"),
        *("X-Api-Key", "X-CSRFToken", "X-Auth-Token", "X-Session-Id", "Set-Cookie"),
        *("X-Bearer", "X-Passphrase", "X-Credentials", "X-Hub-Signature-256", "X-OTP"),
        *("X-SSL-Client-Cert", "X-User-Password", "X-Passcode"),
    ],
)
def test_headers_that_carry_secrets_are_refused(name):
    with pytest.raises(Refused, match="carries secrets"):
        Header.parse(f"{name}: *")


@pytest.mark.parametrize(
    "name", ["X-Hotplate", "X-Keyboard", "X-Compass", "Accept", "X-Author"]
)
def test_headers_that_only_look_a_little_like_secrets_are_taken(name):
    assert Header.parse(name).name == name


@pytest.mark.parametrize("name", ["X_Beta", "X Beta", "X-Bêta", "x" * 101, "a,b"])
def test_what_is_no_headers_name_is_refused(name):
    with pytest.raises(Refused, match="is no header’s name"):
        Header.parse(name)


def test_it_is_told_in_words():
    beta = Header.parse("x-beta: yes")
    assert str(beta) == "X-Beta: yes"
    assert str(beta.describe()) == "requests with the header X-Beta “yes”"
    assert str(beta.explain(Visit("/"))) == ("header X-Beta is not there, wanted “yes”")
    assert beta.consulted(Visit("/")) == ("X-Beta",)


def test_its_kind_is_stored_and_never_renamed():
    assert Header.kind == "header"
