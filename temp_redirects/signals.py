"""Signals that a project may listen to.

``maintenance_started`` and ``maintenance_ended`` are sent once for each time a window
is on, by the first process that notices, with ``window`` (the compiled
`temp_redirects.core.windows.MaintenanceWindow`) and ``at`` (an aware datetime: the edge
itself). The sender is the model `MaintenanceWindow`.
"""

from django.dispatch import Signal

looked = Signal()  # by the store, after each look: ruleset=, now= (seconds)
maintenance_started = Signal()
maintenance_ended = Signal()
