"""The acceptance cases of the product's promises: what each is about, and the mark a test carries for it."""

from __future__ import annotations

import pytest

CASES = {
    "A01": "a steady stream of activities is taken in, quickly and in little memory",
    "A02": "a flood is answered in time, and what was answered 202 is there",
    "A03": "a killed web process loses nothing it acknowledged",
    "A05": "a stop answers whoever was taken in, and takes in nobody else",
    "A07": "the same event counts once, however often and by whomever it is sent",
    "B01": "many tabs at once are one active session",
    "B04": "the database itself refuses a second active session",
    "B05": "going to and fro between projects takes no deadlock",
    "C01": "every socket shows its project's events, in order, once, within a second",
    "C02": "what was missed while cut off is caught up, without a gap or a double",
    "C05": "a burst reaches fast and slow pages",
    "C08": "whoever changes something, every server's pages show it, also without Redis",
    "C09": "Redis may go away and come back empty",
    "D01": "the database restarts under load",
    "D03": "every connection of the pool is held",
    "D05": "a table stays locked",
    "D06": "deadlocks, serialization failures and lock timeouts have no half effect",
    "W01": "killed workers lose nothing and double nothing",
    "W02": "a job that kills, raises or hangs leaves the others alone",
    "W04": "a backlog is drained while the pages go on",
    "M01": "of several machines each is killed in turn",
    "M02": "a replica that is behind or away shows nobody less",
    "F01": "texts that are none",
    "F03": "numbers that are none",
    "F04": "bodies of the wrong shape",
    "F05": "what is too large or too much is refused before it is read",
    "F09": "moments at the edges of the calendar",
    "F10": "texts that play tricks on the eye",
    "G01": "every route, method and caller answers as the access table says",
    "G04": "the database shows nobody what is not theirs",
    "G06": "row security costs little at any size",
    "G07": "what was taken away is gone at the next request, and within seconds on open sockets",
    "L01": "tokens that are none",
    "L03": "signing out ends pages, tokens and sockets",
    "L05": "only the page's own origin opens a socket",
    "L07": "a form that another site sends has no effect",
    "I02": "headers and cookies of each kind of answer",
    "I03": "a sign-in ends while a page is open",
    "J01": "a migration runs while the product serves",
    "J03": "a back-up under load, and the way back",
    "J04": "one's own data, whole and nobody else's",
    "J06": "the embedded PostgreSQL refuses, recovers and explains",
    "J07": "each command twice, wrongly, and stopped midway",
    "J08": "the logs keep secrets, and each failure has its trace",
}


def case(identity: str) -> pytest.MarkDecorator:
    """Mark a test as one of a case's; several tests may share a case."""
    assert identity in CASES, identity
    return pytest.mark.case(identity)
