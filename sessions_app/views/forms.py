"""Forms that allauth asks for, and fields that are read before a service judges them."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

from sessions_app.models import User
from sessions_app.models.people import NAME_MAX_CHARACTERS
from sessions_app.services.errors import Invalid
from sessions_app.services.texts import clean_line


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail and password."""

    display_name = forms.CharField(max_length=NAME_MAX_CHARACTERS, label="Your name")
    field_order = ("display_name", "email", "password1")

    def clean_display_name(self) -> str:
        """One line with something to see in it."""
        try:
            return clean_line(self.cleaned_data["display_name"], "display_name", most=NAME_MAX_CHARACTERS)
        except Invalid as bad:
            raise forms.ValidationError(f"The name {bad.rule}") from bad

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth with the new user."""
        user.display_name = self.cleaned_data["display_name"]
        user.save(update_fields=["display_name"])


def posted_version(request: HttpRequest, field: str) -> int:
    """The version that a form came with. Raises Invalid for anything that is no number."""
    text = request.POST.get(field, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid(field, "must be the version the form came with.")
    return int(text)
