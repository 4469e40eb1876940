"""Accounts: how allauth makes and names our users, and the first owner of an installation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from sessions_app.db.rls import acting_as
from sessions_app.first_owner import is_first_owner_secret
from sessions_app.models import User
from sessions_app.models.people import Digest
from sessions_app.panels.own_data import FILE_NAME, own_data
from sessions_app.services import digests, limits, people
from sessions_app.services.errors import Conflict, Invalid, NotFound
from sessions_app.services.texts import EMAIL_MAX_CHARACTERS
from sessions_app.streamed import Streamed, attachment
from sessions_app.views.access import refusal, signed_in


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This mail address and this password do not belong together.",
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: ANN401
        """Fill the user from the form; e-mails are kept in lower case."""
        user.email = form.cleaned_data["email"].lower()
        user.display_name = form.cleaned_data["display_name"]
        user.set_password(form.cleaned_data["password1"])
        if commit:
            user.save()
        return user

    def clean_email(self, email: str) -> str:
        """Refuse an address that the database would not hold whole."""
        cleaned = str(super().clean_email(email))
        if len(cleaned) > EMAIL_MAX_CHARACTERS:
            raise ValidationError(f"Must have at most {EMAIL_MAX_CHARACTERS} characters.")
        return cleaned

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whose tries are counted together.

        Where the proxies say it in a way that cannot be read, or a request came past one of them, it is
        whoever sent it to us: all such share one count, and nobody is let in uncounted.
        """
        try:
            return str(super().get_client_ip(request))
        except (ImproperlyConfigured, PermissionDenied):
            return str(request.META.get("REMOTE_ADDR", ""))

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Not before the first owner is there: their one-time link must not be taken by a stranger."""
        return User.objects.exists()

    def is_safe_url(self, url: str) -> bool:
        """Whether a sign-in may lead there: to our own pages, to no other port or name of this machine."""
        home = urlsplit(settings.BASE_URL)
        return url_has_allowed_host_and_scheme(url, home.netloc, require_https=home.scheme == "https")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail whose links lead to BASE_URL, whatever Host header asked for it."""
        at_home = {key: _rebased(value) for key, value in context.items()}
        site = SimpleNamespace(name="Leftoff", domain=urlsplit(settings.BASE_URL).netloc)
        super().send_mail(template_prefix, email, at_home | {"current_site": site})


def user_display(user: User) -> str:
    """How allauth names a person in its messages."""
    return str(user)


@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name, time zone, whether agents' parts are hidden, and how often a digest is mailed."""
    me, errors = request.user, {}
    assert isinstance(me, User)
    shown = me
    if request.method == "POST":
        name, zone = request.POST.get("display_name", ""), request.POST.get("time_zone", "")
        hides_agents, digest = bool(request.POST.get("hides_agents")), request.POST.get("digest", me.digest)
        try:
            people.update_profile(
                me, display_name=name, time_zone=zone, hides_agents=hides_agents, digest=digest
            )
        except Invalid as bad:
            errors[bad.field] = bad.rule
            # What was typed is shown again, not what is stored.
            shown = User(
                email=me.email, display_name=name, time_zone=zone, hides_agents=hides_agents, digest=digest
            )
        else:
            messages.success(request, "Saved.")
            return redirect("profile")
    context = {"me": shown, "errors": errors, "time_zones": people.time_zones(), "digests": Digest}
    return render(request, "profile/page.html", context, status=422 if errors else 200)


@require_GET
@signed_in
def profile_data(request: HttpRequest) -> Streamed:
    """Everything that is kept of oneself, made while it is sent."""
    assert isinstance(request.user, User)
    limits.count_export(request.user.id)
    return attachment(Streamed(own_data(request.user), content_type="application/zip"), FILE_NAME)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link in a digest that ends them: GET asks, POST does it, for whoever holds the link.

    Mail programs post here by themselves (RFC 8058), without a page, a cookie or a form's token before.
    """
    try:
        if request.method == "POST":
            digests.unsubscribe(token)
        person = digests.person_of(token)
    except NotFound as bad:
        raise Http404 from bad
    context = {"is_off": person.digest == Digest.OFF, "email": person.email}
    return render(request, "digests/unsubscribe.html", context)


@require_http_methods(["GET", "POST"])
def first_owner(request: HttpRequest, secret: str) -> HttpResponse:
    """The one-time link of a fresh installation: make the first account and sign in."""
    if not is_first_owner_secret(secret) or User.objects.exists():
        raise Http404
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            user = people.create_first_owner(
                email=request.POST.get("email", ""),
                display_name=request.POST.get("display_name", ""),
                password=request.POST.get("password", ""),
            )
        except Invalid as bad:
            errors[bad.field] = bad.rule
        except Conflict as taken:
            return refusal(request, taken)
        else:
            with acting_as(user.id):
                login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("projects")
    context = {"errors": errors, "values": request.POST}
    return render(request, "account/first_owner.html", context, status=422 if errors else 200)


def _rebased(value: object) -> object:
    if not (isinstance(value, str) and value.startswith(("http://", "https://"))):
        return value
    parts = urlsplit(value)
    return settings.BASE_URL + urlunsplit(("", "", parts.path, parts.query, parts.fragment))
