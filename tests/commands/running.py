"""How the tests run a verb: the real command, its output and its exit code."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

COMMAND = "temp_redirects"


def told(*args):
    """Return what a verb that succeeds writes for people."""
    out, err = StringIO(), StringIO()
    call_command(COMMAND, *args, stdout=out, stderr=err)
    assert err.getvalue() == ""
    return out.getvalue()


def read(*args):
    """Return what a verb that succeeds writes for scripts."""
    return json.loads(told(*args, "--json"))


def refused(*args):
    """Return the exit code and the sentences of a verb that does not succeed."""
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command(COMMAND, *args, stdout=out)
    assert out.getvalue() == ""
    return error.value.returncode, str(error.value)
