"""All routes: pages by app, the API under /api/v1/, sign-in, languages, health."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.decorators.cache import cache_control
from django.views.i18n import JavaScriptCatalog, set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import competitions.urls
import fieldwork.urls
import kpi.urls
import orgchart.urls
import portal.urls
import subsidies.urls
import targets.urls
from config.accounts import SignInPage
from config.tokens import SignInView, health

APPS = [
    portal.urls,
    orgchart.urls,
    targets.urls,
    kpi.urls,
    subsidies.urls,
    competitions.urls,
    fieldwork.urls,
]

urlpatterns = [
    path("accounts/login/", SignInPage.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path(
        "i18n/catalog.js",
        login_not_required(
            cache_control(max_age=3600)(JavaScriptCatalog.as_view(domain="djangojs"))
        ),
        name="js_catalog",
    ),
    path("health/", health, name="health"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
    path("api/v1/token/", SignInView.as_view(), name="api_token"),
    *[path("", include(app.pages)) for app in APPS],
    path("api/v1/", include([route for app in APPS for route in app.api])),
]

handler400 = "config.problems.bad_request"
handler404 = "config.problems.page_not_found"
handler500 = "config.problems.server_error"
