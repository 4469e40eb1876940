"""Passwords for people who were made signed in."""

from __future__ import annotations

from tests.faults.product import Product, Stage

PASSWORD = "of these cases and no other"


def give_password(product: Product, stage: Stage, password: str = PASSWORD) -> None:
    """Let a stage's owner sign in by a password; what they were signed in by ends, as always."""
    script = (
        "from sessions_app.models import User\n"
        f"user = User.objects.get(email={stage.owner!r})\n"
        f"user.set_password({password!r})\nuser.save()\nprint('DONE')"
    )
    done = product.manage("shell", "-c", script)
    assert "DONE" in done.stdout, done.stdout + done.stderr
