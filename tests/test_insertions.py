"""Insertions: the link to a stylesheet, under a policy that wants a nonce on it."""

import pytest
from django.http import HttpRequest

from temp_redirects.insertions import nonce_of, stylesheet


class Spent:
    """A request of the package django-csp whose header has been sent."""

    @property
    def csp_nonce(self):
        raise RuntimeError("too late")


def request(**known):
    made = HttpRequest()
    vars(made).update(known)
    return made


@pytest.mark.parametrize(
    ("asked", "nonce"),
    [
        pytest.param(request(), "", id="no policy"),
        pytest.param(request(_csp_nonce="abc"), "abc", id="of Django"),
        pytest.param(request(csp_nonce="abc"), "abc", id="of django-csp"),
        pytest.param(Spent(), "", id="of django-csp, too late"),
    ],
)
def test_the_nonce_is_the_one_of_the_page(asked, nonce):
    assert nonce_of(asked) == nonce


def test_a_link_has_the_nonce_where_there_is_one():
    link = '<link rel="stylesheet" href="/static/x.css"{}>'

    assert stylesheet(request(), "x.css") == link.format("")
    made = stylesheet(request(_csp_nonce='a"b'), "x.css")
    assert made == link.format(' nonce="a&quot;b"')
