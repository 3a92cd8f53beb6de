"""Countries by a GeoIP database, in the workers of a real server."""

import time

import httpx
import pytest

from tests.databases import write_database
from tests.serving import environment_for, schedule, serving

pytestmark = pytest.mark.process

LIVE_WITHIN = 2.0  # seconds: REFRESH_SECONDS and one more
MOVED = """
R.objects.schedule("/moved", "/echo/{country}", conditions=[
    dict(kind="country", value="Austria, EU")])
"""


@pytest.mark.parametrize("kind", ["gunicorn-preload", "uvicorn"])
def test_a_database_gives_countries_and_a_new_one_is_followed(tmp_path, kind):
    path = write_database(tmp_path / "countries.mmdb", {"127.0.0.0/8": "AT"})
    environment = environment_for(f"sqlite:///{tmp_path / 'site.sqlite3'}")
    environment["GEOIP_PATH"] = str(path)
    schedule(environment, " ".join(MOVED.split()))

    with serving(kind, environment) as site:

        def answers():
            """Ask on connections of their own, so that every worker answers."""
            asked = [httpx.get(f"{site.url}/moved") for _ in range(8)]
            assert {each.headers["Cache-Control"] for each in asked} <= {
                "no-store",
                "private",
            }
            return {each.headers.get("Location") for each in asked}

        assert answers() == {"/echo/AT"}

        write_database(path, {"127.0.0.0/8": "US"})
        time.sleep(LIVE_WITHIN)
        answers()  # the first one after a while looks beside it
        time.sleep(LIVE_WITHIN / 4)
        assert answers() == {None}

        junk = tmp_path / "junk"
        junk.write_bytes(b"junk")
        junk.replace(path)
        time.sleep(LIVE_WITHIN)
        assert answers() == {None}

        write_database(path, {"127.0.0.0/8": "FR"})
        time.sleep(LIVE_WITHIN)
        answers()
        time.sleep(LIVE_WITHIN / 4)
        assert answers() == {"/echo/FR"}
