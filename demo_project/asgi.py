"""The demo shop for ASGI servers.

With ``DJANGO_SETTINGS_MODULE=demo_project.partner``, the partner's site.
"""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")

application = get_asgi_application()
