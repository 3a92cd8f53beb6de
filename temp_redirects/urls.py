"""The app's own addresses, included under a path that no rule redirects."""

from django.urls import path

from temp_redirects import views

app_name = "temp_redirects"
urlpatterns = [
    path("status.json", views.status, name="status"),
    path("health.json", views.health, name="health"),
    path("calendar.ics", views.calendar_feed, name="calendar"),
    path("dismiss/", views.dismiss, name="dismiss"),
    path("stay/", views.stay, name="stay"),
    path("notice/<path:name>/", views.notice, name="notice"),
    path("pass/<str:token>/", views.open_pass, name="pass"),
]
