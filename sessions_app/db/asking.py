"""Ask the database what must be answered soon or not at all: for whoever looks whether it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

from django.db import OperationalError, connections, transaction

from sessions_app.db.planning import allow_seconds

Answer = TypeVar("Answer")

# Whoever asks this wants to know soon: a database that does not answer by then is away.
ANSWER_SECONDS = 2

_turn = threading.Lock()


class NoAnswer(OperationalError):
    """The database did not answer in time, or no connection to it was free."""


def ask(question: Callable[[], Answer]) -> Answer:
    """Return what `question` returns, within ANSWER_SECONDS. Raises NoAnswer, and what the question raises.

    The server's own time limits end no wait for a server that is frozen, or beyond a network that swallows
    everything. So the question is asked in a thread and on a connection of its own, and left there when its
    time is up. There is one such thread at most: whoever asks meanwhile waits for their turn, as long.
    """
    until = time.monotonic() + ANSWER_SECONDS
    if not _turn.acquire(timeout=ANSWER_SECONDS):
        raise NoAnswer("the question before this one still waits for its answer")
    answer: Future[Answer] = Future()
    # Whatever is counted or logged there is of the request that asks. No end of the process waits for it.
    run = copy_context().run
    threading.Thread(target=run, args=(_answer, question, answer), name="asking", daemon=True).start()
    try:
        return answer.result(max(0.0, until - time.monotonic()))
    except TimeoutError as late:
        raise NoAnswer(f"no answer within {ANSWER_SECONDS} s") from late


def _answer(question: Callable[[], Answer], answer: Future[Answer]) -> None:
    try:
        try:
            with transaction.atomic():
                # For a table that is locked: the thread need not wait longer than whoever asked.
                allow_seconds(ANSWER_SECONDS)
                found = question()
        finally:
            connections.close_all()
    except BaseException as trouble:
        answer.set_exception(trouble)
    else:
        answer.set_result(found)
    finally:
        _turn.release()
