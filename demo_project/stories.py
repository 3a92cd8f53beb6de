"""What the home page tells: each redirect, what to try, and the answer to expect.

A line of the page is true or it is a defect: whoever runs a command or follows a link
from here gets the status, the Location and the text that stand beside it.
"""

import json
import shlex
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from demo_project.audiences import AUDIENCES, Audience
from temp_redirects import conf
from temp_redirects.signing import sign_visitor

FLOOD = 250  # requests, more than twenty a second over ten seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a client gets: the last status it sees, and what goes with it."""

    status: int = 200
    location: str = ""  # of an answer that is not followed
    url: str = ""  # where a followed request ends
    body: str = ""  # a part of the text

    @property
    def phrase(self) -> str:
        """The status as it stands on the status line."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


@dataclass(frozen=True, slots=True)
class Try:
    """One command line and its answer."""

    command: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Link:
    """One link and what its address answers, before any redirect is followed."""

    text: str
    href: str
    answer: Answer = Answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One rule or maintenance window, told."""

    rule: str  # its name in the admin
    title: str
    tells: tuple[str, ...]
    source: str
    target: str
    links: tuple[Link, ...] = ()
    tries: tuple[Try, ...]
    is_window: bool = False


def curl(*parts: str) -> str:
    """Return a curl command that a shell reads back as *parts*."""
    return "curl " + " ".join(quoted(part) for part in parts)


def quoted(part: str) -> str:
    """Return one part of a command line, in quotes only where it needs them."""
    return (
        part
        if all(char.isalnum() or char in "-_./:@=" for char in part)
        else (shlex.quote(part))
    )


def stories(origin: str, partner: str) -> tuple[Story, ...]:
    """Return the stories of a shop at *origin* whose partner is at *partner*."""
    return (
        api_moved(origin),
        checkout_elsewhere(origin, partner),
        journal_moved(origin),
        account_secured(origin),
        workbench_moved(origin),
        gift_box(origin),
        catalogue_spread(origin, partner),
        *(for_some(origin, each) for each in AUDIENCES),
    )


def for_some(origin: str, each: Audience) -> Story:
    """Tell how some visitors are redirected and the others are not."""
    url = origin + each.path
    holds = Answer(status=307, location=each.target + each.asks)
    fails = Answer(url=url, body="The page for everybody else")
    tries = (
        Try(curl("-si", *each.holds, url + each.asks), holds),
        Try(curl("-sL", *each.fails, url), fails),
    )
    if each.kind == "busy":
        target = f"{origin}{each.target}?n={FLOOD}"
        flood = Answer(url=target, body="The page for them")
        tries = (
            Try(curl("-sL", url), fails),
            Try(curl("-sL", f"{url}?n=[1-{FLOOD}]"), flood),
        )
    which = "not for" if each.excepts else "only for"
    return Story(
        rule=each.name,
        title=each.title,
        tells=(each.tells,),
        source=f"{each.path}, {which} {each.kind}: {each.value}",
        target=each.target,
        links=(Link("The page for them", each.target, Answer(body=each.title)),),
        tries=tries,
    )


def gift_box(origin: str) -> Story:
    """Tell how half of the visitors see another page, and which sells more."""
    new = Answer(body="A warm kitchen, in one box")
    return Story(
        rule="gift-box-test",
        title="Two pages, and which one sells more",
        tells=(
            "Half of the visitors are shown the gift box as ever, the others a page "
            "that tells of the kitchen. Everybody stays with the page that came first: "
            "a cookie remembers it. Who orders has reached the goal.",
            "Ada gets the page as ever, and Ben the new one: each line brings the "
            "cookie of one of them, and however often you run it, the page stays the "
            "same. curl is a robot, so neither line counts.",
            "Thirty days of visitors are counted already. Open the results in the "
            "admin: a sentence says which page is better, and whether to believe it.",
        ),
        source="/gift-box/, half of the visitors",
        target="/gift-box/new/",
        links=(
            Link("The other page", "/gift-box/new/", new),
            Link("The goal", "/gift-box/ordered/", Answer(body="Thank you")),
        ),
        tries=(
            Try(
                curl("-sL", "-b", cookie_of("Ada"), f"{origin}/gift-box/"),
                Answer(url=f"{origin}/gift-box/", body="The gift box"),
            ),
            Try(
                curl("-si", "-b", cookie_of("Ben"), f"{origin}/gift-box/"),
                Answer(status=307, location="/gift-box/new/"),
            ),
            Try(curl("-s", f"{origin}/gift-box/new/"), new),
        ),
    )


def cookie_of(name: str) -> str:
    """Return the cookie of a visitor whose id, else random, is a name."""
    return f"{conf.current().COOKIE_NAME}={sign_visitor(f'{name:-<22}', ())}"


def catalogue_spread(origin: str, partner: str) -> Story:
    """Tell how two servers share the visitors of one address."""
    source, target = f"{origin}/catalogue.json", f"{partner}/catalogue.json"
    there = ("-H", "X-Forwarded-For: 203.0.113.7")
    here = ("-H", "X-Forwarded-For: 203.0.113.8")
    return Story(
        rule="catalogue-spread",
        title="Two servers share the load",
        tells=(
            "Other shops ask for the prices all day. Half of them are led to the "
            "Partner Shop, told apart by their addresses: no cookie is set, and each "
            "always gets the same server.",
            "Type 0 as the percentage in the admin: two seconds later everybody is "
            "answered here. With 50 again, everybody is where they were.",
        ),
        source="/catalogue.json, half of the addresses",
        target=target,
        links=(
            Link("The prices there", target, Answer(body='"server": "Partner Shop"')),
        ),
        tries=(
            Try(curl("-si", *there, source), Answer(status=307, location=target)),
            Try(
                curl("-sL", *there, source),
                Answer(url=target, body='"server": "Partner Shop"'),
            ),
            Try(
                curl("-sL", *here, source),
                Answer(url=source, body='"server": "Juniper"'),
            ),
        ),
    )


def api_moved(origin: str) -> Story:
    """Tell how every write to version 1 of the API arrives at version 2."""
    body = json.dumps({"sku": "stoneware-mug", "quantity": 2})
    old, new = f"{origin}/api/v1/submit", f"{origin}/api/v2/submit"
    json_type = "Content-Type: application/json"

    def taken(method: str) -> Answer:
        start = f'"server": "Juniper", "version": 2, "method": "{method}"'
        return Answer(status=201, url=new, body=f'{start}, "size": {len(body)}')

    return Story(
        rule="api-moved",
        title="An API moves for a while, and no order is lost",
        tells=(
            "Other shops send their orders to version 1. While it is being repaired, "
            "a rule sends POST, PUT, PATCH and DELETE on to version 2. The client "
            "repeats its request there, with the same method and the same body.",
            "GET is not among the rule’s methods, so version 1 still answers that.",
        ),
        source="/api/v1/submit",
        target="/api/v2/submit",
        links=(
            Link(
                "Ask version 1 with GET",
                "/api/v1/submit",
                Answer(body='"server": "Juniper", "version": 1'),
            ),
        ),
        tries=(
            Try(
                curl("-si", "-X", "POST", "-H", json_type, "-d", body, old),
                Answer(status=307, location="/api/v2/submit"),
            ),
            Try(
                curl("-sL", "-X", "POST", "-H", json_type, "-d", body, old),
                taken("POST"),
            ),
            Try(
                curl("-sL", "-X", "PUT", "-H", json_type, "-d", body, old),
                taken("PUT"),
            ),
        ),
    )


def checkout_elsewhere(origin: str, partner: str) -> Story:
    """Tell how the checkout form, file and all, is stored by another server."""
    source, target = f"{origin}/checkout/", f"{partner}/checkout/"
    form = (
        *("-F", "name=Ada"),
        *("-F", "email=ada@example.com"),
        *("-F", "product=enamel-kettle"),
        *("-F", "file=Engrave: Ada;filename=note.txt"),
    )
    digest = sha256(b"Engrave: Ada").hexdigest()
    return Story(
        rule="checkout-elsewhere",
        title="A form is answered by another server",
        tells=(
            "The form is shown here. When it is sent, a rule for POST hands it to the "
            "Partner Shop, which is another process with a store of its own: your "
            "browser sends the fields and the attached file there by itself.",
            "Fill it in, attach something, and compare the SHA-256 on the confirmation "
            "with that of your file. Then end the rule in the admin and send another: "
            "two seconds later, Juniper takes the orders again.",
        ),
        source="/checkout/",
        target=target,
        links=(
            Link("Open the form", "/checkout/", Answer(body="Checkout")),
            Link("Orders stored here", "/orders/", Answer(body="Stored by Juniper")),
            Link(
                "Orders stored there",
                f"{partner}/orders/",
                Answer(body="Stored by Partner Shop"),
            ),
        ),
        tries=(
            Try(curl("-si", *form, source), Answer(status=307, location=target)),
            Try(
                curl("-sL", "-H", "Accept: application/json", *form, source),
                Answer(url=target, body=f'"size": 12, "sha256": "{digest}"'),
            ),
        ),
    )


def journal_moved(origin: str) -> Story:
    """Tell how each page of a section has its temporary place in another."""
    moved = Answer(status=307, location="/news/first-frost/?from=letter")
    page = "/blog/first-frost/?from=letter"
    return Story(
        rule="journal-moved",
        title="A section lives elsewhere for now",
        tells=(
            "The journal is being put in order. One rule covers /blog/ and every page "
            "under it, and leads to the page of the same name under /news/. What "
            "stands after the question mark comes along.",
        ),
        source="/blog/",
        target="/news/{rest}",
        links=(
            Link("Read about first frost", "/blog/first-frost/?from=letter", moved),
            Link("Open the journal", "/blog/", Answer(status=307, location="/news/")),
        ),
        tries=(
            Try(curl("-si", origin + page), moved),
            Try(
                curl("-sL", origin + page),
                Answer(
                    url=f"{origin}/news/first-frost/?from=letter",
                    body="What to cook at first frost",
                ),
            ),
        ),
    )


def account_secured(origin: str) -> Story:
    """Tell how a form sent to http arrives by https."""
    source = f"{origin}/account/"
    host = origin.partition("://")[2]
    form = ("-X", "POST", "-d", "letter=weekly")
    by_https = ("-H", "X-Forwarded-Proto: https")
    return Story(
        rule="account-https",
        title="From http to https without losing a form",
        tells=(
            "Who still uses an old http address is sent to the same address by https, "
            "and a form arrives there as the POST it was.",
            "This machine has no certificate, so a browser cannot follow. The second "
            "line says what a proxy in front would say after the visitor came by "
            "https: the rule’s condition no longer holds, and the page answers.",
        ),
        source="/account/, while the scheme is http",
        target="https://{host}{path}",
        tries=(
            Try(
                curl("-si", *form, source),
                Answer(status=307, location=f"https://{host}/account/"),
            ),
            Try(
                curl("-s", *form, *by_https, source),
                Answer(body="Received as POST by https"),
            ),
        ),
    )


def workbench_moved(origin: str) -> Story:
    """Tell how a section is closed for two hours, and nothing sent to it is lost."""
    source = f"{origin}/repairs/"
    form = ("-d", "thing=Copper pan", "-d", "damage=The handle is loose")
    here = ("-H", f"Origin: {origin}")
    as_json = ("-H", "Accept: application/json")
    return Story(
        rule="workbench",
        title="A section is closed, and nothing sent to it is lost",
        is_window=True,
        tells=(
            "Until the window ends, /repairs/ leads to a notice: when it is back, in "
            "your time zone as well, and then it takes you back by itself. A form sent "
            "meanwhile comes along, and the notice keeps it in the page, ready to be "
            "sent again with one click.",
            "It gives a form back only to this site’s own pages: the second line says "
            "“Origin” as your browser does. Sign in as staff, and you see the page "
            "itself with a ribbon. End the window in the admin, and it is open to all.",
        ),
        source="/repairs/",
        target="/maintenance/notice/workbench/",
        links=(
            Link(
                "See the notice",
                "/maintenance/notice/workbench/",
                Answer(status=503, body="The workbench is being moved"),
            ),
        ),
        tries=(
            Try(
                curl("-sL", source),
                Answer(status=503, body="The workbench is being moved"),
            ),
            Try(
                curl("-sL", *here, *form, source),
                Answer(status=503, body="The handle is loose"),
            ),
            Try(
                curl("-sL", *as_json, source),
                Answer(status=503, body='"title": "The workbench is being moved"'),
            ),
        ),
    )
