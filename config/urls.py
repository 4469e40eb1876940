"""The addresses of the whole site."""

from allauth.account import urls as account_urls
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from sessions_app.views.account_forms import refusing
from sessions_app.views.errors import page_not_found

urlpatterns = [
    path("", include("sessions_app.views.urls")),
    path("api/", include("sessions_app.api.urls")),
    path("account/", include(refusing(account_urls.urlpatterns))),
    # Passwords are typed on our pages only: these forms of Django's let anybody guess without limit.
    path("admin/login/", require_safe(secure_admin_login(admin.site.login))),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    # Leads to a row's page on the site, which none has, and fails for an id that is none.
    re_path("^admin/r/", page_not_found),
    path("admin/", admin.site.urls),
]

handler400 = "sessions_app.views.errors.bad_request"
handler403 = "sessions_app.views.errors.permission_denied"
handler404 = "sessions_app.views.errors.page_not_found"
handler500 = "sessions_app.views.errors.server_error"
