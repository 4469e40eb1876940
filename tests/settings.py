"""The product's settings on an embedded server of the tests' own, faster because it may lose data."""

import os
import sys
from pathlib import Path

from config.places import default_data_dir

os.environ.setdefault("DATA_DIR", str(default_data_dir(Path(__file__).resolve().parent.parent) / "tests"))
os.environ.setdefault("EMBEDDED_POSTGRES_FAST_UNSAFE", "1")
os.environ.setdefault("DATABASE_POOL_SIZE", "0")

from config.settings import *  # noqa: F403

# The tests start a hundred processes: each would compile the whole product for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Argon2 takes a twentieth of a second by design; the tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Hints of the tests' own process stay in it; those between processes are tried with real ones.
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
