"""Assignments: which arm of a rule a visit gets, by what, and whether it counts."""

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from temp_redirects.core.addresses import parse_address
from temp_redirects.core.pins import Pin, key_of
from temp_redirects.core.rules import REMEMBERING, Destination, Rule
from temp_redirects.core.sentences import Joined, Said, Sentence, gettext_noop
from temp_redirects.core.splits import ORIGINAL, draw
from temp_redirects.core.visits import Visit

HOST_BITS = 64  # of an IPv6 address, which one visitor changes at will (RFC 8981)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The arm that a visit gets: a destination's id, or the original page.

    ``by`` says how it was found: by the rule's ``sticky``, by a ``pin`` in the cookie,
    by a ``preview`` of staff, or ``no_consent``. ``visitor`` is who was drawn for.
    ``uses_cookie`` allows to store the visitor's id, and ``pin`` is new and belongs
    beside it. ``is_exposure`` says that the visitor is new in an experiment and counts,
    where the answer is no error.
    ``is_premature`` says that a browser asks before its visitor does, who would count.
    """

    rule: Rule
    arm: str
    epoch: str
    by: str
    visitor: str = ""
    uses_cookie: bool = False
    pin: Pin | None = None
    is_exposure: bool = False
    is_premature: bool = False

    @property
    def destination(self) -> Destination | None:
        """Where the visitor goes; None for the original page."""
        return destination_of(self.rule, self.arm)

    def explain(self) -> Sentence:
        """Say who got which arm, and what each arm drew."""
        facts = {"arm": label_of(self.rule, self.arm), "epoch": self.epoch}
        if self.by == "preview":
            return Sentence("a preview of {arm}, not counted", **facts)
        if self.by == "no_consent":
            return Sentence("the visitor is not to be counted: {arm}", **facts)
        if self.by == "pin":
            return Sentence("the cookie has {arm} since epoch {epoch}", **facts)
        drawn = {**facts, "visitor": self.visitor, "draws": self._draws()}
        if self.by == "user":
            return Sentence("user “{visitor}” gets {arm} ({draws})", **drawn)
        if self.by == "address":
            return Sentence("address “{visitor}” gets {arm} ({draws})", **drawn)
        if self.by == "request":
            return Sentence("request “{visitor}” gets {arm} ({draws})", **drawn)
        return Sentence("visitor “{visitor}” gets {arm} ({draws})", **drawn)

    def _draws(self) -> Said:
        """Return the draw of each arm beside its share: the best for its share wins."""
        salt, shares = self.rule.split.salt, self.rule.split.shares
        found = (
            (label_of(self.rule, arm), draw(salt, "arm", arm, self.visitor), share)
            for arm, share in shares
            if share > 0
        )
        return Joined(
            (
                Sentence(
                    "{arm} drew {drawn:.4f} for {share:.4g} %",
                    arm=label,
                    drawn=drawn,
                    share=share,
                )
                for label, drawn, share in found
            ),
            gettext_noop("; "),
        )


def assign(rule: Rule, visit: Visit, now: float) -> Assignment:
    """Return the arm of a visit in a rule that holds, at *now*, seconds since 1970."""
    split = rule.split
    forced = visit.arms.get(rule.id)
    if forced is not None and forced in dict(split.shares):
        return Assignment(rule=rule, arm=forced, epoch=split.epoch, by="preview")
    if rule.sticky in REMEMBERING and (rule.goal or not split.is_whole):
        if visit.may_remember:
            return _remembered(rule, visit, now)
        if rule.goal:
            arm, by = ORIGINAL, "no_consent"
            return Assignment(rule=rule, arm=arm, epoch=split.epoch, by=by)
    by = "request" if rule.sticky == "request" else "address"
    visitor = visit.chance if by == "request" else network_of(visit.address)
    return _drawn(rule, visitor or visit.chance, by)


def _drawn(rule: Rule, visitor: str, by: str) -> Assignment:
    split = rule.split
    return Assignment(
        rule=rule, arm=split.arm(visitor), epoch=split.epoch, by=by, visitor=visitor
    )


def _remembered(rule: Rule, visit: Visit, now: float) -> Assignment:
    """Return the arm by the cookie: the pin in it, else the user, else its id."""
    is_kept = visit.method != "HEAD" and not (rule.goal and visit.is_bot)
    pin = visit.pins.get(key_of(rule.id)) if rule.remembers else None
    if pin and rule.split.share(pin.arm) > 0:
        return Assignment(
            rule=rule,
            arm=pin.arm,
            epoch=pin.epoch,
            by="pin",
            visitor=visit.visitor,
            uses_cookie=is_kept,
        )
    person = visit.person if rule.sticky == "user" else None
    visitor, by = visit.visitor, "visitor"
    if person and person.is_authenticated:
        visitor, by = f"user {person.id}", "user"
    split, arm = rule.split, rule.split.arm(visitor)
    is_pinned = rule.remembers and is_kept and (not rule.goal or visit.is_measured)
    return Assignment(
        rule=rule,
        arm=arm,
        epoch=split.epoch,
        by=by,
        visitor=visitor,
        uses_cookie=is_kept,
        pin=Pin(key_of(rule.id), split.epoch, arm, int(now)) if is_pinned else None,
        is_exposure=is_pinned and bool(rule.goal),
        is_premature=is_kept and bool(rule.goal) and visit.is_speculative,
    )


def network_of(address: str) -> str:
    """Return what is the same for all addresses of one visitor: IPv6 by /64."""
    parsed = parse_address(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, 128 - HOST_BITS), strict=False))
    return str(parsed or "")


def destination_of(rule: Rule, arm: str) -> Destination | None:
    """Return the destination that an arm is; None for the original page."""
    for at, each in enumerate(rule.destinations):
        if (each.id or str(at)) == arm:
            return each
    return None


def label_of(rule: Rule, arm: str) -> Said:
    """Return what people call an arm."""
    destination = destination_of(rule, arm)
    if destination is None:
        return Sentence("the original page")
    return f"“{destination.label or destination.target.typed}”"
