import pytest

from temp_redirects.core.documents import DESTINATION_KEYS, dump
from tests.core.documents.cases import read
from tests.core.making import document, make_rule


@pytest.mark.parametrize(
    ("given_document", "places"),
    [
        pytest.param(document(destinations=[]), ["destinations"], id="no destination"),
        pytest.param(
            document(destinations=[{"target": f"/{n}"} for n in range(51)]),
            ["destinations"],
            id="too many",
        ),
        pytest.param(
            document(destinations=[{"id": "b", "target": "/b"}] * 2),
            ["destinations"],
            id="two of one id",
        ),
        pytest.param(
            document(destinations=[{"id": "original", "target": "/b"}]),
            ["destinations"],
            id="the id of the original page",
        ),
        pytest.param(
            document(destinations=[{"target": "/b", "percentage": 60}] * 2),
            ["destinations"],
            id="more than a hundred",
        ),
        pytest.param(
            document(destinations=[{"target": "/b", "percentage": "50"}]),
            ["destinations[0].percentage"],
            id="a percentage that is text",
        ),
        pytest.param(
            document(destinations=[{"target": "/b"}, {"target": "/old/"}]),
            ["destinations[1].target"],
            id="the second is the address itself",
        ),
        pytest.param(document(destinations=None), ["destinations"], id="null"),
        pytest.param(
            document(destinations={"target": "/b"}), ["destinations"], id="no list"
        ),
        pytest.param(document(destinations=["/b"]), ["destinations[0]"], id="a text"),
        pytest.param(
            document(destinations=[{}]), ["destinations[0].target"], id="no target"
        ),
        pytest.param(document(target=""), ["destinations[0].target"], id="empty"),
        pytest.param(document(target=1), ["destinations[0].target"], id="a number"),
        pytest.param(document(target="//x"), ["destinations[0].target"], id="unsafe"),
        pytest.param(
            document(target="/{rest}"), ["destinations[0].target"], id="no capture"
        ),
        pytest.param(document(target="/old/"), ["destinations[0].target"], id="itself"),
        pytest.param(
            document(destinations=[{"target": "/b", "label": "x" * 101}]),
            ["destinations[0].label"],
            id="a long label",
        ),
        pytest.param(
            document(destinations=[{"target": "/b", "id": "x" * 41}]),
            ["destinations[0].id"],
            id="a long id",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(given_document, places):
    rule, problems = read(given_document)
    assert rule is None
    assert [at for at, _ in problems] == places


def test_a_destination_is_written_with_every_key():
    (written,) = dump(make_rule(target="/b"))["destinations"]
    assert written == {"id": "", "label": "", "target": "/b", "percentage": None}
    assert [*written] == [*DESTINATION_KEYS]
