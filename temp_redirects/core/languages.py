"""Languages: what a visitor prefers, from a cookie and from ``Accept-Language``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from temp_redirects.core.sentences import Refused, Said, Sentence, gettext_noop

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

NAMES: Mapping[str, str] = {
    "af": gettext_noop("Afrikaans"),
    "ar": gettext_noop("Arabic"),
    "ast": gettext_noop("Asturian"),
    "az": gettext_noop("Azerbaijani"),
    "be": gettext_noop("Belarusian"),
    "bg": gettext_noop("Bulgarian"),
    "bn": gettext_noop("Bengali"),
    "br": gettext_noop("Breton"),
    "bs": gettext_noop("Bosnian"),
    "ca": gettext_noop("Catalan"),
    "ckb": gettext_noop("Central Kurdish"),
    "cs": gettext_noop("Czech"),
    "cy": gettext_noop("Welsh"),
    "da": gettext_noop("Danish"),
    "de": gettext_noop("German"),
    "dsb": gettext_noop("Lower Sorbian"),
    "el": gettext_noop("Greek"),
    "en": gettext_noop("English"),
    "eo": gettext_noop("Esperanto"),
    "es": gettext_noop("Spanish"),
    "et": gettext_noop("Estonian"),
    "eu": gettext_noop("Basque"),
    "fa": gettext_noop("Persian"),
    "fi": gettext_noop("Finnish"),
    "fr": gettext_noop("French"),
    "fy": gettext_noop("Frisian"),
    "ga": gettext_noop("Irish"),
    "gd": gettext_noop("Scottish Gaelic"),
    "gl": gettext_noop("Galician"),
    "gsw": gettext_noop("Swiss German"),
    "he": gettext_noop("Hebrew"),
    "hi": gettext_noop("Hindi"),
    "hr": gettext_noop("Croatian"),
    "hsb": gettext_noop("Upper Sorbian"),
    "ht": gettext_noop("Haitian Creole"),
    "hu": gettext_noop("Hungarian"),
    "hy": gettext_noop("Armenian"),
    "ia": gettext_noop("Interlingua"),
    "id": gettext_noop("Indonesian"),
    "ig": gettext_noop("Igbo"),
    "io": gettext_noop("Ido"),
    "is": gettext_noop("Icelandic"),
    "it": gettext_noop("Italian"),
    "ja": gettext_noop("Japanese"),
    "ka": gettext_noop("Georgian"),
    "kab": gettext_noop("Kabyle"),
    "kk": gettext_noop("Kazakh"),
    "km": gettext_noop("Khmer"),
    "kn": gettext_noop("Kannada"),
    "ko": gettext_noop("Korean"),
    "ky": gettext_noop("Kyrgyz"),
    "lb": gettext_noop("Luxembourgish"),
    "lt": gettext_noop("Lithuanian"),
    "lv": gettext_noop("Latvian"),
    "mk": gettext_noop("Macedonian"),
    "ml": gettext_noop("Malayalam"),
    "mn": gettext_noop("Mongolian"),
    "mr": gettext_noop("Marathi"),
    "ms": gettext_noop("Malay"),
    "mt": gettext_noop("Maltese"),
    "my": gettext_noop("Burmese"),
    "nb": gettext_noop("Norwegian Bokmål"),
    "ne": gettext_noop("Nepali"),
    "nl": gettext_noop("Dutch"),
    "nn": gettext_noop("Norwegian Nynorsk"),
    "no": gettext_noop("Norwegian"),
    "os": gettext_noop("Ossetic"),
    "pa": gettext_noop("Punjabi"),
    "pl": gettext_noop("Polish"),
    "pt": gettext_noop("Portuguese"),
    "rm": gettext_noop("Romansh"),
    "ro": gettext_noop("Romanian"),
    "ru": gettext_noop("Russian"),
    "sk": gettext_noop("Slovak"),
    "sl": gettext_noop("Slovenian"),
    "sq": gettext_noop("Albanian"),
    "sr": gettext_noop("Serbian"),
    "sv": gettext_noop("Swedish"),
    "sw": gettext_noop("Swahili"),
    "ta": gettext_noop("Tamil"),
    "te": gettext_noop("Telugu"),
    "tg": gettext_noop("Tajik"),
    "th": gettext_noop("Thai"),
    "tk": gettext_noop("Turkmen"),
    "tr": gettext_noop("Turkish"),
    "tt": gettext_noop("Tatar"),
    "udm": gettext_noop("Udmurt"),
    "ug": gettext_noop("Uyghur"),
    "uk": gettext_noop("Ukrainian"),
    "ur": gettext_noop("Urdu"),
    "uz": gettext_noop("Uzbek"),
    "vi": gettext_noop("Vietnamese"),
    "zh": gettext_noop("Chinese"),
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


def language_name(tag: str) -> Said:
    """Return what people call a language, as far as it has a name here."""
    language, _, rest = tag.partition("-")
    known = NAMES.get(language.lower())
    name = Sentence(known) if known else language
    return (
        Sentence("{language} ({region})", language=name, region=rest) if rest else name
    )


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
        whole = header if len(header) <= MAX_HEADER else _cut(header)
        return cls._read(whole, chosen.lower() if _TAG.fullmatch(chosen) else "")

    @classmethod
    @lru_cache(maxsize=256)  # most visitors of a site ask for one of few
    def _read(cls, whole: str, chosen: str) -> Self:
        ranges: dict[str, float] = {}
        if chosen:
            ranges[chosen] = ABOVE_ALL
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
