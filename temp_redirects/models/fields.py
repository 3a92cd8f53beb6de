"""The columns of a rule, as forms show them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from temp_redirects.core import documents
from temp_redirects.models.choices import (
    query_choices,
    source_kinds,
    status_choices,
    sticky_choices,
)
from temp_redirects.models.planned import Planned


class RuleFields(Planned):
    """What a rule says in its own row, its parts aside."""

    name = models.CharField(
        _("name"),
        max_length=documents.MAX_NAME,
        help_text=_("What you call it, here and on the command line: “pricing-test”."),
    )
    enabled = models.BooleanField(
        _("switched on"),
        default=True,
        help_text=_("Switched off, it redirects nobody, whatever its window says."),
    )
    priority = models.IntegerField(
        _("priority"),
        default=0,
        help_text=_("Where two rules cover one path, the higher number decides."),
    )
    match = models.CharField(
        _("covers"), max_length=20, default="exact", choices=source_kinds
    )
    path = models.CharField(
        _("path"),
        max_length=2_048,
        help_text=_("What visitors ask for, as the browser shows it: “/shop/”."),
    )
    hosts = models.TextField(
        _("hosts"),
        blank=True,
        default="",
        help_text=_(
            "Only on these hosts, separated by commas: “shop.example, *.example.org”. "
            "Empty means every host."
        ),
    )
    methods = models.CharField(
        _("methods"),
        max_length=200,
        blank=True,
        default="",
        help_text=_(
            "Only requests of these methods, separated by commas: “POST, PUT”. Empty "
            "means all; GET includes HEAD."
        ),
    )
    except_paths = models.TextField(
        _("except"),
        blank=True,
        default="",
        help_text=_("Paths that are not redirected, one a line, with all under them."),
    )
    starts_at = models.DateTimeField(
        _("starts"),
        null=True,
        blank=True,
        help_text=_("The first moment it redirects. Empty means at once."),
    )
    ends_at = models.DateTimeField(
        _("ends"),
        null=True,
        blank=True,
        help_text=_("The first moment it no longer does. Empty: until switched off."),
    )
    sticky = models.CharField(
        _("who keeps an arm"),
        max_length=10,
        default="visitor",
        choices=sticky_choices,
        help_text=_("With several destinations: what makes two requests one visitor."),
    )
    goal = models.CharField(
        _("goal"),
        max_length=documents.MAX_PATH,
        blank=True,
        default="",
        help_text=_(
            "The page that you want visitors to reach, “/thanks/”. With a goal the "
            "rule is an experiment, and its visitors are counted."
        ),
    )
    goal_days = models.PositiveIntegerField(
        _("days to reach it"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(documents.MAX_GOAL_DAYS)],
        help_text=_("How long after the first visit reaching the goal counts."),
    )
    planned_visitors = models.PositiveIntegerField(
        _("planned visitors"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many you want to have seen before you judge. May be empty."),
    )
    status = models.PositiveSmallIntegerField(
        _("answer"), default=307, choices=status_choices
    )
    query = models.CharField(
        _("query"), max_length=10, default="keep", choices=query_choices
    )
    cache_seconds = models.PositiveIntegerField(
        _("cache for"),
        default=0,
        help_text=_(
            "Seconds that browsers and caches may keep the answer, never beyond the "
            "end. 0 means that each request asks again."
        ),
    )
    note = models.TextField(
        _("note"), blank=True, default="", help_text=_("For your colleagues.")
    )

    class Meta:
        abstract = True
