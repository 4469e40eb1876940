"""What those who have a socket may have now: looked up at every hint, and every few seconds in between."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.crypto import constant_time_compare

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.db.arrays import as_array
from sessions_app.db.rls import acting_as_system
from sessions_app.live.admissions import Admission, AnyAdmission, ProgramAdmission
from sessions_app.live.place import Version
from sessions_app.models import ProjectCounter, User
from sessions_app.models.bearers import Scope
from sessions_app.models.projects import Role

SIGNED_OUT = 4401
LESS_RIGHT = 4403


# Compared as the very same, which is quick: those who may have the same share one.
@dataclass(frozen=True, slots=True, eq=False)
class Right:
    """What a socket may have now. `close_code`: 0, or why it must be closed."""

    close_code: int
    role: str
    version: Version


# Of what a right is made, but for the project's version: close code, role, membership's version, project.
_Kind = tuple[int, str, int, UUID]


class Standing:
    """What these sockets stand on: one statement asks about all of them.

    Asked again and again it reads again only what is not as it was.
    """

    def __init__(self, admitted: list[AnyAdmission]) -> None:
        self.admitted = admitted
        stands_on = [_keys(admission) for admission in admitted]
        # The many tabs of one browser stand on the same, which is looked up once.
        places = {keys: place for place, keys in enumerate(dict.fromkeys(stands_on))}
        self._places = [places[keys] for keys in stands_on]
        self._projects = list({admission.project_id for admission in admitted})
        columns = zip(*places, strict=True)
        # As texts: they are written once.
        self._parameters = {name: as_array(column) for name, column in zip(_KEYS, columns, strict=True)}
        self._mark: str | None = None
        self._rows: list[dict[str, Any]] = []
        self._kinds: list[_Kind] = []
        # Of each of those admitted, where its kind stands.
        self._kind_of: list[int] = []

    def rights(self) -> list[Right]:
        """What each may have now, in their order."""
        with acting_as_system(self._projects):
            # First, so that nobody's right is older than what they are pushed.
            counters = ProjectCounter.objects.filter(project_id__in=self._projects)
            return self.look(dict(counters.values_list("project_id", "version")))

    def look(self, versions: Mapping[UUID, int]) -> list[Right]:
        """What each may have now that the `versions` were read, for a caller who acts for their projects."""
        self._ask()
        made = [
            Right(code, role, Version(versions.get(project_id, 0), member_version))
            for code, role, member_version, project_id in self._kinds
        ]
        return [made[kind] for kind in self._kind_of]

    def lost(self) -> frozenset[AnyAdmission]:
        """Whose sockets must be closed by now, for a caller who acts for their projects already."""
        self._ask()
        if not any(code for code, *_ in self._kinds):
            return frozenset()
        asked = zip(self.admitted, self._kind_of, strict=True)
        return frozenset(admission for admission, kind in asked if self._kinds[kind][0])

    def _ask(self) -> None:
        found = queries.rows("socket_rights", self._parameters | {"known": self._mark})
        if found[0]["mark"] != self._mark:
            self._judge(found)
            # A page's right ends by what is stored, a program's also by the clock.
            self._rows = found if self._has_programs else []
            # Last: what could not be judged is read again.
            self._mark = found[0]["mark"]
        elif self._rows:
            self._judge(self._rows)

    @functools.cached_property
    def _has_programs(self) -> bool:
        return any(isinstance(admission, ProgramAdmission) for admission in self.admitted)

    def _judge(self, rows: list[dict[str, Any]]) -> None:
        kinds: dict[_Kind, int] = {}
        kind_of = []
        for admission, place in zip(self.admitted, self._places, strict=True):
            row = rows[place]
            code = _close_code(admission, row)
            kind = code, str(row["role"] or ""), row["member_version"] or 0, admission.project_id
            kind_of.append(kinds.setdefault(kind, len(kinds)))
        self._kinds, self._kind_of = list(kinds), kind_of


def standing_of(admitted: list[AnyAdmission], before: Standing | None) -> Standing:
    """What these stand on: what was asked `before`, where it was of the same."""
    return before if before and before.admitted == admitted else Standing(admitted)


_KEYS = ("projects", "users", "sessions", "sign_ins", "agent_tokens")


def _keys(admission: AnyAdmission) -> tuple[UUID | str | None, ...]:
    """What an admission stands on, in the order of _KEYS."""
    if isinstance(admission, Admission):
        return admission.project_id, admission.user_id, admission.session_key, None, None
    return (
        admission.project_id,
        admission.user_id,
        None,
        admission.sign_in_id,
        admission.agent_token_id,
    )


def _close_code(admission: AnyAdmission, row: dict[str, Any]) -> int:
    """Why a socket must be closed, or 0."""
    if isinstance(admission, ProgramAdmission):
        return _close_code_of_program(admission, row)
    if not (row["is_active"] and row["has_session"] and _is_password_of(admission.auth_hash, row)):
        return SIGNED_OUT
    # With a lesser role the whole page is another one: it comes back as what it may be now.
    is_less = not row["role"] or Role(row["role"]).rank < Role(admission.role).rank
    return LESS_RIGHT if is_less else 0


def _close_code_of_program(admission: ProgramAdmission, row: dict[str, Any]) -> int:
    if admission.agent_token_id is not None:
        if row["scopes"] is None:
            return SIGNED_OUT
        return 0 if Scope.LIVE in row["scopes"] else LESS_RIGHT
    is_over = admission.ends_at is not None and admission.ends_at <= clock.now()
    is_signed_in = admission.sign_in_id is None or _is_password_of(row["sign_in_hash"], row)
    if is_over or not row["is_active"] or not is_signed_in:
        return SIGNED_OUT
    return 0 if row["role"] else LESS_RIGHT


def _is_password_of(auth_hash: str | None, row: dict[str, Any]) -> bool:
    """Whether a sign-in was made with the password the person still has."""
    return auth_hash is not None and constant_time_compare(_auth_hash_of(row["password"] or ""), auth_hash)


# More people than have a page open in one process; making it anew takes longer than asking the database.
@functools.lru_cache(maxsize=10_000)
def _auth_hash_of(password: str) -> str:
    return User(password=password).get_session_auth_hash()
