"""Texts that lie where others look, and that only the holder of SECRET_KEY can read."""

from __future__ import annotations

import base64
import hashlib
import zlib

from cryptography.fernet import Fernet
from django.conf import settings


def seal(text: str, purpose: str) -> str:
    """The text, sealed. What was sealed for one purpose does not open for another."""
    return _fernet(purpose).encrypt(zlib.compress(text.encode())).decode()


def unseal(sealed: str, purpose: str) -> str:
    """The text in what `seal` gave. Raises cryptography's InvalidToken when the key is another one now."""
    return zlib.decompress(_fernet(purpose).decrypt(sealed.encode())).decode()


def _fernet(purpose: str) -> Fernet:
    key = hashlib.sha256(f"{purpose}\0{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
