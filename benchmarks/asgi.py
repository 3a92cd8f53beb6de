"""The site behind a server with an event loop."""

import os

from django.core.asgi import get_asgi_application

from benchmarks.rebuilds import listen

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
application = get_asgi_application()
listen()
