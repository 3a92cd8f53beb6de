"""What every page of the demo knows about the two sites."""

from django.http import HttpRequest

from demo_project import conf


def demo(request: HttpRequest) -> dict[str, object]:
    """Name the site that answers, and the origins of both."""
    return {"demo": conf.current()}
