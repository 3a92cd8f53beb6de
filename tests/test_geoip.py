"""The GeoIP database: in memory, followed when it changes, never in anybody's way."""

import sys
import threading
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from temp_redirects import geoip
from temp_redirects.geoip import Database, problem
from tests.databases import write_database


@pytest.fixture
def path(settings, tmp_path):
    path = write_database(tmp_path / "GeoLite2-Country.mmdb")
    settings.GEOIP_PATH = str(path)
    return path


@pytest.mark.parametrize(
    ("address", "country"),
    [
        pytest.param("192.0.2.7", "DE", id="IPv4"),
        pytest.param("192.0.2.200", "AT", id="another network"),
        pytest.param("2001:db8::7", "FR", id="IPv6"),
        pytest.param("198.51.100.1", "", id="not in it"),
        pytest.param("", "", id="an unknown address"),
        pytest.param("junk", "", id="no address"),
    ],
)
@pytest.mark.usefixtures("path")
def test_an_address_is_in_a_country_or_unknown(address, country):
    assert Database().country(address) == country
    assert problem() == ""


def test_the_settings_may_name_the_folder(settings, path):
    settings.GEOIP_PATH = path.parent

    assert Database().country("192.0.2.7") == "DE"


def test_without_the_setting_no_country_is_known(settings):
    settings.GEOIP_PATH = None

    assert Database().country("192.0.2.7") == ""
    assert problem() == ""


@pytest.mark.parametrize("found", [None, 5, "XX", {"de": 1}])
def test_what_is_no_country_in_the_database_is_unknown(settings, tmp_path, found):
    settings.GEOIP_PATH = write_database(
        tmp_path / "x.mmdb", {"192.0.2.0/24": found or {}}
    )

    assert Database().country("192.0.2.7") == ""


def come_due(database):
    """Look again, as after a while, and wait for what was found."""
    database._due = 0.0
    database.country("192.0.2.7")
    for thread in threading.enumerate():
        if thread.name == "temp_redirects-geoip":
            thread.join()


def test_a_new_file_is_seen_after_a_while_and_not_before(path):
    database = Database()
    assert database.country("192.0.2.7") == "DE"
    write_database(path, {"192.0.2.0/24": "CH"})

    assert database.country("192.0.2.7") == "DE"
    come_due(database)
    assert database.country("192.0.2.7") == "CH"
    come_due(database)
    assert database.country("192.0.2.7") == "CH"


def test_a_file_that_goes_away_or_is_broken_leaves_the_last_good_one(path, caplog):
    database = Database()
    assert database.country("192.0.2.7") == "DE"

    path.unlink()
    come_due(database)
    come_due(database)
    assert database.country("192.0.2.7") == "DE"
    assert len(caplog.records) == 1

    path.write_bytes(b"junk")
    come_due(database)
    assert database.country("192.0.2.7") == "DE"

    write_database(path, {"192.0.2.0/24": "CH"})
    come_due(database)
    assert database.country("192.0.2.7") == "CH"
    path.unlink()
    come_due(database)
    assert len(caplog.records) == 2


def test_a_file_that_was_never_there_makes_every_country_unknown(settings, tmp_path):
    settings.GEOIP_PATH = tmp_path / "none.mmdb"

    assert Database().country("192.0.2.7") == ""
    assert "there is no database at" in problem()


def test_a_file_that_is_no_database_is_a_problem(settings, tmp_path):
    settings.GEOIP_PATH = tmp_path / "x.mmdb"
    settings.GEOIP_PATH.write_bytes(b"junk")

    assert "cannot be read" in problem()


def test_the_extra_may_be_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    spec = spec_from_file_location("another", geoip.__file__)
    another = module_from_spec(spec)

    spec.loader.exec_module(another)

    assert another.maxminddb is None


@pytest.mark.usefixtures("path")
def test_without_the_extra_every_country_is_unknown(monkeypatch):
    monkeypatch.setattr(geoip, "maxminddb", None)

    assert Database().country("192.0.2.7") == ""
    assert "maxminddb is not installed" in problem()


def test_a_first_file_that_does_not_answer_is_waited_for_a_moment_only(
    settings, tmp_path, monkeypatch
):
    answers = threading.Event()
    monkeypatch.setattr(Database, "_refresh", lambda _: answers.wait(30))
    settings.GEOIP_PATH = tmp_path / "slow"

    assert Database().country("192.0.2.7") == ""
    assert not answers.is_set()  # nobody waited for it
    answers.set()


def test_two_requests_that_come_together_look_once(path):
    database = Database()
    database.country("192.0.2.7")
    due = database._due

    database._look()

    assert database._due == due
