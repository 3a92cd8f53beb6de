"""Kill switches: what is switched off at once, whatever the rules say."""

from collections.abc import Collection
from dataclasses import dataclass

from temp_redirects.core.rules import Hosts, Rule
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.sentences import Refused, Said, Sentence
from temp_redirects.core.visits import Visit

EVERYTHING, HOST, MAINTENANCE = "everything", "host", "maintenance"
SCOPES = (EVERYTHING, HOST, MAINTENANCE)
CODE = "kill_switch"  # of the step in a trace, and of the decision


@dataclass(frozen=True, slots=True, kw_only=True)
class KillSwitch:
    """Redirects switched off: all of them, one host's, or those of maintenance.

    ``since`` and ``ends`` are seconds since the epoch; without an end it is until
    somebody switches on again. ``timezone`` is the clock that people are told it by.
    """

    scope: str = EVERYTHING
    host: str = ""
    since: float = 0.0
    ends: float | None = None
    timezone: str = "UTC"
    reason: str = ""
    who: str = ""

    def __post_init__(self) -> None:
        if self.scope not in SCOPES:
            raise Refused("“{scope}” cannot be switched off.", scope=self.scope)
        if (self.scope == HOST) != bool(self.host):
            raise Refused("Name the host to switch off. Example: “shop.example”.")
        if self.host:
            Hosts.parse([self.host])

    def active(self, now: float) -> bool:
        """Say whether it is off at *now*; the end is the first moment it is not."""
        return self.ends is None or now < self.ends

    def is_for(self, visit: Visit) -> bool:
        """Say whether the visit's host is concerned."""
        return not self.host or Hosts.parse([self.host]).holds(visit, 0)

    def stops(self, rule: Rule) -> bool:
        """Say whether the rule is concerned, on a host that is; all windows are."""
        return self.scope != MAINTENANCE or rule.is_window

    def silences(self, hosts: Collection[str], *, is_window: bool) -> bool:
        """Say whether it stops what is for these hosts on each of them.

        Without hosts that is what is for all of them: one host's switch leaves it on
        elsewhere.
        """
        if self.scope == HOST:
            return bool(hosts) and all(
                host == self.host or self.is_for(Visit("/", host=host))
                for host in hosts
            )
        return self.scope == EVERYTHING or is_window

    def explain(self) -> Sentence:
        """Say what is off, until when, and why."""
        until: Said = Sentence("somebody switches it on again")
        if self.ends is not None:
            until = Schedule(timezone=self.timezone).shown(self.ends)
        told = self._told(until)
        if not self.reason:
            return told
        return Sentence("{told} ({reason})", told=told, reason=self.reason)

    def _told(self, until: Said) -> Sentence:
        if self.scope == EVERYTHING:
            return Sentence("everything is switched off until {until}", until=until)
        if self.scope == MAINTENANCE:
            return Sentence("maintenance is switched off until {until}", until=until)
        return Sentence(
            "“{host}” is switched off until {until}", host=self.host, until=until
        )
