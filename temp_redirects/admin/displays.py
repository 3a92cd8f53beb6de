"""What the admin shows of a rule: its state, its source, its window."""

from datetime import UTC, datetime
from time import time
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.times import local_time, shown_time, wall_text
from temp_redirects.advice import Advice, advise
from temp_redirects.changes import label
from temp_redirects.core import records
from temp_redirects.core.conditions import KINDS
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.descriptions import sentence
from temp_redirects.core.patterns import parse_source, sample_path, typed_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.explanations import with_draft
from temp_redirects.figures import figure
from temp_redirects.models import Destination, RedirectRule
from temp_redirects.models.history import RULE
from temp_redirects.models.hits import Hits
from temp_redirects.models.querysets import turn_of
from temp_redirects.neighbours import advise_among
from temp_redirects.sites import site_timezone
from temp_redirects.store import store

STATES = {  # the icon beside the word: a state is never told by colour alone
    "live": ("●", _("Live")),
    "scheduled": ("◷", _("Scheduled")),
    "paused": ("‖", _("Paused")),
    "ended": ("✓", _("Ended")),
    "rejected": ("⚠", _("Switched off by an error")),
}
NOTE_WORDS = 20  # of a note, in the list
_URL_PATH = "/:@!$&()*+,;=~"  # stands in a URL as it is; quotes are for the shell


def badge(
    state: str, reason: str = "", words: "tuple[str, Any] | None" = None
) -> SafeString:
    """Return a state as icon and word, with the reason for it."""
    icon, word = words or STATES[state]
    shown = format_html(
        '<span class="temp-redirects-state temp-redirects-{}">'
        '<span class="temp-redirects-icon" aria-hidden="true">{}</span> {}</span>',
        state,
        icon,
        word,
    )
    if reason:
        shown += format_html('<div class="temp-redirects-more">{}</div>', reason)
    return shown


def test_url(**told: str) -> str:
    """Return the address of the page that tests a URL, with what is told already."""
    query = QueryDict(mutable=True)
    query.update(told)
    page = reverse("admin:temp_redirects_redirectrule_test")
    return f"{page}?{query.urlencode()}" if told else page


def rule_test_url(rule: RedirectRule) -> str:
    """Return where a rule is tested: with an address that it is for, and a method."""
    fields = records.unpack(rule.to_record())
    try:
        path = sample_path(parse_source(*records.source(rule.to_record())))
    except Refused:
        path = fields["path"]
    hosts = [host.replace("*.", "www.", 1) for host in fields["hosts"]]
    url = typed_path(path)
    url = f"https://{hosts[0]}{url}" if hosts else url
    return test_url(url=url, method=next(iter(fields["methods"]), "GET"))


def wall_at(at: float) -> str:
    """Return a moment as the page that tests a URL reads it, to the second."""
    return wall_text(int(at), site_timezone())


def test_link(rule: RedirectRule) -> SafeString:
    """Return the link to a rule's test, for a list."""
    return format_html(
        '<div><a href="{}">{}</a></div>',
        rule_test_url(rule),
        gettext("Test"),
    )


def state_badge(rule: RedirectRule) -> SafeString:
    """Return the rule's state now; for one that an error switched off, the reason."""
    state = rule.state()
    return badge(state, reason(rule) if state == "rejected" else "")


def reason(rule: RedirectRule) -> str:
    """Return why an error switched the rule off, or an empty text."""
    try:
        rule.compile()
    except Refused as refused:
        return told_refusal(RULE, refused)
    return ""


def told_refusal(kind: str, refused: Refused) -> str:
    """Return why a rule or a window is refused, in the words of its form."""
    problems = getattr(refused, "problems", [("", refused.sentence)])
    return " ".join(_with_subject(label(kind, at), why) for at, why in problems)


def title(rule: RedirectRule) -> SafeString:
    """Return the rule's name, and beneath it how its note begins."""
    note = Truncator(rule.note).words(NOTE_WORDS)
    if not note:
        return format_html("{}", rule.name)
    return format_html(
        '{}<div class="temp-redirects-more temp-redirects-cut" title="{}">{}</div>',
        rule.name,
        rule.note,
        note,
    )


def way(rule: RedirectRule) -> SafeString:
    """Return from where to where, and what narrows it."""
    below = gettext("and everything under it") if rule.match == "prefix" else ""
    more = [below, rule.methods, rule.hosts]
    targets = [
        # The share stands apart, so that a long address does not hide it.
        (with_more(_cut(f"→ {each.target}"), *filter(None, [_share(each)])),)
        for each in rule.destinations.all()
    ]
    source = with_more(_cut(rule.path), *filter(None, more))
    return format_html("{}{}", source, format_html_join("", "{}", targets))


def _share(destination: Destination) -> str:
    """Return the share of a destination, “12.5 %”; empty where it has none."""
    if destination.percentage is None:
        return ""
    return f"{figure(f'{float(destination.percentage):g}')} %"


def _cut(text: str) -> SafeString:
    """Return a text that a narrow list may cut short, and tells in full as title."""
    line = '<div class="temp-redirects-cut" title="{}">{}</div>'
    return format_html(line, text, text)


def target(rule: RedirectRule) -> str:
    """Return where visitors go, as typed, with their shares where they have any."""
    found = [(each.target, _share(each)) for each in rule.destinations.all()]
    return ", ".join(f"{typed} ({share})" if share else typed for typed, share in found)


def window(rule: RedirectRule) -> SafeString:
    """Return when the rule redirects, its zone always named, and how far that is."""
    fields = records.unpack(rule.to_record())
    starts, ends = (
        None if fields[bound] is None else local_time(fields[bound], fields["timezone"])
        for bound in ("starts", "ends")
    )
    away = distance(starts, ends)
    return with_more(_span(starts, ends), *([away] if away else []))


def hits(seen: Hits | None, timezone: str) -> SafeString:
    """Return how often a rule redirected, lately and in all, and the last time."""
    if seen is None or seen.last is None:
        return format_html("{}", gettext("none so far"))
    last = _time(local_time(seen.last.timestamp(), timezone))
    return with_more(
        gettext("{day} in 24 h").format(day=figure(seen.day)),
        gettext("{total} in all").format(total=figure(seen.total)),
        format_html(gettext("last {at}"), at=last),
    )


def conditions(rule: RedirectRule) -> SafeString:
    """Return whom the rule is for, a line each."""
    lines = [
        (
            each.get_excepts_display(),
            KINDS[each.kind].label if each.kind in KINDS else each.kind,
            each.value,
        )
        for each in rule.conditions.all()
    ]
    if not lines:
        return format_html("{}", gettext("everybody"))
    return format_html_join("", "<div>{} {}: {}</div>", lines)


def advice_for(rule: Rule) -> list[Advice]:
    """Return what to know about a rule, by itself and among the stored ones."""
    now, ruleset = time(), with_draft(store.newest(), rule)
    return [*advise(rule, now), *advise_among(rule, ruleset, now)]


def summary(rule: RedirectRule, request: HttpRequest) -> dict[str, Any]:
    """Return what the form and the message after saving say about a stored rule."""
    state, problem = rule.state(), reason(rule)
    if problem:
        return {"badge": badge(state, problem), "advice": []}
    compiled = rule.compile()
    return {
        "badge": badge(state),
        "sentence": sentence(compiled),
        "turn": _turn(compiled),
        "advice": advice_for(compiled),
        "url": address(compiled, request) if _is_opened(compiled) else "",
        "curl": curl_line(compiled, request),
    }


def _turn(rule: Rule) -> str:
    """Return when the rule is tried where others cover its path too, and why."""
    told = turn_of(RedirectRule.objects.all(), rule)
    if told is None:
        return ""
    path, turn = told
    return gettext("On “%(path)s” it is %(turn)s.") % {
        "path": typed_path(path),
        "turn": turn,
    }


def saved_message(summary: dict[str, Any], end_url: str, tested_at: str) -> str:
    """Return the message after saving: the sentence, and what to do next."""
    context = {"summary": summary, "end_url": end_url, "tested_at": tested_at}
    return render_to_string("temp_redirects/admin/saved.html", context)


def address(rule: Rule, request: HttpRequest) -> str:
    """Return an address that the rule is for, on its own host where it names one."""
    schemes = [each.wanted for each in rule.conditions if isinstance(each, Scheme)]
    hosts = [host.replace("*.", "www.", 1) for host in rule.hosts.patterns]
    path = sample_path(rule.source).encode("utf-8", "surrogateescape")
    return (
        f"{next(iter(schemes), request.scheme)}://"
        f"{next(iter(hosts), request.get_host())}{quote(path, safe=_URL_PATH)}"
    )


def curl_line(rule: Rule, request: HttpRequest) -> str:
    """Return the command that shows what the rule answers."""
    method = next(iter(rule.methods.names), "GET")
    option = {"GET": "", "HEAD": "-I "}.get(method, f"-X {method} ")
    return f"curl -si {option}'{address(rule, request)}'"


def _is_opened(rule: Rule) -> bool:
    return not rule.methods.names or "GET" in rule.methods.names


def _with_subject(subject: str, problem: Sentence) -> str:
    text = str(problem)
    is_half = text[:1].islower() or text[:1].isdigit()
    return f"{subject}: {text}." if is_half else text


def with_more(first: str, *more: str) -> SafeString:
    """Return a text with lines beneath that say more."""
    lines = format_html_join(
        "", '<div class="temp-redirects-more">{}</div>', ([each] for each in more)
    )
    return format_html("{}{}", first, lines)


def _span(starts: datetime | None, ends: datetime | None) -> SafeString:
    if starts and ends:
        text = "{start} – {end} {zone}"
    elif starts:
        text = gettext("from {start} {zone} until somebody switches it off")
    elif ends:
        text = gettext("until {end} {zone}")
    else:
        text = gettext("until somebody switches it off")
    at = starts or ends
    facts = {"start": _time(starts), "end": _time(ends, starts)}
    return format_html(text, **facts, zone=str(at.tzinfo) if at else "")


def _time(at: datetime | None, after: datetime | None = None) -> str:
    """Return a time element; on the day of *after* the clock alone."""
    if at is None:
        return ""
    text = shown_time(at)
    if after and after.date() == at.date():
        text = text.rpartition(" ")[2]
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), text)


def distance(starts: datetime | None, ends: datetime | None) -> str:
    """Return how far away the start or the end is."""
    now = datetime.now(UTC)
    if ends and ends <= now:
        return gettext("%(time)s ago") % {"time": timesince(ends, now, depth=1)}
    if starts and starts > now:
        return gettext("starts in %(time)s") % {"time": timeuntil(starts, now, depth=1)}
    if ends:
        return gettext("ends in %(time)s") % {"time": timeuntil(ends, now, depth=1)}
    return ""
