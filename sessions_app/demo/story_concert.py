"""A small project that Ann only watches: a concert for the boathouse roof. Bob has not looked in yet."""

from __future__ import annotations

import datetime as dt

from sessions_app.demo.people import CLARIFIER, GAP_FINDER, QUESTIONER, VERIFIER, Cast
from sessions_app.demo.telling import Telling


def tell(cast: Cast, now: dt.datetime) -> Telling:
    """Mina owns it, Jonas edits, Ann views; Bob joined yesterday and never opened it."""
    t = Telling(now, cast.mina, "Concert for the boathouse roof", told_to=cast.ann, day=24, at="20:30")
    _why_a_concert(t, cast)
    _anns_last_session(t, cast)
    _since_then(t, cast)
    _the_last_days(t, cast)
    return t


def _why_a_concert(t: Telling, cast: Cast) -> None:
    ann, mina, jonas = cast.ann, cast.mina, cast.jonas
    t.arrives(mina)
    t.joins(jonas, "editor")
    t.joins(ann, "viewer")
    t.says(
        mina,
        "The roofers want 48,000. The rowing club has 31,000, two choirs and a great deal of cake. So: a "
        "concert.",
    )
    t.adds(mina, "venue", "Sing in the boathouse itself or in the church")
    t.adds(mina, "evening", "Which evening", "The boats have to be out, and the evening light still in.")
    t.adds(mina, "choir", "The harbour choir sings the first half")
    t.adds(mina, "quartet", "Kajsa's string quartet plays the second half")
    t.leaves(mina)
    t.on_day(22, "19:15")
    t.arrives(jonas)
    t.adds(jonas, "tickets", "Pay what you can, from 50 kronor")
    t.adds(jonas, "raffle", "A raffle with a rowing lesson as first prize")
    t.adds(jonas, "soup", "Soup in the interval")
    t.adds(jonas, "cake", "Cake table along the quay")
    t.decides(jonas, "venue", "Under the roof it is for. Everybody can see the holes.", outcome="boathouse")
    t.leaves(jonas)
    t.on_day(20, "18:05")
    t.arrives(ann)
    t.leaves(ann)
    t.on_day(17, "20:20")
    t.arrives(mina)
    t.adds(
        mina,
        "jetty",
        "How many people the jetty carries",
        "It is eleven years old and has survived three regattas.",
    )
    t.adds(mina, "lanterns", "Lanterns along the jetty")
    t.adds(mina, "chairs", "Borrow 120 chairs from the school")
    t.waits(mina, "lanterns", on="jetty")
    t.waits(mina, "chairs", on="jetty")
    t.parks(mina, "soup", "Hot soup next to wet ropes? Cake is enough.")
    t.leaves(mina)
    t.on_day(14, "09:00")
    t.reports(
        QUESTIONER,
        "read the plan for the evening",
        {
            "question": {
                "question": "Do the boats stay in the water during the concert?",
                "importance": "medium",
            }
        },
    )


def _anns_last_session(t: Telling, cast: Cast) -> None:
    ann, mina, jonas = cast.ann, cast.mina, cast.jonas
    t.on_day(9, "20:05")
    t.arrives(ann)
    t.arrives(mina)
    t.decides(mina, "choir", "Forty voices, and they row themselves over.")
    t.answers(mina, "Do the boats stay in the water", "Out on the grass. Children may sit in them.")
    t.arrives(jonas)
    t.adds(jonas, "encore", "One song everybody knows at the end")
    t.leaves(jonas)
    t.leaves(mina)
    t.leaves(ann)


def _since_then(t: Telling, cast: Cast) -> None:
    mina, jonas = cast.mina, cast.jonas
    t.on_day(7, "19:00")
    t.arrives(jonas)
    t.decides(jonas, "evening", "The tide tables and the choir agree on one Friday only.", outcome="Friday")
    t.decides(jonas, "tickets", "Nobody should stand outside and listen for want of 200 kronor.")
    t.adds(jonas, "record", "Record the concert")
    t.parks(jonas, "record", "Ask the radio people again in a week.", wakes=t.before_now(hours=20))
    t.adds(jonas, "rain", "What we do when it rains", "There are holes in the roof, after all.")
    t.leaves(jonas)
    t.on_day(5, "18:30")
    t.arrives(mina)
    t.adds(mina, "order", "The order of the pieces")
    t.adds(mina, "leaflet", "A leaflet with the words of the songs")
    t.waits(mina, "leaflet", on="order")
    t.adds(mina, "thanks", "Thank the roofers by name")
    t.says(mina, "Kajsa asks whether the quartet may sit in the big rowing boat. I said yes before thinking.")
    t.decides(mina, "quartet", "In the big rowing boat, on the grass, with cushions.")
    t.leaves(mina)
    t.on_day(4, "09:40")
    t.reports(
        GAP_FINDER,
        "read the plan for the jetty",
        {
            "gaps": [
                {
                    "description": "The jetty's load has never been measured",
                    "question": "Who can tell us what the jetty carries?",
                }
            ]
        },
        blocks=["jetty"],
    )
    t.reports(
        CLARIFIER,
        "read about the raffle",
        {
            "question": {
                "question": "Is the rowing lesson for one person or for two?",
                "options": ["One", "Two"],
            }
        },
        blocks=["raffle"],
    )


def _the_last_days(t: Telling, cast: Cast) -> None:
    bob, mina, jonas = cast.bob, cast.mina, cast.jonas
    t.ago(days=2, hours=4)
    t.arrives(jonas)
    t.answers(jonas, "Is the rowing lesson", "For two, otherwise nobody rows back.")
    t.decides(jonas, "cake", "Eleven cakes promised, two of them without flour.")
    t.leaves(jonas)
    t.ago(days=1, hours=2)
    t.joins(bob, "editor")
    t.ago(hours=19)
    t.time_passes()
    t.reports(
        VERIFIER,
        "checked the plan for rain",
        {"approved": False, "issues": ["With the boats on the grass there is no dry place for 120 chairs"]},
        blocks=["rain", "chairs"],
    )
    t.ago(hours=8)
    t.arrives(mina)
    t.says(mina, "Bob, good to have you. The leaflet would be a fine thing to begin with.")
    t.clears(mina, "With the boats on the grass")
    t.says(
        mina, "I asked the sailing school: we may use their big tent if it rains. That settles the dry place."
    )
    t.leaves(mina)
