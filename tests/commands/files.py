"""How the tests make files to import, and hear what is wrong with them."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from tests.commands.running import COMMAND


def rule(name, path="/a/", target="/b/", **fields):
    return {"name": name, "path": path, "destinations": [{"target": target}], **fields}


def window(name, *paths, **fields):
    return {"name": name, "paths": list(paths or ["/shop/"]), **fields}


def document(*rules, **more):
    return json.dumps({"format": "temp-redirects/1", "rules": rules, **more})


def failed(*args):
    """Return the exit code, stderr and what a verb says that stores nothing."""
    err = StringIO()
    with pytest.raises(Exception, match="Nothing is stored") as error:
        call_command(COMMAND, *args, stdout=StringIO(), stderr=err)
    return error.value.returncode, err.getvalue().splitlines(), str(error.value)
