"""People: accounts, their addresses and their sign-ins at the API, never a secret or a hash."""

from __future__ import annotations

from typing import Any

from allauth.account import admin as allauth_admin
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from sessions_app.admin import shown
from sessions_app.admin.filters import ByPerson, Word, by_words, with_addresses
from sessions_app.admin.inspected import Careful, Inspected, staff_of
from sessions_app.models import (
    ApiSignIn,
    HandOff,
    Membership,
    Message,
    Session,
    SessionAnalytics,
    User,
)
from sessions_app.models.people import NAME_MAX_CHARACTERS
from sessions_app.services import people, sign_ins
from sessions_app.services.errors import Invalid
from sessions_app.services.texts import clean_email, clean_line

# Rights are given to people one by one. Addresses are shown below as all is; the stock pages change them.
admin.site.unregister(Group)
admin.site.unregister(allauth_admin.EmailAddress)

# Who may reach the admin, and may do everything there: only somebody who may do so gives that away.
_RIGHTS = ("is_staff", "is_superuser", "user_permissions")


class _Named(forms.ModelForm):  # type: ignore[type-arg]
    """Names hold to the rules of the profile."""

    def clean_display_name(self) -> str:
        try:
            return clean_line(self.cleaned_data["display_name"], "display_name", most=NAME_MAX_CHARACTERS)
        except Invalid as bad:
            raise forms.ValidationError(bad.rule) from bad


class AccountForm(_Named, UserChangeForm):  # type: ignore[type-arg]
    """An account as it is; of its password there is nothing to see, nor to change here."""

    password = None  # type: ignore[assignment]


class NewAccountForm(_Named, AdminUserCreationForm):  # type: ignore[type-arg]
    """A new account; its e-mail in lower case, as everywhere."""

    def clean_email(self) -> str:
        try:
            return clean_email(self.cleaned_data["email"], "email")
        except Invalid as bad:
            raise forms.ValidationError(bad.rule) from bad


class ThisPerson(ByPerson):
    """The people themselves."""

    column = "id"


@admin.register(User)
class UserAdmin(Careful, DjangoUserAdmin):  # type: ignore[type-arg]
    """Names, rights, passwords. An account ends by `manage.py erase_person`, never by deleting its row."""

    form = AccountForm
    add_form = NewAccountForm
    list_display = ("email", "display_name", "is_active", "is_staff", "is_superuser", "created_at")
    list_filter = (
        ThisPerson,
        by_words(
            "active",
            "active",
            Word("yes", "Active", Q(is_active=True)),
            Word("no", "Switched off", Q(is_active=False)),
        ),
        by_words(
            "rights",
            "rights",
            Word("staff", "Staff", Q(is_staff=True)),
            Word("super", "May do everything", Q(is_superuser=True)),
            Word("none", "None", Q(is_staff=False, is_superuser=False)),
        ),
    )
    related = ()
    finds = ("id",)
    search_fields = ("email",)
    search_help_text = "The whole id, or how the e-mail begins."
    # As the index of e-mails has them.
    order = ("address",)
    ordering = ("email",)
    fieldsets = (
        (None, {"fields": ("email", "display_name", "time_zone", "password_is")}),
        ("Rights", {"fields": ("is_active", *_RIGHTS)}),
        ("Their rows", {"fields": ("rows",)}),
        ("Times", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "display_name", "password1", "password2")}),)
    filter_horizontal = ("user_permissions",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return with_addresses(super().get_queryset(request))

    def meant_by(self, term: str) -> Q:
        return super().meant_by(term) | Q(address__startswith=term.lower())

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        always: tuple[str, ...] = ("created_at", "last_login", "rows", "password_is")
        if obj is None:
            return always
        # An address is proved by whoever reads its mails.
        always = (*always, "email")
        if obj == request.user:
            return (*always, "is_active", *_RIGHTS)  # nobody locks themselves out, or lets themselves in
        return always if staff_of(request).is_superuser else (*always, *_RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Staff who may not do everything leave alone whoever may do something here."""
        is_above = obj is not None and obj != request.user and (obj.is_staff or obj.is_superuser)
        return super().has_change_permission(request, obj) and (
            not is_above or staff_of(request).is_superuser
        )

    def may_tell(self, request: HttpRequest, column: Any, row: User | None = None) -> bool:  # noqa: ANN401
        if column == "password_is":
            return self.has_change_permission(request, row)
        return super().may_tell(request, column, row)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: ANN401
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        people.change_account(obj, columns.intersection(form.changed_data))

    @admin.display(description="Password")
    def password_is(self, user: User) -> SafeString:
        """Whether there is one to sign in with, and the way to set another."""
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        return shown.part("password", is_set=user.has_usable_password(), url=url)

    @admin.display(description="Lists of this person")
    def rows(self, user: User) -> SafeString:
        lists = (Membership, Session, SessionAnalytics, Message, HandOff)
        return shown.links_to_lists((*lists, ApiSignIn, EmailAddress), person=user.pk)


@admin.register(EmailAddress)
class EmailAddressAdmin(Inspected):
    list_display = ("email", "user", "primary", "verified")
    related = ("user",)
    finds = ("id", "user")
    list_filter = (ByPerson,)


@admin.register(ApiSignIn)
class ApiSignInAdmin(Inspected):
    list_display = ("user", "created_at", "refreshed_at", "expires_at", "ended_at", "ended_how")
    related = ("user",)
    finds = ("id", "user")
    list_filter = (
        ByPerson,
        by_words(
            "ended",
            "ended",
            Word("no", "Not ended", Q(ended_at__isnull=True)),
            Word("yes", "Ended", Q(ended_at__isnull=False)),
        ),
    )
    secrets = ("refresh_hash", "auth_hash")
    actions = ("end",)

    @admin.action(description="End", permissions=["act"])
    def end(self, request: HttpRequest, rows: QuerySet[ApiSignIn]) -> None:
        def verb(sign_in: ApiSignIn) -> str:
            return "Ended the sign-in." if sign_ins.end_one(sign_in.id, "ended by staff") else ""

        self.act_on(request, rows, verb, none="All of these had ended already.")
