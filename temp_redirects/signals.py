"""Signals that a project may listen to.

``maintenance_started`` and ``maintenance_ended`` are sent once for each time a window
is on, by the first process that notices, with ``window`` (the compiled
`temp_redirects.core.windows.MaintenanceWindow`) and ``at`` (an aware datetime: the edge
itself). ``maintenance_scheduled``, ``maintenance_changed`` and
``maintenance_cancelled`` are sent by the process that wrote it, once it is committed,
with ``window``; the second has ``before`` too, the third the window as it was. Ending
what is on for good is no cancelling: that is told by ``maintenance_ended``. The sender
is the model `MaintenanceWindow`.
"""

from django.dispatch import Signal

looked = Signal()  # by the store, after each look: ruleset=, now= (seconds)
recorded = Signal()  # in the transaction that writes: kind=, using=, changed= (texts)
maintenance_scheduled = Signal()
maintenance_changed = Signal()
maintenance_cancelled = Signal()
maintenance_started = Signal()
maintenance_ended = Signal()
