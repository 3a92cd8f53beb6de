"""Languages: what a visitor prefers, from a cookie and from ``Accept-Language``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.sentences import Refused

MAX_HEADER = 1_000  # characters that are read of Accept-Language
MAX_RANGES = 50
ANY = "*"
ABOVE_ALL = 2.0  # the weight of what the visitor chose on this site

_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,7}")
# RFC 9110 §12.5.4, weights as in §12.4.2.
_RANGE = re.compile(
    r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,7}|\*)"
    r"(?:[ \t]*;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)

_TABLE = """
af Afrikaans
ar Arabic
ast Asturian
az Azerbaijani
be Belarusian
bg Bulgarian
bn Bengali
br Breton
bs Bosnian
ca Catalan
ckb Central Kurdish
cs Czech
cy Welsh
da Danish
de German
dsb Lower Sorbian
el Greek
en English
eo Esperanto
es Spanish
et Estonian
eu Basque
fa Persian
fi Finnish
fr French
fy Frisian
ga Irish
gd Scottish Gaelic
gl Galician
gsw Swiss German
he Hebrew
hi Hindi
hr Croatian
hsb Upper Sorbian
ht Haitian Creole
hu Hungarian
hy Armenian
ia Interlingua
id Indonesian
ig Igbo
io Ido
is Icelandic
it Italian
ja Japanese
ka Georgian
kab Kabyle
kk Kazakh
km Khmer
kn Kannada
ko Korean
ky Kyrgyz
lb Luxembourgish
lt Lithuanian
lv Latvian
mk Macedonian
ml Malayalam
mn Mongolian
mr Marathi
ms Malay
mt Maltese
my Burmese
nb Norwegian Bokmål
ne Nepali
nl Dutch
nn Norwegian Nynorsk
no Norwegian
os Ossetic
pa Punjabi
pl Polish
pt Portuguese
rm Romansh
ro Romanian
ru Russian
sk Slovak
sl Slovenian
sq Albanian
sr Serbian
sv Swedish
sw Swahili
ta Tamil
te Telugu
tg Tajik
th Thai
tk Turkmen
tr Turkish
tt Tatar
udm Udmurt
ug Uyghur
uk Ukrainian
ur Urdu
uz Uzbek
vi Vietnamese
zh Chinese
"""
NAMES: Mapping[str, str] = {
    code: name
    for code, _, name in (line.partition(" ") for line in _TABLE.strip().splitlines())
}
_CODES = {name.lower(): code for code, name in NAMES.items()}


def parse_tag(text: str) -> str:
    """Return the tag of “de”, “de-AT” or “German”, its case as written."""
    tag = _CODES.get(text.strip().lower(), text.strip().replace("_", "-"))
    if not _TAG.fullmatch(tag) or len(tag.partition("-")[0]) > 3:
        raise Refused(
            "“{text}” is no language. Use tags or English names: “de”, “de-AT”, "
            "“German”.",
            text=text,
        )
    return tag


def language_name(tag: str) -> str:
    """Return what people call a language, as far as it has a name here."""
    language, hyphen, rest = tag.partition("-")
    name = NAMES.get(language.lower(), language)
    return f"{name} ({rest})" if hyphen else name


def covers(tag: str, asked: str) -> bool:
    """Say whether a tag answers a range: “de” answers “de-AT” (RFC 4647 §3.4)."""
    return f"{asked.lower()}-".startswith(f"{tag.lower()}-")


@dataclass(frozen=True, slots=True)
class Preferences:
    """Language ranges with their weights, most wanted first; 0 is not wanted.

    Of equal weights the first counts more, as browsers mean it.
    """

    ranges: tuple[tuple[str, float], ...] = ()

    @classmethod
    def read(cls, header: str, chosen: str = "") -> Self:
        """Read ``Accept-Language``; *chosen* on this site stands above it.

        What cannot be read says nothing, and what is too long is read in part.
        """
        ranges: dict[str, float] = {}
        if _TAG.fullmatch(chosen):
            ranges[chosen.lower()] = ABOVE_ALL
        whole = header if len(header) <= MAX_HEADER else _cut(header)
        for item in whole.split(",")[:MAX_RANGES]:
            if found := _RANGE.fullmatch(item.strip(" \t")):
                weight = 1.0 if found[2] is None else float(found[2])
                ranges.setdefault(found[1].lower(), weight)
        return cls(tuple(sorted(ranges.items(), key=lambda each: -each[1])))

    @property
    def first(self) -> str:
        """The range wanted most; ``""`` where that is none or any."""
        wanted = [each for each, weight in self.ranges if weight > 0]
        return wanted[0] if wanted and wanted[0] != ANY else ""

    def place(self, tag: str) -> int | None:
        """Return how far up a language stands, 0 first; None where it is not wanted.

        A language that is nowhere stands where “*” does.
        """
        if self._excludes(tag):
            return None
        wanted = [each for each, weight in self.ranges if weight > 0]
        places = [at for at, each in enumerate(wanted) if covers(tag, each)]
        if places:
            return places[0]
        return wanted.index(ANY) if ANY in wanted else None

    def _excludes(self, tag: str) -> bool:
        """Say whether the most exact range that the tag falls under has weight 0."""
        over = [each for each in self.ranges if covers(each[0], tag)]
        return bool(over) and max(over, key=lambda each: len(each[0]))[1] == 0

    def __str__(self) -> str:
        return ", ".join(each for each, weight in self.ranges if weight > 0)


def _cut(header: str) -> str:
    return header[:MAX_HEADER].rpartition(",")[0]
