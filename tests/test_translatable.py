"""Every text of the admin and of the notice can be translated."""

import ast
import re
from datetime import UTC, datetime, timedelta
from gettext import GNUTranslations
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit, urlunsplit

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import RequestContext, Template
from django.test import RequestFactory

from temp_redirects.core.conditions import KINDS
from temp_redirects.models import KillSwitch, MaintenanceWindow, RedirectRule
from temp_redirects.models.recording import recorded
from tests import messages, pseudo
from tests.experimenting import NOW as LATER
from tests.experimenting import count, experiment
from tests.messages import KEYWORDS, PACKAGE

TEMPLATES = PACKAGE / "templates"
# What stands between the marks, by what it is there for.
MARKED = re.compile(
    r"{%\s*(blocktranslate|comment)\b.*?{%\s*end\1\s*%}|{#.*?#}|{%.*?%}|{{.*?}}", re.S
)
HIDDEN = re.compile(r"<(script|style|code)\b.*?</\1>|<!--.*?-->|<!doctype[^>]*>", re.S)
READ = re.compile(r'\b(?:title|alt|aria-label|placeholder)="([^"]*)"')
WORD = re.compile(r"[^\W\d_]{2,}")
SAME_EVERYWHERE = {"UTC", "CSV", "JSON", "shop"}


def words(template: str) -> set[str]:
    """Return the words of a template that nobody could translate."""
    plain = HIDDEN.sub(" ", MARKED.sub(" ", template))
    read = [re.sub(r"<[^>]*>", " ", plain), *READ.findall(plain)]
    return {word for text in read for word in WORD.findall(text)} - SAME_EVERYWHERE


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name
)
def test_no_text_of_a_template_stands_there_unmarked(path):
    assert words(path.read_text()) == set()


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Hello</p>", {"Hello"}),
        ('<p title="Hello">{{ name }}</p>', {"Hello"}),
        ('<p>{% translate "Hello" %} · 3</p>', set()),
        ("<p>{% blocktranslate %}Hello <b>you</b>{% endblocktranslate %}</p>", set()),
        ("{# Hello #}<code>manage.py</code>", set()),
    ],
)
def test_an_unmarked_text_is_found(template, found):
    assert words(template) == found


# What makes a message: never glued, or translators would not find it.
PARTS = (ast.Constant, ast.Name, ast.Attribute, ast.Subscript)


@pytest.mark.parametrize(
    "path",
    sorted(PACKAGE.rglob("*.py")),
    ids=lambda path: f"{path.relative_to(PACKAGE)}",
)
def test_every_message_stands_in_one_piece(path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    texts = (node for node in nodes if isinstance(node, ast.JoinedStr))
    # Nor within another text, where it is not found on Python 3.11.
    within = {id(each) for text in texts for each in ast.walk(text)}
    glued = [
        call.lineno
        for call in nodes
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) in KEYWORDS
        and (id(call) in within or not isinstance((*call.args, None)[0], PARTS))
    ]
    assert glued == []


# What people type or name, and one word that a template of Django says in English.
CALLED_SO = set(
    re.findall(
        r"\w+",
        """
        Search Demo shop Submissions Orders admin testserver Android Chrome GPTBot
        Googlebot Mac Safari Windows bingbot curl iPhone anonymous any beta de desktop
        Editors group http in letter Mars news nix on other region signed staff wrong
        yes conditions drop keep name path rules source target
        """,
    )
)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
APP = "/admin/temp_redirects/"
RULES, WINDOWS = f"{APP}redirectrule/", f"{APP}maintenancewindow/"
REPEATS = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
    "FREQ=WEEKLY;BYDAY=SU;BYMONTH=6,7,11",
    "FREQ=MONTHLY;BYMONTHDAY=-1,-2,3",
    "FREQ=MONTHLY;BYDAY=-1FR,-2MO,2SA",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
]
EVERY_KIND = [
    {"kind": kind, "value": each.examples[0]}
    for kind, each in sorted(KINDS.items())
    if each.is_offered
]


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory):
    """The folder of a language in which no message has a plain letter."""
    folder = tmp_path_factory.mktemp("locale")
    pseudo.write_catalogue(folder)
    return folder


@pytest.fixture
def foreign(catalogue, settings):
    """The site in that language."""
    settings.LOCALE_PATHS = [catalogue]
    settings.LANGUAGES = [(pseudo.LANGUAGE, pseudo.LANGUAGE)]
    settings.LANGUAGE_CODE = pseudo.LANGUAGE
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def boss(client, django_user_model):
    """A browser in which somebody is signed in who may do everything."""
    client.force_login(django_user_model.objects.create_superuser("Όλγα"))
    return client


@pytest.fixture
def stories(db, foreign):
    """One of everything, named in Greek letters."""
    rule, close = RedirectRule.objects.schedule, MaintenanceWindow.objects.schedule
    rule("/a/", "/b/", name="ένα", ends_at=NOW + HOUR, priority=5, note="Σημείωση")
    rule("/a/", "/c/", name="δύο", starts_at=NOW - HOUR, match="prefix", query="drop")
    rule("/a/", "/no/", name="όχι", enabled=False, methods=["POST"])
    rule("/old/", "/a/", name="πάλι", starts_at=NOW - 2 * HOUR, ends_at=NOW - HOUR)
    rule("/x/<int:n>/", "/{n}/", name="τρία", match="pattern", hosts=["shop.example"])
    rule("/admin/", "/y/", name="ποτέ")
    rule("/k/", "/new/", name="μόνο", conditions=EVERY_KIND)
    rule("/k/", "/new/", name="κανείς", match="prefix", unless=EVERY_KIND)
    shares = [{"target": "/s1/", "percentage": 20, "label": "Νέα"}, {"target": "/s2/"}]
    rule("/s/", shares, name="μοίρασμα", sticky="request", status=303)
    close("κλειστό", ["/shop/"], title="Τίτλος", ends_at=NOW + HOUR)
    close("ανοιχτό", ["/q/"], staff_pass=False, pass_addresses=["10.0.0.0/8"])
    for at, repeat in enumerate(REPEATS):
        starts = NOW + timedelta(hours=at)
        close(
            f"νύχτα {at}",
            [f"/n{at}/"],
            starts_at=starts,
            ends_at=starts + (HOUR if at else 30 * HOUR / 2),
            repeat=repeat,
            repeat_until="2027-12-31" if at % 2 else None,
            enabled=at != 3,
        )
    RedirectRule.objects.filter(name="όχι").update(timezone="Mars/Base")
    changed = rule("/m/", "/new/", name="μετά").to_document()
    with recorded("code"):  # a change of its own in the history
        RedirectRule.objects.save_document({**changed, "conditions": EVERY_KIND})


def told_plainly(response):
    """Return what a page says in words that nobody could translate."""
    # An id of 22 random characters is, once in a hundred times, a word.
    body = re.sub(r"“[\w-]{22}”", "", response.content.decode())
    found = pseudo.untranslated(body)
    return {text for text in found if pseudo.plain_words(text) - CALLED_SO}


def crawled(client, *urls):
    """Yield the pages of the app that lead on from these, one of each kind."""
    queue, seen = list(urls), set(urls)
    while queue:
        url = queue.pop(0)
        response = client.get(url)
        if "text/html" not in response.get("Content-Type", ""):
            continue
        yield url, response
        for link in re.findall(r'href="([^"#]+)', response.content.decode()):
            there = urlsplit(urljoin(url, unescape(link)))
            names = tuple(sorted(name for name, _ in parse_qsl(there.query)))
            kind = re.sub(r"/[0-9a-f-]{36}/", "/*/", there.path)
            # Of each row its form, and of all else one of a kind.
            key = (there.path if kind.endswith("/change/") else kind, names[:1])
            is_ours = there.path.startswith(APP) and "_changelist" not in there.query
            if is_ours and len(names) < 3 and key not in seen:
                seen.add(key)
                queue.append(urlunsplit(there))


@pytest.mark.long
def test_every_page_of_the_admin_speaks_the_language_of_the_reader(boss, stories):
    found, number = {}, 0
    for url, page in crawled(boss, APP):
        number += 1
        found |= dict.fromkeys(told_plainly(page), url)

    assert found == {}
    assert number > 60


EMPTY = {
    "conditions-TOTAL_FORMS": "0",
    "others-TOTAL_FORMS": "0",
    "match": "exact",
    "sticky": "visitor",
    "status": "307",
    "query": "keep",
}


@pytest.mark.parametrize(
    ("url", "typed"),
    [
        pytest.param(f"{RULES}add/", {}, id="nothing"),
        pytest.param(
            f"{RULES}add/",
            {
                "name": "ένα",
                "path": "x y",
                "target": "ftp://x",
                "percentage": "110",
                "hosts": "a b",
                "methods": "G T",
                "except_paths": "nix",
                "starts_at": "2026-10-25 02:30",
                "ends_at": "αύριο",
                "timezone": "Mars/Base",
                "repeat": "weekly",
                "priority": "many",
                "goal": "//x",
                "goal_days": "0",
                "cache_seconds": "-1",
            },
            id="all wrong",
        ),
        pytest.param(
            f"{RULES}add/", {"path": "/l/", "target": "/l/", "name": "λ"}, id="loop"
        ),
        pytest.param(
            f"{RULES}add/",
            {"path": "/l/", "target": "https://other.example/", "name": "λ"},
            id="host",
        ),
        pytest.param(
            f"{RULES}add/",
            {
                "path": "/l/",
                "target": "/m/",
                "name": "λ",
                "starts_at": "2026-12-01 08:00",
                "ends_at": "2026-12-01 07:00",
            },
            id="end before start",
        ),
        pytest.param(f"{WINDOWS}add/", {}, id="no window"),
        pytest.param(
            f"{WINDOWS}add/",
            {
                "name": "ένα",
                "paths": "x y",
                "pass_addresses": "300.0.0.1",
                "starts_at": "2027-03-28 02:30",
                "ends_at": "2027-03-28 02:00",
                "repeat": "rule",
                "target": "javascript:x",
            },
            id="a wrong window",
        ),
        pytest.param(f"{APP}killswitch/", {"scope": "host", "lasts": "x"}, id="switch"),
        pytest.param(f"{RULES}import/", {}, id="no file"),
    ],
)
def test_what_a_form_refuses_is_said_in_the_language_of_the_reader(
    boss, stories, url, typed
):
    page = boss.post(url, EMPTY | typed)

    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert told_plainly(page) == set()


@pytest.mark.long
@pytest.mark.parametrize("model", [RedirectRule, MaintenanceWindow])
def test_what_an_action_says_is_in_the_language_of_the_reader(boss, stories, model):
    url = RULES if model is RedirectRule else WINDOWS
    offered = re.findall(r'<option value="(\w+)"', boss.get(url).content.decode())
    for action in [each for each in offered if not each.startswith("export")]:
        pks = list(model.objects.values_list("pk", flat=True)[:4])
        typed = {"action": action, "_selected_action": pks}
        page = boss.post(url, typed, follow=True)
        assert (action, told_plainly(page)) == (action, set())


IMPORTED = """path,target,name,starts_at,conditions
/ok/,/new/,νέο,,
x y,ftp://x,,κάποτε,country=Κάπου
/l/,/l/,λ,,
/m/,/n/,κλειστό,,
"""


def test_an_import_tells_in_the_language_of_the_reader(boss, stories):
    file = SimpleUploadedFile("κινήσεις.csv", IMPORTED.encode())
    page = boss.post(f"{RULES}import/", {"file": file}, follow=True)

    assert told_plainly(page) == set()


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"url": "/k/", "at": "2026-11-21 13:00"}, id="every condition"),
        pytest.param(
            {
                "url": "/k/?utm_source=news",
                "country": "DE",
                "language": "de",
                "device": "iphone",
                "user": "Όλγα",
                "address": "192.0.2.7",
                "cookies": "beta=1",
                "headers": "X-Beta: 1",
            },
            id="with all told",
        ),
        pytest.param({"url": "/s/"}, id="a split"),
        pytest.param({"url": "/a/"}, id="two rules"),
        pytest.param({"url": "/admin/"}, id="a protected path"),
        pytest.param({"url": "/old/"}, id="what is over"),
        pytest.param({"url": "/n0/"}, id="what repeats"),
        pytest.param({"url": "/none/"}, id="no rule"),
        pytest.param({"url": "https://no.example/"}, id="another host"),
        pytest.param({"url": "///", "at": "χθες", "country": "Mars"}, id="nonsense"),
    ],
)
def test_a_trace_is_told_in_the_language_of_the_reader(boss, stories, asked):
    page = boss.get(f"{RULES}test/", {"method": "GET", **asked})

    assert told_plainly(page) == set()


def test_what_is_switched_off_is_told_in_the_language_of_the_reader(boss, stories):
    for scope in ("everything", "maintenance", "host"):
        host = "testserver" if scope == "host" else ""
        with recorded("code"):
            KillSwitch.objects.pull(scope=scope, host=host, reason="Γιατί")
        for url in (APP, RULES, f"{RULES}test/?url=/shop/&method=GET"):
            assert told_plainly(boss.get(url)) == set()


def test_results_are_told_in_the_language_of_the_reader(boss, foreign):
    with time_machine.travel(LATER, tick=False):
        row = experiment(labels={"b": "Νέα"}, planned_visitors=1_000)
        RedirectRule.objects.update(name="δοκιμή")
        for visitors in (0, 50, 4_000):
            count(
                row,
                {"original": (visitors, visitors // 9), "b": (visitors, visitors // 5)},
                hour=visitors % 7,
            )
            page = boss.get(f"{RULES}{row.pk}/results/")
            assert told_plainly(page) == set()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("/maintenance/notice/κλειστό/", id="notice"),
        pytest.param("/maintenance/notice/άλλο/", id="notice of nothing"),
        pytest.param("/maintenance/pass/wrong/", id="pass link"),
        pytest.param("/maintenance/notice/κλειστό/?next=/shop/", id="notice, and back"),
    ],
)
def test_visitors_are_told_in_their_language(client, stories, url):
    page = client.get(url)

    assert told_plainly(page) == set()


def test_the_calendar_feed_is_in_the_language_of_the_reader(client, stories):
    feed = client.get("/maintenance/calendar.ics").content.decode()
    texts = re.findall(r"^(?:SUMMARY|DESCRIPTION|NAME):(.*)$", feed, re.M)

    assert texts
    assert [text for text in texts if pseudo.plain_words(text) - CALLED_SO] == []


def test_the_ribbon_and_the_banner_are_in_the_language_of_the_reader(boss, stories):
    page = Template(
        "{% load temp_redirects %}{% upcoming_maintenance %}{% stay_here 'x' %}"
    )
    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    html = page.render(RequestContext(request, {"request": request}))

    assert pseudo.untranslated(html) == set()


@pytest.mark.long
def test_a_language_is_added_kept_up_to_date_and_compiled(tmp_path):
    new = messages.update("de", tmp_path)
    assert len(new) == len(messages.to_translate(new)) > 1_000
    assert messages.languages(tmp_path) == {"de"}
    po = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    text = po.read_text()
    text = text.replace(
        'msgid "every request"\nmsgstr ""', 'msgid "every request"\nmsgstr "alle"'
    )
    text += '\nmsgid "What is said no more."\nmsgstr "Weg."\n'
    po.write_text(text)

    again = messages.update("de", tmp_path)

    assert len(messages.to_translate(again)) == len(new) - 1
    assert len(again) == len(new)
    with po.with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    assert compiled.gettext("every request") == "alle"
    assert compiled.gettext("What is said no more.") == "What is said no more."
