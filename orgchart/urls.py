"""Routes of orgchart: pages and API."""

from django.urls import URLPattern, path

from orgchart import api as programs
from orgchart.views import dealers, notifications, people, runs, trail, units

pages: list[URLPattern] = [
    path("organisation/", units.organisation, name="organisation"),
    path("organisation/posts/", units.posts, name="posts"),
    path("organisation/appoint/", units.appoint, name="appoint"),
    path("organisation/new-unit/", units.unit_open, name="unit_open"),
    path("organisation/units/<slug:code>/", units.unit_detail, name="unit_detail"),
    path("organisation/units/<slug:code>/rename/", units.unit_rename, name="unit_rename"),
    path("organisation/units/<slug:code>/move/", units.unit_move, name="unit_move"),
    path("organisation/units/<slug:code>/close/", units.unit_close, name="unit_close"),
    path(
        "organisation/units/<slug:code>/supervisor/", units.unit_supervisor, name="unit_supervisor"
    ),
    path("organisation/dealers/", dealers.dealer_list, name="dealers"),
    path("organisation/dealers.xlsx", dealers.dealers_export, name="dealers_export"),
    path("organisation/new-dealer/", dealers.dealer_open, name="dealer_open"),
    path("organisation/dealers/<slug:code>/", dealers.dealer_detail, name="dealer_detail"),
    path("organisation/dealers/<slug:code>/edit/", dealers.dealer_edit, name="dealer_edit"),
    path(
        "organisation/dealers/<slug:code>/move/", dealers.dealer_affiliate, name="dealer_affiliate"
    ),
    path("organisation/dealers/<slug:code>/close/", dealers.dealer_close, name="dealer_close"),
    path("organisation/affiliations/", dealers.affiliations, name="affiliations"),
    path("organisation/affiliations.xlsx", dealers.affiliations_export, name="affiliations_export"),
    path("organisation/people/", people.person_list, name="people"),
    path("organisation/new-person/", people.person_add, name="person_add"),
    path("organisation/people/<slug:code>/", people.person_detail, name="person_detail"),
    path("organisation/people/<slug:code>/edit/", people.person_edit, name="person_edit"),
    path("organisation/people/<slug:code>/account/", people.person_account, name="person_account"),
    path("organisation/tenures/<int:pk>/end/", people.tenure_end, name="tenure_end"),
    path("runs/<int:pk>/", runs.run_page, name="run"),
    path("runs/<int:pk>/cancel/", runs.run_cancel, name="run_cancel"),
    path("runs/<int:pk>/file/", runs.run_file, name="run_file"),
    path("trail/", trail.trail_page, name="trail"),
    path("notifications/", notifications.notification_list, name="notifications"),
    path("notifications/read/", notifications.notifications_read, name="notifications_read"),
    path("notifications/<int:pk>/open/", notifications.notification_open, name="notification_open"),
]
api: list[URLPattern] = [
    path("units/", programs.UnitsView.as_view(), name="api_units"),
    path("units/<slug:code>/", programs.UnitView.as_view(), name="api_unit"),
    path("dealers/", programs.DealersView.as_view(), name="api_dealers"),
    path("dealers/<slug:code>/", programs.DealerView.as_view(), name="api_dealer"),
    path("people/", programs.PeopleView.as_view(), name="api_people"),
    path("notifications/", programs.NotificationsView.as_view(), name="api_notifications"),
    path(
        "notifications/<int:pk>/read/",
        programs.ReadNotificationView.as_view(),
        name="api_notification_read",
    ),
    path("runs/<int:pk>/", programs.RunView.as_view(), name="api_run"),
    path("affiliations/", programs.AffiliationsView.as_view(), name="api_affiliations"),
]
