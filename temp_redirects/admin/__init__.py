"""The admin: where staff schedule redirects and maintenance."""

from django.contrib import admin

from temp_redirects.admin.history import HistoryAdmin
from temp_redirects.admin.rules import RedirectRuleAdmin
from temp_redirects.admin.switches import KillSwitchAdmin
from temp_redirects.admin.windows import MaintenanceWindowAdmin
from temp_redirects.models import Batch, KillSwitch, MaintenanceWindow, RedirectRule

admin.site.register(Batch, HistoryAdmin)
admin.site.register(KillSwitch, KillSwitchAdmin)
admin.site.register(MaintenanceWindow, MaintenanceWindowAdmin)
admin.site.register(RedirectRule, RedirectRuleAdmin)
