"""A peer's app, made to stand beside the others."""

from django.contrib.redirects.apps import RedirectsConfig


class ContribRedirects(RedirectsConfig):
    """Django's own redirects under a label that django-redirects does not have."""

    label = "contrib_redirects"
