"""MaintenanceEvent: the claim of one process to have told of a window's edge."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class MaintenanceEvent(models.Model):
    """The claim to have told of an edge of a window, once across all processes."""

    window_id = models.UUIDField()
    occurrence = models.DateTimeField()  # when it starts
    event = models.CharField(max_length=20)
    at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["MaintenanceEvent"]] = models.Manager()

    class Meta:
        verbose_name = _("maintenance event")
        verbose_name_plural = _("maintenance events")
        constraints = [
            models.UniqueConstraint(
                fields=["window_id", "occurrence", "event"],
                name="temp_redirects_event_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.window_id} {self.event} {self.occurrence:%Y-%m-%d %H:%M}"
