"""The floors: a module imports only from lower ones. Nothing is imported to know it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "temp_redirects"

# The rooms that exist and may exist, lowest floor first. Rooms of one floor are
# strangers to each other, the doors above all.
FLOORS = (
    {"core"},
    {"clocks", "conf"},
    {"sites"},
    {
        "bots",
        "databases",
        "figures",
        "geoip",
        "insertions",
        "installation",
        "logs",
        "pauses",
        "signals",
        "signing",
    },
    {"models"},
    {"snapshots", "unknowns"},
    {
        "advice",
        "announcements",
        "changes",
        "files",
        "people",
        "requests",
        "results",
        "ribbon",
        "scheduling",
        "store",
        "tallies",
    },
    {
        "agendas",
        "banner",
        "explanations",
        "findings",
        "hops",
        "interferences",
        "neighbours",
        "rehearsals",
        "responses",
        "upcoming",
        "visitors",
    },
    {"dashboards", "ready"},
    {"admin", "checks", "management", "middleware", "templatetags", "testing", "views"},
    {"apps", "migrations", "urls"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FLOOR_OF[""] = -1  # temp_redirects/__init__.py, which imports none of them

# What core may take from the standard library never tells the time, rolls dice, talks
# to a file, a network, a process or a log. `zoneinfo` reads the zones, `importlib` and
# `pkgutil` find the conditions.
NOT_IN_CORE = {
    *("asyncio", "concurrent", "multiprocessing", "subprocess", "threading"),
    *("http", "logging", "select", "socket", "sqlite3", "ssl", "urllib.request"),
    *("io", "os", "pathlib", "pickle", "shelve", "shutil", "sys", "tempfile"),
    *("random", "secrets", "time", "calendar"),
}
# Regular expressions of editors go to RE2, which cannot hang a worker. It is asked for
# in a function, and core does without it.
OPTIONAL_IN_CORE = {"temp_redirects.core.patterns.regexes": {"re2"}}
# The days on which something comes again are counted by `rrule`.
PACKAGES_IN_CORE = {"temp_redirects.core.schedules.repeats": {"dateutil"}}
NOT_CALLED_IN_CORE = {
    *("open", "print", "input", "eval", "exec"),
    *("now", "today", "utcnow", "uuid1", "uuid4"),
}


MODULES = [
    ".".join(("temp_redirects", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in sorted(PACKAGE.rglob("*.py"))
]


def source_of(module: str) -> str:
    return (PACKAGE.parent / f"{module.replace('.', '/')}.py").read_text()


def imports(source: str) -> Iterator[str]:
    """Yield every name that is imported, in functions and for type checkers too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            yield from (f"{dots}{node.module or ''}.{each.name}" for each in node.names)


def room_of(name: str) -> str:
    """Return the room of a module of the package; ``""`` is the package itself."""
    room = [*name.split("."), ""][1]
    return "" if room.startswith("__") else room


def strangers(module: str, source: str) -> list[str]:
    """Return what a module imports though it must not."""
    room, found = room_of(module), []
    for name in imports(source):
        if name.startswith("."):
            found.append(name)
        elif name.split(".")[0] == "temp_redirects":
            other = room_of(name)
            floor = FLOOR_OF.get(other, len(FLOORS))
            if other != room and floor >= FLOOR_OF.get(room, len(FLOORS)):
                found.append(name)
        elif room == "core" and is_unfit_for_core(name, module):
            found.append(name)
    return found


def is_unfit_for_core(name: str, module: str) -> bool:
    if name in OPTIONAL_IN_CORE.get(module, ()):
        return False
    if name.split(".")[0] in PACKAGES_IN_CORE.get(module, ()):
        return False
    parents = {".".join(name.split(".")[:length]) for length in (1, 2)}
    known = name.split(".")[0] in sys.stdlib_module_names
    return not known or bool(parents & NOT_IN_CORE)


def calls(source: str) -> set[str]:
    """Return the names of all functions and methods that are called."""
    called = {
        node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)
    }
    names = {each.id for each in called if isinstance(each, ast.Name)}
    return names | {each.attr for each in called if isinstance(each, ast.Attribute)}


every_module = pytest.mark.parametrize("module", MODULES)
every_core_module = pytest.mark.parametrize(
    "module", [each for each in MODULES if room_of(each) == "core"]
)


@every_module
def test_a_module_is_in_a_room_of_the_table(module):
    assert room_of(module) in FLOOR_OF, f"give {module} a floor in FLOORS"


@every_module
def test_a_module_imports_only_from_lower_floors(module):
    found = strangers(module, source_of(module))
    assert not found, f"{module} imports {', '.join(found)}"


@every_core_module
def test_core_calls_no_clock_no_chance_and_no_file(module):
    found = calls(source_of(module)) & NOT_CALLED_IN_CORE
    assert not found, f"{module} calls {', '.join(found)}"


@every_core_module
def test_a_core_module_has_its_tests(module):
    *folders, name = module.split(".")[1:]
    tested = f"test_{name}.py" if name != "__init__" else "__init__.py"
    path = Path(__file__).parent.joinpath(*folders, tested)
    assert path.exists(), f"{path} is missing"


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        pytest.param("core.rules", "import django", ["django"], id="Django in core"),
        pytest.param(
            "core.rules",
            "from django.db import models",
            ["django.db.models"],
            id="from",
        ),
        pytest.param("core.rules", "import dateutil", ["dateutil"], id="a package"),
        pytest.param(
            "core.schedules.repeats",
            "from dateutil.rrule import rrule",
            [],
            id="rrule in its place",
        ),
        pytest.param("core.rules", "import re2", ["re2"], id="RE2 elsewhere"),
        pytest.param("core.patterns.regexes", "import re2", [], id="RE2 in its place"),
        pytest.param("core.rules", "import time", ["time"], id="a clock in core"),
        pytest.param("core.rules", "import os.path", ["os.path"], id="files in core"),
        pytest.param(
            "core.rules",
            "from urllib import request",
            ["urllib.request"],
            id="the network in core",
        ),
        pytest.param("core.rules", "from urllib.parse import quote", [], id="no net"),
        pytest.param("core.rules", "import re", [], id="what core may have"),
        pytest.param(
            "core.rules",
            "from temp_redirects.core.sites import Site",
            [],
            id="own room",
        ),
        pytest.param(
            "core.rules",
            "from temp_redirects import conf",
            ["temp_redirects.conf"],
            id="a room above, from the package",
        ),
        pytest.param(
            "core.rules",
            "import temp_redirects.conf",
            ["temp_redirects.conf"],
            id="plain",
        ),
        pytest.param(
            "core.rules",
            "def f():\n    from temp_redirects.models import X",
            ["temp_redirects.models.X"],
            id="in a function",
        ),
        pytest.param(
            "core.rules",
            "if TYPE_CHECKING:\n    from temp_redirects.models import X",
            ["temp_redirects.models.X"],
            id="for type checkers",
        ),
        pytest.param("core.rules", "from . import sites", ["..sites"], id="relative"),
        pytest.param(
            "core.rules",
            "from .sites import Site",
            [".sites.Site"],
            id="relative, a name",
        ),
        pytest.param("store", "import django, time, redis", [], id="above core"),
        pytest.param(
            "store", "from temp_redirects.core import index", [], id="a room below"
        ),
        pytest.param(
            "store",
            "from temp_redirects.requests import X",
            ["temp_redirects.requests.X"],
            id="the same floor",
        ),
        pytest.param(
            "admin.forms",
            "from temp_redirects.middleware import X",
            ["temp_redirects.middleware.X"],
            id="a door and a door",
        ),
        pytest.param(
            "admin.forms", "from temp_redirects.admin.times import X", [], id="one door"
        ),
        pytest.param(
            "admin.forms",
            "from temp_redirects.attic import X",
            ["temp_redirects.attic.X"],
            id="a room that is not in the table",
        ),
        pytest.param(
            "apps",
            "from temp_redirects.checks import X",
            [],
            id="wiring knows the doors",
        ),
        pytest.param(
            "store", "from temp_redirects import __version__", [], id="the package"
        ),
        pytest.param(
            "__init__",
            "from temp_redirects.core.rules import Rule",
            ["temp_redirects.core.rules.Rule"],
            id="the package itself imports nothing",
        ),
    ],
)
def test_a_wrong_import_is_found_by_name(module, source, found):
    assert strangers(f"temp_redirects.{module}", source) == found


@pytest.mark.parametrize(
    "source", ["datetime.now()", "uuid4()", "def f():\n    return [open(x) for x in y]"]
)
def test_a_wrong_call_is_found_by_name(source):
    assert calls(source) & NOT_CALLED_IN_CORE
