"""The demo shop for WSGI servers.

With ``DJANGO_SETTINGS_MODULE=demo_project.partner``, the partner's site.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")

application = get_wsgi_application()
