import pytest

from temp_redirects.core.conditions.user import User
from temp_redirects.core.people import ANONYMOUS, Person
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit

ADA = Person(id="1", groups=frozenset({"Editors"}), permissions=frozenset({"a.b"}))
STAFF = Person(is_staff=True)


def holds(text, person):
    return User.parse(text).holds(Visit("/", person=person))


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        pytest.param("anonymous", ANONYMOUS, ADA, id="anonymous"),
        pytest.param("signed in", ADA, ANONYMOUS, id="signed in"),
        pytest.param("staff", STAFF, ADA, id="staff"),
        pytest.param("group: Editors", ADA, STAFF, id="group, not known of staff"),
        pytest.param("group: editors", Person(groups=frozenset({"editors"})), ADA,
                     id="a group's name is as written"),
        pytest.param("permission: a.b", ADA, STAFF, id="permission"),
        pytest.param("staff, group: Editors", ADA, ANONYMOUS, id="any of them"),
    ],
)  # fmt: skip
def test_it_holds_for_those_who_are_known_to_be_wanted(text, wanted, unwanted):
    assert holds(text, wanted)
    assert not holds(text, unwanted)
    assert not holds(text, None)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("Signed-In", "signed in", id="with a hyphen"),
        pytest.param("signed_in,STAFF", "signed in, staff", id="as people type it"),
        pytest.param('"group: A, B"', '"group: A, B"', id="a comma in a name"),
        pytest.param("group:A", "group: A", id="without a blank"),
    ],
)
def test_it_is_written_in_one_way(text, written):
    assert str(User.parse(text)) == written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "Say who", id="nothing"),
        pytest.param("admin", "“admin” is nobody", id="a name"),
        pytest.param("staff: yes", "is nobody", id="staff of something"),
        pytest.param("group:", "is nobody", id="no group's name"),
        pytest.param("permission: view", "is no permission", id="half a permission"),
    ],
)
def test_nobody_else_can_be_meant(text, words):
    with pytest.raises(Refused, match=words):
        User.parse(text)


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        pytest.param("staff", {"user"}, id="the user"),
        pytest.param("group: A", {"user", "groups"}, id="groups"),
        pytest.param("staff, permission: a.b", {"user", "permissions"}, id="rights"),
    ],
)
def test_what_has_to_be_fetched_is_asked_of_the_instance(text, needs):
    assert User.parse(text).needs == needs


@pytest.mark.parametrize(
    ("person", "said"),
    [
        pytest.param(None, "unknown", id="not fetched"),
        pytest.param(ANONYMOUS, "anonymous", id="anonymous"),
        pytest.param(ADA, "signed in, in Editors", id="a member"),
        pytest.param(STAFF, "staff", id="staff"),
    ],
)
def test_the_trace_says_who_it_was_without_a_name(person, said):
    sentence = User.parse("anonymous, staff").explain(Visit("/", person=person))
    assert str(sentence) == f"visitor is {said}, wanted anonymous or staff"


def test_it_is_told_in_words():
    everybody = "anonymous, signed in, staff, group: Editors, permission: a.b"
    assert str(User.parse(everybody).describe()) == (
        "visitors who are not signed in, signed-in visitors, staff, members of "
        "“Editors” or holders of the permission “a.b”"
    )


def test_its_answer_stands_in_no_shared_cache():
    user = User.parse("staff")
    assert user.consulted(Visit("/")) == ("Cookie",)
    assert user.is_personal(Visit("/"))


def test_its_kind_is_stored_and_never_renamed():
    assert User.kind == "user"
