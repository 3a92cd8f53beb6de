"""The rows: rules and their parts, the version of them all, their hits and arms."""

from temp_redirects.models.arms import ArmCount
from temp_redirects.models.counts import HitWriter
from temp_redirects.models.history import Batch, Revision
from temp_redirects.models.hits import HitCount
from temp_redirects.models.rules import Condition, Destination, RedirectRule
from temp_redirects.models.switches import KillSwitch
from temp_redirects.models.uploads import Upload
from temp_redirects.models.versions import RulesetVersion
from temp_redirects.models.windows import MaintenanceEvent, MaintenanceWindow

__all__ = [
    "ArmCount",
    "Batch",
    "Condition",
    "Destination",
    "HitCount",
    "HitWriter",
    "KillSwitch",
    "MaintenanceEvent",
    "MaintenanceWindow",
    "RedirectRule",
    "Revision",
    "RulesetVersion",
    "Upload",
]
