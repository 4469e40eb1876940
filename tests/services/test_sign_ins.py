"""Sign-ins of people's programs: what begins, carries on and ends them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from sessions_app import clock
from sessions_app.models import ApiSignIn, User
from sessions_app.services import access_tokens, limits, sign_ins
from sessions_app.services.errors import SignInRefused, TooMany
from sessions_app.services.sign_ins import Tokens
from tests import factories
from tests.conftest import Cast
from tests.doing import DAY, NINE, at_once
from tests.forged_tokens import forgeries
from tests.views.conftest import _no_old_rate_limits  # noqa: F401

MINUTE = dt.timedelta(minutes=1)


def sign_in(user: User) -> Tokens:
    return sign_ins.sign_in(user.email, factories.PASSWORD, client="127.0.0.1")


def is_in(tokens: Tokens) -> bool:
    """Whether the access token still signs its person in."""
    found = sign_ins.person_of(tokens.access_token)
    return found is not None and found[0] == tokens.user


def row() -> ApiSignIn:
    return ApiSignIn.objects.get()


def refused(tokens: Tokens) -> bool:
    try:
        sign_ins.refresh(tokens.refresh_token)
    except SignInRefused:
        return True
    return False


def test_the_right_password_signs_in(cast: Cast) -> None:
    tokens = sign_ins.sign_in(" ANN@Example.org ", factories.PASSWORD, client="127.0.0.1")
    assert is_in(tokens)
    assert tokens.expires_in == 15 * 60
    assert (row().user, row().ended_at) == (cast.ann, None)
    # Nothing that is stored signs anybody in.
    secrets = (tokens.access_token, tokens.refresh_token, tokens.refresh_token.partition(".")[2])
    assert not {str(value) for value in vars(row()).values()} & set(secrets)


def test_whatever_is_wrong_is_refused_in_the_same_words(cast: Cast) -> None:
    cast.bob.is_active = False
    cast.bob.save(update_fields=["is_active"])
    words = set()
    for email, password in (
        (cast.ann.email, "wrong"),
        ("nobody@example.org", factories.PASSWORD),
        (cast.bob.email, factories.PASSWORD),
        ("", ""),
    ):
        with pytest.raises(SignInRefused) as refusal:
            sign_ins.sign_in(email, password, client="127.0.0.1")
        words.add(str(refusal.value))
    assert len(words) == 1
    assert not ApiSignIn.objects.exists()


def test_too_many_tries_for_one_person_or_from_one_place(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.HERE, "_clock", lambda: 1_000_000.0)
    for number in range(sign_ins.TRIES_AN_EMAIL):
        with pytest.raises(SignInRefused):
            sign_ins.sign_in(cast.ann.email, "wrong", client=f"192.0.2.{number}")
    with pytest.raises(TooMany):
        sign_ins.sign_in(cast.ann.email.upper(), factories.PASSWORD, client="192.0.2.200")
    assert sign_in(cast.bob)
    for number in range(sign_ins.TRIES_A_CLIENT):
        with pytest.raises(SignInRefused):
            sign_ins.sign_in(f"p{number}@example.org", "wrong", client="198.51.100.1")
    with pytest.raises(TooMany):
        sign_ins.sign_in(cast.vera.email, factories.PASSWORD, client="198.51.100.1")


def test_an_access_token_ends_after_15_minutes(cast: Cast) -> None:
    with clock.at(NINE):
        tokens = sign_in(cast.ann)
    for moment, good in (
        (NINE, True),
        (NINE + 15 * MINUTE - dt.timedelta(seconds=1), True),
        (NINE + 15 * MINUTE, False),
        (NINE + DAY, False),
        (NINE - MINUTE, False),
    ):
        with clock.at(moment):
            assert is_in(tokens) is good, moment


def test_a_refresh_gives_new_tokens_and_the_old_ones_access_goes_on(cast: Cast) -> None:
    with clock.at(NINE):
        first = sign_in(cast.ann)
    with clock.at(NINE + 10 * MINUTE):
        second = sign_ins.refresh(first.refresh_token)
        assert is_in(first)
        assert is_in(second)
    assert second.refresh_token != first.refresh_token
    assert row().expires_at == NINE + 10 * MINUTE + 30 * DAY
    with clock.at(NINE + 20 * DAY):
        assert is_in(sign_ins.refresh(second.refresh_token))


def test_a_refresh_token_that_waited_too_long_is_over(cast: Cast) -> None:
    with clock.at(NINE):
        tokens = sign_in(cast.ann)
    with clock.at(NINE + 30 * DAY):
        assert refused(tokens)
    assert row().ended_at is None, "it ran out, nobody ended it"


def test_a_second_use_ends_the_whole_sign_in(cast: Cast) -> None:
    """Somebody else has the token: nobody knows which of the two is the person."""
    first = sign_in(cast.ann)
    second = sign_ins.refresh(first.refresh_token)
    other = sign_in(cast.ann)
    assert refused(first)
    assert (is_in(first), is_in(second), refused(second)) == (False, False, True)
    assert ApiSignIn.objects.get(ended_at__isnull=False).ended_how == "refresh token used twice"
    assert is_in(other), "another sign-in of hers is not touched"


def test_of_two_refreshes_at_once_one_wins_and_the_sign_in_is_over(cast: Cast) -> None:
    """The other is a second use: it is told so, and the winner's tokens are dead too."""
    tokens = sign_in(cast.ann)
    results = at_once(*[lambda: sign_ins.refresh(tokens.refresh_token)] * 2)
    won = [result for result in results if isinstance(result, Tokens)]
    assert sorted(type(result).__name__ for result in results) == ["SignInRefused", "Tokens"]
    assert not is_in(won[0])
    assert refused(won[0])


def test_what_is_no_refresh_token_is_refused(cast: Cast) -> None:
    tokens = sign_in(cast.ann)
    sign_in_id = tokens.refresh_token.removeprefix("lor_").partition(".")[0]
    for text in (
        "",
        "lor_",
        "lor_x.y",
        f"lor_{uuid.uuid4()}.{'x' * 43}",
        "nul \x00",
        "half \ud800 a pair",
        tokens.access_token,
    ):
        with pytest.raises(SignInRefused):
            sign_ins.refresh(text)
        sign_ins.revoke(text)
    assert is_in(tokens)
    # Of this sign-in but not its secret: nobody can tell that from one that was used up.
    with pytest.raises(SignInRefused):
        sign_ins.refresh(f"lor_{sign_in_id}.{'x' * 43}")
    assert not is_in(tokens)


def test_revoking_ends_the_sign_in_by_any_of_its_tokens(cast: Cast) -> None:
    for refreshes in (0, 1):
        first = last = sign_in(cast.ann)
        for _ in range(refreshes):
            last = sign_ins.refresh(last.refresh_token)
        sign_ins.revoke(first.refresh_token)
        sign_ins.revoke(first.refresh_token)
        assert (is_in(last), refused(last)) == (False, True)


def deactivate(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


def change_password(user: User) -> None:
    user.set_password("another one entirely")
    user.save(update_fields=["password"])


def sign_out(user: User) -> None:
    sign_ins.end_all(user.id)


@pytest.mark.parametrize("end", [deactivate, change_password, sign_out])
def test_every_sign_in_of_the_person_ends_at_once(cast: Cast, end: Callable[[User], None]) -> None:
    """Case L03."""
    tokens, others = [sign_in(cast.ann), sign_in(cast.ann)], sign_in(cast.bob)
    end(cast.ann)
    assert [is_in(each) for each in tokens] == [False, False]
    assert all(refused(each) for each in tokens)
    assert is_in(others)


# --- what is no access token of ours (case L01) --------------------------------------------------


def test_what_is_no_access_token_of_ours_signs_nobody_in(cast: Cast) -> None:
    tokens = sign_in(cast.ann)
    assert is_in(tokens)
    for name, forged in forgeries(tokens.access_token, access_tokens._key(), str(cast.bob.id)).items():
        assert sign_ins.person_of(forged) is None, name
    assert sign_ins.person_of(tokens.refresh_token) is None


def test_another_secret_key_ends_every_token(cast: Cast, settings: Any) -> None:
    tokens = sign_in(cast.ann)
    settings.SECRET_KEY = "another one that is long enough, and fifty characters"
    assert not is_in(tokens)
