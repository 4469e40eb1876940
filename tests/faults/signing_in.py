"""Signing in without the pages for it; for what runs in a `manage.py shell` of the running product."""

from __future__ import annotations

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from sessions_app.models import User


def signed_in(user: User) -> str:
    """The cookie's value of a new sign-in in a browser."""
    store = SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.id), user.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store.create()
    return str(store.session_key)
