"""The app's own pages: the notice, what opens a pass link, and what keeps a choice."""

from temp_redirects.views.notices import notice
from temp_redirects.views.passes import open_pass
from temp_redirects.views.preferences import stay

__all__ = ["notice", "open_pass", "stay"]
