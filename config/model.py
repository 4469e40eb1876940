"""The language model of the in-house agents: an address and a name, or nothing."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
_EXTRA = "pydantic-ai-slim[openai]"


def check_model(base_url: str, name: str, api_key: str) -> None:
    """Raise ImproperlyConfigured for half a model, one whose key would be overheard, or a missing extra.

    A model of one's own may want no key.
    """
    if not base_url and not name and not api_key:
        return
    if not base_url or not name:
        raise ImproperlyConfigured("Set both LLM_BASE_URL and LLM_MODEL, or none of the three LLM_….")
    address = urlsplit(base_url)
    if address.scheme not in ("http", "https") or not address.hostname or address.query or address.username:
        raise ImproperlyConfigured("LLM_BASE_URL must be an address like https://models.example.org/v1.")
    if api_key and address.scheme == "http" and address.hostname not in _THIS_MACHINE:
        raise ImproperlyConfigured("LLM_BASE_URL must begin with https: LLM_API_KEY is sent to it.")
    if find_spec("pydantic_ai") is None or find_spec("openai") is None:
        raise ImproperlyConfigured(f"LLM_BASE_URL needs one more package: pip install '{_EXTRA}'")
