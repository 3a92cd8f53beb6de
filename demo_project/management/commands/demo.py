"""The demo: the shop and its partner, set up and running, in one command."""

import argparse
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo_project import conf
from demo_project.accounts import PASSWORDS
from demo_project.management.commands.demo_data import refuse_without_debug
from demo_project.servers import (
    LAST_PORT,
    Servers,
    ServerStoppedError,
    Site,
    Stop,
    next_free,
    running_mark,
    running_port,
)
from demo_project.stories import stories

MANAGE = conf.BASE_DIR / "manage.py"

READY = """
  {shop.name:<14}{shop.origin}/          the shop: start here, each redirect is told
  Admin         {shop.origin}/admin/    the rules: Temporary redirects
  {partner.name:<14}{partner.origin}/          the other server

  Users         {users}

  Try           {posted}
                  {posted_answer}
                {followed}
                  {followed_answer}

"""

RUN = "Nothing is running yet. To run the two servers by hand, one terminal each:\n\n"


class Command(BaseCommand):
    """Set up both sites, say where to look, and run them until told to stop."""

    help = (
        "Set up the demo shop and its partner on another port, print what to open, "
        "and run both until Ctrl-C. Harmless to repeat: the rules are dated anew."
    )
    requires_system_checks = []  # the servers run them

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take where to run, and whether to start afresh or not to run at all."""
        parser.add_argument(
            "--port",
            type=port_number,
            default=8000,
            help="The shop's port; the next free one if it is in use. Default: 8000.",
        )
        parser.add_argument(
            "--reset", action="store_true", help="Delete the demo's stores first."
        )
        parser.add_argument(
            "--no-run", action="store_true", help="Set up and print, but run nothing."
        )

    def handle(
        self, *args: Any, port: int, reset: bool, no_run: bool, **options: Any
    ) -> None:
        """Set up, then run."""
        refuse_without_debug()
        shop, partner = self.sites(port)
        folder = self.folder(shop)
        env = environment(shop, partner, folder)
        if reset:
            self.reset(folder)
        for site in (shop, partner):
            set_up(site, env)
        if no_run:
            self.say_ready(shop, partner)
            self.say_how_to_run(shop, partner, env)
        else:
            with running_mark(folder, shop.port):
                self.run(shop, partner, env)

    def sites(self, port: int) -> tuple[Site, Site]:
        """Return the shop on the first free port from *port* on, then the partner."""
        try:
            first = next_free(port)
            second = next_free(first + 1)
        except ValueError as error:
            raise CommandError(f"The demo needs two ports, but {error}.") from error
        if first != port:
            self.say(f"Port {port} is in use; the demo takes {first}.")
        return (
            Site(name="Juniper", settings="demo_project.settings", port=first),
            Site(name="Partner Shop", settings="demo_project.partner", port=second),
        )

    def folder(self, shop: Site) -> Path:
        """Return where the stores are, or a place of its own for a second demo.

        With one store, the second would lead the first one's form to its own partner.
        """
        folder = conf.current().folder
        if not (running := running_port(folder)):
            return folder
        own = folder / f"port-{shop.port}"
        self.say(f"A demo runs on port {running}; this one keeps its stores in {own}.")
        return own

    def reset(self, folder: Path) -> None:
        """Delete the demo's own stores; one that is elsewhere is not its to delete."""
        name = settings.DATABASES["default"]["NAME"]
        if not Path(name).is_relative_to(conf.current().folder):
            raise CommandError(
                f"--reset deletes only what the demo keeps in {folder}, but "
                f"DATABASE_URL names another store: “{name}”. Empty that one yourself."
            )
        delete_stores(folder)
        self.say(f"Deleted the stores in {folder}.")

    def run(self, shop: Site, partner: Site, env: Mapping[str, str]) -> None:
        """Run both servers until a signal; CommandError where one ends by itself."""
        stop = Stop()
        with stop.listening(), Servers([shop, partner], MANAGE, env) as servers:
            try:
                servers.wait_until_ready(stop)
                if not stop.asked:
                    self.say_ready(shop, partner)
                    self.say("Running. Ctrl-C stops both servers.\n")
                servers.watch(stop)
            except ServerStoppedError as error:
                raise CommandError(str(error)) from error
        self.say("\nStopped both servers.")

    def say_ready(self, shop: Site, partner: Site) -> None:
        """Print what to open, who may sign in, and two lines to try."""
        posted, followed = stories(shop.origin, partner.origin)[0].tries[:2]
        users = [f"{name} / {password}" for name, password in PASSWORDS.items()]
        text = READY.format(
            shop=shop,
            partner=partner,
            users=("\n" + " " * 16).join(users),
            posted=posted.command,
            posted_answer=f"{posted.answer.phrase}, Location: {posted.answer.location}",
            followed=followed.command,
            followed_answer=f"{{{followed.answer.body}, …",
        )
        self.say(text)

    def say_how_to_run(self, shop: Site, partner: Site, env: Mapping[str, str]) -> None:
        """Print how the two servers are run by hand, on the ports of the rules."""
        names = ("DEMO_DIR", "SHOP_ORIGIN", "PARTNER_ORIGIN")
        variables = " ".join(f"{name}={shlex.quote(env[name])}" for name in names)
        self.say(RUN)
        for site in (shop, partner):
            runserver = f"runserver {site.port} --settings={site.settings}"
            self.say(f"  {variables} python manage.py {runserver}")

    def say(self, text: str) -> None:
        """Print *text* now, also where the output is a file or a pipe."""
        self.stdout.write(text)
        self.stdout.flush()


def port_number(text: str) -> int:
    """Return the port that *text* names, one that leaves room for a second."""
    if not text.isdecimal() or not 0 < int(text) < LAST_PORT:
        raise argparse.ArgumentTypeError(
            f"“{text}” is not a port between 1 and {LAST_PORT - 1}"
        )
    return int(text)


def environment(shop: Site, partner: Site, folder: Path) -> dict[str, str]:
    """Return the environment in which both sites know their stores and each other."""
    return {
        **os.environ,
        "DEMO_DIR": str(folder),
        "SHOP_ORIGIN": shop.origin,
        "PARTNER_ORIGIN": partner.origin,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_RUNSERVER_HIDE_WARNING": "true",
    }


def set_up(site: Site, env: Mapping[str, str]) -> None:
    """Fill the site's store, in a process that has the site's settings."""
    command = site.command(MANAGE, "demo_data")
    if subprocess.run(command, env=env, check=False).returncode:  # noqa: S603 -- our own
        raise CommandError(f"{site.name} could not be set up; the reason is above.")


def delete_stores(folder: Path) -> None:
    """Delete what the two sites stored in *folder*, and nothing else there."""
    for kept in ("shop", "partner"):
        for file in folder.glob(f"{kept}.sqlite3*"):
            file.unlink()
        shutil.rmtree(folder / f"{kept}-files", ignore_errors=True)
