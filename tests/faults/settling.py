"""People and projects of a case, inside the running product's database; runs in a `manage.py shell`."""

from __future__ import annotations

import datetime as dt
import json
import uuid

from django.conf import settings

from sessions_app import clock
from sessions_app.models import ApiSignIn, User
from sessions_app.services import access_tokens
from tests import factories
from tests.faults.signing_in import signed_in


def settle(base_url: str, mark: int, *, people: int, projects: int) -> None:
    """Make them, each person an editor of whatever is not their own, and print how the tests get at them.

    `base_url` is the server's; `mark` tells these people from those of other cases.
    """
    # Whose tokens they are: the server's, not this command's.
    settings.BASE_URL = base_url
    users = [
        User.objects.create_user(f"p{number}-{mark}@example.org", display_name=f"Person {number}")
        for number in range(people)
    ]
    made = []
    for number in range(projects):
        owner = users[number % people]
        others = [user for user in users if user != owner]
        made.append(str(factories.project(owner, f"Project {number}", editors=others).id))
    told = {
        "people": [
            {"id": str(user.id), "session": signed_in(user), "bearer": bearer_of(user)} for user in users
        ],
        "projects": made,
        "cookie": settings.SESSION_COOKIE_NAME,
    }
    print("SETTLED " + json.dumps(told))


def bearer_of(user: User) -> str:
    """The token of a program's sign-in that nobody refreshes; made as a row, for these have no password."""
    now, sign_in = clock.now(), uuid.uuid4()
    ApiSignIn.objects.create(
        id=sign_in,
        user=user,
        refresh_hash=sign_in.hex,
        auth_hash=user.get_session_auth_hash(),
        refreshed_at=now,
        expires_at=now + dt.timedelta(days=1),
        created_at=now,
    )
    return access_tokens.issue(user.id, sign_in)[0]
