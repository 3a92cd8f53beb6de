"""A parameter of the query: what stands after the question mark."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.texts import Texts, parse_named, written_named
from temp_redirects.core.visits import Facts, Visit

MAX_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class Query(Condition):
    """A parameter is there, or has one of the values."""

    kind = "query"
    label = Sentence("Query parameter")
    hint = Sentence(
        "“utm_source” where the address has “?utm_source=…”, “utm_source: news*” where "
        "it has one of the values; “*” at either end stands for any text."
    )
    examples = ("utm_source", "utm_source: news*, letter", "page: 2")
    name: str
    texts: Texts

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name and values."""
        name, texts = parse_named(text, "utm_source: news*")
        if len(name) > MAX_NAME:
            raise Refused("The name is longer than {most} characters.", most=MAX_NAME)
        if set("&=?") & set(name):
            raise Refused(
                "“{name}” has a “?”, “&” or “=”. Write “{example}”.",
                name=name,
                example="utm_source: news*",
            )
        return cls(name, texts)

    def __str__(self) -> str:
        return written_named(self.name, self.texts)

    def holds(self, visit: Visit) -> bool:
        """Say whether the parameter is as wanted."""
        return self.texts.match(visit.parameters.get(self.name))

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple(
            {"query": f"{quote(self.name)}={quote(each)}"}
            for each in self.texts.samples()
        )

    def explain(self, visit: Visit) -> Sentence:
        """Say what the parameter was."""
        actual = visit.parameters.get(self.name)
        return self.texts.explain(Sentence("parameter {name}", name=self.name), actual)

    def describe(self) -> Sentence:
        """Say whom it is about."""
        return self.texts.describe(
            Sentence("requests with the parameter {name}", name=self.name)
        )
