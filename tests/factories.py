"""Rows for tests, with what is required and nothing else."""

import factory
from factory.django import DjangoModelFactory

from temp_redirects.models import ArmCount, Condition, Destination, RedirectRule


class RedirectRuleFactory(DjangoModelFactory):
    """A rule without its destination: exact, from now on, without end."""

    class Meta:
        model = RedirectRule

    name = factory.Sequence(lambda n: f"rule {n}")
    path = factory.Sequence(lambda n: f"/old-{n}/")


class DestinationFactory(DjangoModelFactory):
    """A destination, and the rule that it makes whole."""

    class Meta:
        model = Destination

    rule = factory.SubFactory(RedirectRuleFactory)
    target = "/new/"


class ConditionFactory(DjangoModelFactory):
    """An “only for”."""

    class Meta:
        model = Condition

    rule = factory.SubFactory(RedirectRuleFactory)
    kind = "scheme"
    value = "https"


class ArmCountFactory(DjangoModelFactory):
    """An hour of one arm: the original page, on the first day there was."""

    class Meta:
        model = ArmCount

    rule = factory.SubFactory(RedirectRuleFactory)
    epoch = "first"
    arm = "original"
    hour = 24
