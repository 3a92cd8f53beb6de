"""Small GeoIP databases for tests: networks and the country each is in."""

from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

PLACES = {"192.0.2.0/25": "DE", "192.0.2.128/25": "AT", "2001:db8::/32": "FR"}


def write_database(path: Path, places: dict[str, Any] = PLACES) -> Path:
    """Write a database, and put it in its place by one move, as updaters do."""
    writer = MMDBWriter(
        ip_version=6, ipv4_compatible=True, database_type="Tests-Country"
    )
    for network, code in places.items():
        writer.insert_network(IPSet([network]), {"country": {"iso_code": code}})
    fresh = path.with_suffix(".fresh")
    writer.to_db_file(str(fresh))
    return fresh.replace(path)
