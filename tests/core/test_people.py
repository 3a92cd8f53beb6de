from temp_redirects.core.people import ANONYMOUS, Person


def test_somebody_is_signed_in_and_nothing_else_unless_it_is_said():
    person = Person()
    assert person.is_authenticated
    assert (person.is_staff, person.groups, person.permissions) == (False, None, None)


def test_nobody_is_known_to_be_in_no_group():
    assert not ANONYMOUS.is_authenticated
    assert (ANONYMOUS.groups, ANONYMOUS.permissions) == (frozenset(), frozenset())
