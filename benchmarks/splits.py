"""What a redirect costs that depends on who asks."""

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.requests import answered, environs, expect
from benchmarks.rounds import Variant, timed

RULES = 1_000


def measure(quick: bool = False) -> list[Figure]:
    """Return what a split behind two conditions costs for a visitor who is known."""
    from temp_redirects.signing import sign_visitor

    handlers = {"view": site.handler(), "ours": site.handler(peers.MIDDLEWARE["ours"])}
    site.lay(
        rulesets.Rule(
            number,
            rulesets.exact(number),
            targets=(f"/new/a/{number}/", f"/new/b/{number}/"),
            conditions=(("country", "DE, AT"), ("language", "de")),
        )
        for number in range(RULES)
    )
    known = environs(
        lambda number: rulesets.exact(number % RULES),
        HTTP_COOKIE=f"temp_redirects={sign_visitor('A' * 22, [])}",
        HTTP_CF_IPCOUNTRY="AT",
        HTTP_ACCEPT_LANGUAGE="de-AT,de;q=0.8,en;q=0.5",
    )
    expect(307, handlers["ours"], known(1)[0])
    taken = timed(
        {name: Variant(answered(handler), known) for name, handler in handlers.items()},
        rounds=11 if quick else 41,
        calls=100,
    )
    name = "hit with two conditions and a split, known visitor, of the trivial view"
    return [Figure(name, taken.ratio("ours", "view"), 0.95)]
