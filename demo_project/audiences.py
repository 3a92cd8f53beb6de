"""Whom a rule can be for: each condition with a visit for which it holds, and one not.

Every page here has another one “for them”, to which a rule leads those it is for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from demo_project.accounts import SESSION

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/122.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """One condition, and what curl says to be one of those meant, or not."""

    kind: str
    value: str
    title: str
    tells: str
    holds: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    asks: str = ""  # a query for the visit for which it holds
    excepts: bool = False  # “not for” instead of “only for”

    @property
    def name(self) -> str:
        """The name of the rule."""
        return f"for-{self.kind}"

    @property
    def path(self) -> str:
        """The page that everybody else gets."""
        return f"/for/{self.kind}/"

    @property
    def target(self) -> str:
        """The page for those meant."""
        return f"/for/{self.kind}/them/"

    def conditions(self) -> dict[str, list[dict[str, str]]]:
        """Return the rule's conditions."""
        facts = [{"kind": self.kind, "value": self.value}]
        return {"unless": facts} if self.excepts else {"conditions": facts}


AUDIENCES = (
    Audience(
        kind="country",
        value="DE, AT",
        title="Visitors from Germany or Austria",
        tells="The proxy in front tells the country, or a GeoIP database knows it. "
        "This machine is trusted as a proxy, so curl may say where it comes from.",
        holds=("-H", "CF-IPCountry: AT"),
        fails=("-H", "CF-IPCountry: US"),
    ),
    Audience(
        kind="language",
        value="de",
        title="Visitors whose browser prefers German",
        tells="German as it is spoken in Austria is German. Who prefers English and "
        "reads German too, stays.",
        holds=("-H", "Accept-Language: de-AT, en;q=0.8"),
        fails=("-H", "Accept-Language: en, de;q=0.8"),
    ),
    Audience(
        kind="device",
        value="mobile",
        title="Phones",
        tells="Browsers say so in a client hint, or else in their name.",
        holds=("-H", "Sec-CH-UA-Mobile: ?1"),
        fails=("-A", WINDOWS),
    ),
    Audience(
        kind="bot",
        value="any",
        title="Search engines and other robots",
        tells="Those that say who they are; the list of them is kept by others. curl "
        "itself is one, unless it says that it is a browser.",
        holds=("-A", GOOGLEBOT),
        fails=("-A", WINDOWS),
    ),
    Audience(
        kind="address",
        value="192.0.2.0/24",
        title="One network",
        tells="An office, a partner, a test lab. The address of a visitor behind a "
        "trusted proxy is what that proxy says.",
        holds=("-H", "X-Forwarded-For: 192.0.2.7"),
        fails=("-H", "X-Forwarded-For: 198.51.100.7"),
    ),
    Audience(
        kind="user",
        value="staff",
        title="Staff who are signed in",
        tells="The first line brings the session of the demo’s viewer. Nobody is asked "
        "for on pages where no rule wants to know.",
        holds=("-b", f"sessionid={SESSION}"),
    ),
    Audience(
        kind="header",
        value="X-Beta: yes, on",
        title="Requests with a header",
        tells="A client that wants the new version says so.",
        holds=("-H", "X-Beta: on"),
        fails=("-H", "X-Beta: off"),
    ),
    Audience(
        kind="cookie",
        value="beta: yes",
        title="Visitors with a cookie",
        tells="Somebody has let them into the trial before.",
        holds=("-b", "cart=3; beta=yes"),
        fails=("-b", "cart=3"),
    ),
    Audience(
        kind="query",
        value="utm_source: news*",
        title="Links from the letter",
        tells="What stands after the question mark decides, and comes along.",
        asks="?utm_source=newsletter",
    ),
    Audience(
        kind="referrer",
        value="https://news.example/*",
        title="Readers of one magazine",
        tells="Browsers name the site that a link was on.",
        holds=("-e", "https://news.example/"),
        fails=("-e", "https://blog.example/"),
    ),
    Audience(
        kind="preference",
        value="region",
        title="Everybody, but those who chose to stay",
        tells="A regional page needs a way out: a button there sets a cookie, and "
        "this rule is “not for” those who pressed it.",
        fails=("-b", "temp_redirects_stay=region"),
        excepts=True,
    ),
    Audience(
        kind="busy",
        value="20, 15",
        title="Only while there is a flood",
        tells="From twenty requests per second on, counted over ten seconds, load goes "
        "elsewhere, until there are fewer than fifteen. The second line is the flood: "
        "it ends with the answer to its last request.",
    ),
)


def rules() -> Iterator[dict[str, object]]:
    """Yield a rule for each audience."""
    for each in AUDIENCES:
        yield {
            "name": each.name,
            "source": each.path,
            "target": each.target,
            "note": each.title,
            **each.conditions(),
        }
