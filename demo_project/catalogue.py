"""What the demo shop sells and writes about, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One thing on the shelf; its picture is ``products/<slug>.svg``."""

    slug: str
    name: str
    cents: int
    blurb: str
    details: str
    made_in: str

    @property
    def price(self) -> str:
        """The price in euros, as printed on the label."""
        return f"€ {self.cents // 100}.{self.cents % 100:02d}"

    @property
    def picture(self) -> str:
        """The path of the picture among the static files."""
        return f"demo_project/products/{self.slug}.svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One page of the journal."""

    slug: str
    title: str
    lead: str
    text: tuple[str, ...]


PRODUCTS = (
    Product(
        slug="enamel-kettle",
        name="Enamel kettle",
        cents=5400,
        blurb="Two litres, and a whistle you can lift.",
        details="Steel under two coats of enamel, for every stove, induction too. The "
        "handle is beech and stays cool.",
        made_in="Olbernhau",
    ),
    Product(
        slug="stoneware-mug",
        name="Stoneware mug",
        cents=1850,
        blurb="Heavy, quiet, and good to hold.",
        details="Thrown by hand and glazed in one colour, so that no two are quite the "
        "same. 300 ml; the dishwasher is fine.",
        made_in="Höhr-Grenzhausen",
    ),
    Product(
        slug="oak-board",
        name="Oak board",
        cents=3900,
        blurb="One plank, end to end.",
        details="Oiled oak, 38 by 22 cm, with a groove on one side and none on the "
        "other. Comes with a tin of oil.",
        made_in="Bad Berleburg",
    ),
    Product(
        slug="linen-apron",
        name="Linen apron",
        cents=4600,
        blurb="Crossed at the back, nothing to tie.",
        details="Washed linen, two pockets, one loop for a towel. One size that fits "
        "most people.",
        made_in="Laichingen",
    ),
    Product(
        slug="copper-pan",
        name="Copper pan",
        cents=12900,
        blurb="For sauces that listen.",
        details="Two millimetres of copper, tinned inside, 18 cm across. It can be "
        "tinned again when that wears off; we do it here.",
        made_in="Schwäbisch Gmünd",
    ),
    Product(
        slug="beeswax-candle",
        name="Beeswax candle",
        cents=990,
        blurb="Burns for thirty hours and smells of summer.",
        details="Pure wax from one valley, poured in the village hall. Keep it away "
        "from draughts.",
        made_in="Triberg",
    ),
)

ARTICLES = (
    Article(
        slug="first-frost",
        title="What to cook at first frost",
        lead="Kale is better now. So is everything else that takes an hour.",
        text=(
            "The first cold night turns starch into sugar, and the kale that nobody "
            "wanted in October becomes the best thing in the garden.",
            "Slice it fine, give it butter and a whole hour on the smallest flame. "
            "Salt at the end.",
        ),
    ),
    Article(
        slug="seasoning-a-board",
        title="Seasoning a board, once and for all",
        lead="A tin of oil, a rag, and an evening.",
        text=(
            "Warm the oil in a bowl of hot water. Rub it in along the grain until the "
            "board stops drinking, then wipe off what is left.",
            "Stand it on its edge overnight. Twice a year is enough.",
        ),
    ),
    Article(
        slug="the-whistle",
        title="Why our kettle whistles in F",
        lead="A small hole, a bigger hole, and a little luck.",
        text=(
            "Two plates with a hole in each: steam trips over the first and sings "
            "through the second. Their distance sets the note.",
            "Ours is an F because the first one was, and people got used to it.",
        ),
    ),
)

PRODUCT_BY_SLUG = {product.slug: product for product in PRODUCTS}
ARTICLE_BY_SLUG = {article.slug: article for article in ARTICLES}
