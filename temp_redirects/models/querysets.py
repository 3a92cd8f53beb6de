"""QuerySets of rules: what is asked of and done to many of them."""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID, uuid4

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import F, Q
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

from temp_redirects.core import documents
from temp_redirects.core.index import EVERYTHING, Index, Overlay
from temp_redirects.core.loops import find_loop
from temp_redirects.core.orders import turn
from temp_redirects.core.patterns import MAX_PATH, SHAPED, decoded, sample_path
from temp_redirects.core.records import Record, precedence
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.schedules import moment
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.models.columns import name_key
from temp_redirects.models.repeating import RepeatingQuerySet
from temp_redirects.models.settling import settled
from temp_redirects.models.versions import RulesetVersion, writing
from temp_redirects.sites import current_site, site_timezone

if TYPE_CHECKING:
    from temp_redirects.models.rules import RedirectRule

DestinationSpec: TypeAlias = "Mapping[str, Any]"  # {"target": "/b/", "percentage": 50}
ConditionSpec: TypeAlias = "Mapping[str, str]"  # {"kind": "scheme", "value": "http"}


def default_name(source: str, *targets: str) -> str:
    """Return the name of a rule that was given none, another one for other addresses.

    What is too long for a name is cut, and a digest keeps two of them apart.
    """
    name = f"{source} → {', '.join(targets)}"
    if len(name) <= documents.MAX_NAME:
        return name
    digest = blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{name[: documents.MAX_NAME - len(digest) - 1]}…{digest}"


def _targets(destinations: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(each.get("target", "")) for each in destinations]


class RedirectRuleQuerySet(RepeatingQuerySet["RedirectRule"]):
    """Rules, and what is done to many of them at once."""

    def covering(self, path: str) -> "RedirectRuleQuerySet":
        """Return the rules that may cover a decoded path, switched off or not.

        Patterns and regular expressions are all among them, and a collation may add
        rules whose path differs by case only; `Index` keeps those that cover it.
        """
        return self.filter(Q(match__in=SHAPED) | self._plainly(path))

    @staticmethod
    def _plainly(path: str) -> Q:
        ends = [at for at, sign in enumerate(path[: MAX_PATH + 1]) if sign == "/"]
        folders = {path[:end] for end in ends} | {path[: end + 1] for end in ends}
        prefixes = map(documents.typed_path, folders | {path, f"{path}/"})
        return Q(match="exact", path=documents.typed_path(path)) | Q(
            match="prefix", path__in=set(prefixes) - {""}
        )

    def plainly_covering(self, path: str) -> "RedirectRuleQuerySet":
        """Return the exact paths and prefixes among them."""
        return self.filter(self._plainly(path))

    def shaped(self) -> "RedirectRuleQuerySet":
        """Return the patterns and regular expressions, which no query can match."""
        return self.filter(match__in=SHAPED)

    def live(self, now: datetime) -> "RedirectRuleQuerySet":
        """Switched on and inside their window at *now*, as `Schedule` has it."""
        return self.filter(self.during(now), enabled=True)

    def scheduled(self, now: datetime) -> "RedirectRuleQuerySet":
        """Switched on, their window not begun."""
        return self.filter(self.before(now), enabled=True)

    def ended(self, now: datetime) -> "RedirectRuleQuerySet":
        """Their window over, switched on or not."""
        return self.filter(self.over(now))

    def paused(self, now: datetime) -> "RedirectRuleQuerySet":
        """Switched off before their window was over."""
        return self.filter(self.during(now) | self.before(now), enabled=False)

    def endable(self, now: datetime) -> "RedirectRuleQuerySet":
        """Return the rules that `end` changes at *now*."""
        once = Q(_begun(now) | _waiting(now), recurrence="")
        return self.filter(once | self.on_again(now))

    def pause(self) -> int:
        """Switch the rules off; the number that were on."""
        return self.filter(enabled=True).update(enabled=False)

    pause.alters_data = True  # type: ignore[attr-defined]

    def resume(self) -> int:
        """Switch the rules on; the number that were off."""
        return self.filter(enabled=False).update(enabled=True)

    resume.alters_data = True  # type: ignore[attr-defined]

    def end(self, now: datetime | None = None) -> int:
        """End the rules that have not ended, now; the number of them.

        One that has not begun has no window left and is switched off instead. Of one
        that repeats only what is on ends, and between two of its times there is none.
        """
        now = now or django_timezone.now().replace(microsecond=0)
        with writing(self._writes_to()):
            repeated = self.end_occurrences(now)
            once = self.filter(recurrence="")
            begun = once.filter(_begun(now)).update(ends_at=now)
            waiting = once.filter(_waiting(now))
            return repeated + begun + waiting.update(enabled=False)

    end.alters_data = True  # type: ignore[attr-defined]

    def extend(self, by: timedelta, now: datetime | None = None) -> int:
        """Move the end of the rules that have one; the number of them.

        Of one that repeats it is the end of what is on, else of what comes next.
        """
        now = now or django_timezone.now()
        with writing(self._writes_to()):
            repeated = self.extend_occurrences(by, now)
            once = self.filter(recurrence="").exclude(ends_at=None)
            return repeated + once.update(ends_at=F("ends_at") + by)

    extend.alters_data = True  # type: ignore[attr-defined]

    def schedule(
        self,
        source: str,
        target: str | Sequence[DestinationSpec],
        *,
        name: str | None = None,
        match: str = "exact",
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        timezone: str = "",
        repeat: str = "",
        repeat_until: str | None = None,
        skip: Sequence[str] = (),
        methods: Sequence[str] = (),
        hosts: Sequence[str] = (),
        except_paths: Sequence[str] = (),
        conditions: Sequence[ConditionSpec] = (),
        unless: Sequence[ConditionSpec] = (),
        sticky: str = "visitor",
        goal: str = "",
        goal_days: int = 7,
        planned_visitors: int | None = None,
        status: int = 307,
        priority: int = 0,
        query: str = "keep",
        cache_seconds: int = 0,
        enabled: bool = True,
        note: str = "",
    ) -> "RedirectRule":
        """Make a whole rule in one call, or change the one of that name.

        Without a name it is named after its source. Several destinations, each as in
        a document, share the visitors by their percentages. Times are aware datetimes,
        the first ones where it comes again by *repeat*, an RRULE, until the day
        *repeat_until*, and not on the days *skip*, all as in the document. Raises
        ValidationError, with every problem by the place in the document, for what the
        form would refuse, loops included.
        """
        timezone = timezone or site_timezone()
        destinations = (
            [{"target": target}]
            if isinstance(target, str)
            else [dict(each) for each in target]
        )
        return self.save_document(
            {
                "name": name or default_name(source, *_targets(destinations)),
                "enabled": enabled,
                "priority": priority,
                "match": match,
                "path": source,
                "hosts": list(hosts),
                "methods": list(methods),
                "except_paths": list(except_paths),
                "conditions": [dict(each) for each in conditions],
                "unless": [dict(each) for each in unless],
                "schedule": {
                    "starts_at": wall_time(starts_at, timezone),
                    "ends_at": wall_time(ends_at, timezone),
                    "timezone": timezone,
                    "repeat": repeat,
                    "until": repeat_until,
                    "except": list(skip),
                },
                "sticky": sticky,
                "destinations": destinations,
                "goal": goal,
                "goal_days": goal_days,
                "planned_visitors": planned_visitors,
                "status": status,
                "query": query,
                "cache_seconds": cache_seconds,
                "note": note,
            }
        )

    schedule.alters_data = True  # type: ignore[attr-defined]

    def save_document(self, document: Mapping[str, Any]) -> "RedirectRule":
        """Write the rule of a document, over the one of that name, else of that id.

        Raises ValidationError as `schedule` does.
        """
        rule = parse_document(document)
        using = self._writes_to()
        with writing(using):
            rows = self.using(using)
            row: RedirectRule = row_for(rows, rule.name, rule.id)
            stored = () if row._state.adding else row.destinations.all()
            rule = settled(replace(rule, id=str(row.pk)), stored, is_edit=True)
            refuse_taken_name(rule.name, using)
            refuse_loops(rows, rule)
            row.take(rule)
            row.save(using=using)
            row.take_parts(rule)
        return row

    save_document.alters_data = True  # type: ignore[attr-defined]


def _begun(now: datetime) -> Q:
    begun = Q(starts_at=None) | Q(starts_at__lt=now)
    return begun & (Q(ends_at=None) | Q(ends_at__gt=now))


def _waiting(now: datetime) -> Q:
    return Q(starts_at__gte=now, enabled=True)


class StoredIndex:
    """The stored rules by path, asked of the database: for the few a save meets."""

    def __init__(self, rules: RedirectRuleQuerySet) -> None:
        self._rules = rules.filter(enabled=True).prefetch_related(
            "destinations", "conditions"
        )
        self._shaped: Index | None = None
        # Of the rules together nothing is known: they are not all looked at.
        self.beginnings: Container[str] = EVERYTHING
        self.kinds: frozenset[str] | None = None
        self.remembering: list[Record] = []
        self._found: dict[str, list[Record]] = {}

    def covers(self, path: str) -> bool:
        """Say whether a rule is for this path."""
        return bool(self.candidates(path))

    def candidates(self, path: str) -> list[Record]:
        """Return the records whose source covers the path, in order of precedence."""
        if path not in self._found:
            if self._shaped is None:
                self._shaped = _index(self._rules.shaped())
            plain = _index(self._rules.plainly_covering(path))
            found = [*plain.candidates(path), *self._shaped.candidates(path)]
            self._found[path] = sorted(found, key=precedence)
        return self._found[path]

    def paths_under(self, start: str, most: int) -> list[str]:
        """Return paths of rules that begin so, *most* of them at most."""
        rows = self._rules.filter(path__startswith=documents.typed_path(start))
        rows = rows.prefetch_related(None).order_by("path")
        paths = rows.values_list("path", flat=True)[:most]
        return [path for path in map(decoded, paths) if path.startswith(start)]

    def __iter__(self) -> Iterator[Record]:
        """Yield every record."""
        return (rule.to_record() for rule in self._rules)


def _index(rules: RedirectRuleQuerySet) -> Index:
    return Index(rule.to_record() for rule in rules)


def parse_document(document: Mapping[str, Any]) -> Rule:
    """Return the compiled rule, or raise ValidationError by place in the document."""
    try:
        return documents.parse(document, current_site(), site_timezone())
    except documents.Rejected as rejected:
        messages: dict[str, list[str]] = {}
        for place, sentence in rejected.problems:
            messages.setdefault(place, []).append(str(sentence))
        raise ValidationError(messages) from rejected


def window_named(name: str, using: str | None = None) -> Any:
    """Return the maintenance window of that name; rules share the names with them."""
    # By its name, because windows are built on rules.
    windows = apps.get_model("temp_redirects", "MaintenanceWindow")
    return windows.objects.using(using).filter(name_key=name_key(name)).first()


def row_for(rows: Any, name: str, own: str) -> Any:
    """Return the row of that name, else of that id, else a new one with that id."""
    pk = UUID(own) if own else uuid4()
    return rows.named(name) or rows.filter(pk=pk).first() or rows.model(pk=pk)


def lock_in_transaction(using: str) -> None:
    """Let other writers wait until this transaction ends, where there is one."""
    if connections[using].in_atomic_block:
        RulesetVersion.lock(using)


def refuse_taken_name(name: str, using: str) -> None:
    """Raise ValidationError where a maintenance window has the name."""
    if window_named(name, using):
        raise ValidationError(
            {"name": [_("A maintenance window has this name already; use another.")]}
        )


def refuse_loops(
    rules: RedirectRuleQuerySet, rule: Rule, *, windows: Sequence[Record] | None = None
) -> None:
    """Raise ValidationError where visitors would go round and round, hop by hop.

    *rules* are the stored ones; the one with the id of *rule* is thought replaced.
    *windows* are the records of maintenance windows, else the stored ones. In a
    transaction other writers wait until it ends, so that the answer stays true.
    """
    if not rule.enabled:
        return
    lock_in_transaction(rules.db)
    if windows is None:
        windows = records_of_windows(rules.db)
    stored = Ruleset.over(Overlay(StoredIndex(rules), [], windows))
    ruleset = stored.with_record(documents.record_of(rule))
    now = django_timezone.now().timestamp()
    hops = find_loop(ruleset, rule, current_site(), since=now)
    if hops:
        way = " → ".join(
            f"{hop.url} ({hop.rule})" if hop.rule else hop.url for hop in hops
        )
        why = Sentence("Visitors would go round and round: {way}.", way=way)
        raise ValidationError({"destinations[0].target": [str(why)]})


def records_of_windows(using: str, but: str = "") -> list[Record]:
    """Return what stored maintenance windows with targets of their own compile to.

    The notice is protected, so that the others lead nobody on. The window whose name
    has the key *but* is left out.
    """
    model = apps.get_model("temp_redirects", "MaintenanceWindow")
    found: list[Record] = []
    rows = model._default_manager.using(using).filter(enabled=True)
    for row in rows.exclude(target="").exclude(name_key=but):
        with suppress(Refused):  # one that cannot be read is switched off
            found += row.compile().records()
    return found


def turn_of(rules: RedirectRuleQuerySet, rule: Rule) -> tuple[str, Sentence] | None:
    """Return a path that a rule covers, and when and why it is tried there.

    None where no other of the stored rules that are switched on covers that path, or
    none is guessed that this rule covers.
    """
    path = sample_path(rule.source)
    record = documents.record_of(rule)
    tried = Overlay(StoredIndex(rules), [rule.id], [record]).candidates(path)
    if len(tried) < 2 or record not in tried:
        return None
    place = tried.index(record)
    before = tried[place - 1]
    earlier = (before[1], precedence(before)) if place else None
    return path, turn(place + 1, rule.precedence, earlier)


def wall_time(at: datetime | None, timezone: str) -> str | None:
    """Return a moment as the wall clock of a time zone shows it, for a document."""
    return None if at is None else moment(at.timestamp(), timezone).isoformat()
