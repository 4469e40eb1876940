"""The big project: a neighbourhood gets its library back. This file: the first ten days."""

from __future__ import annotations

import datetime as dt

from sessions_app.demo import story_library_away, story_library_plans
from sessions_app.demo.people import GAP_FINDER, QUESTIONER, Cast
from sessions_app.demo.telling import Telling


def tell(cast: Cast, now: dt.datetime) -> Telling:
    """Five weeks of it. Ann owns it, and has been away for two days when it ends."""
    t = Telling(now, cast.ann, "Neighbourhood library reopening", told_to=cast.ann, day=36, at="19:05")
    _the_first_evening(t, cast)
    _what_kind_of_library(t, cast)
    _the_building(t, cast)
    story_library_plans.tell_on(t, cast)
    story_library_away.tell_on(t, cast)
    return t


def _the_first_evening(t: Telling, cast: Cast) -> None:
    ann, bob, mina, jonas = cast.ann, cast.bob, cast.mina, cast.jonas
    t.arrives(ann)
    t.adds(
        ann,
        "name",
        "Keep the name Linden Street Library",
        "The city offers a fresh name with the new lease. People still give directions by the old one.",
    )
    t.adds(
        ann,
        "hours",
        "Opening hours for the first three months",
        "As many as the volunteers can carry, and at least one evening. We can always open more later; "
        "closing again would hurt.",
    )
    t.joins(mina, "editor")
    t.joins(bob, "editor")
    t.leaves(ann)
    t.on_day(35, "09:20")
    t.arrives(ann)
    t.joins(jonas, "editor")
    t.says(
        ann,
        "Welcome, all three. Two years after the burst pipe we have the keys again. The city pays the "
        "rent for the first year if we open within four months and keep at least twelve hours a week.",
    )
    t.arrives(mina)
    t.says(mina, "I measured the ground floor yesterday. It is bigger than I remembered: 148 square metres.")
    t.adds(
        mina,
        "floor",
        "Floor plan: where the children's corner goes",
        "Two places are possible: by the south windows (warm, next to the door) or at the back where the "
        "newspapers were (quieter, but dark). Everything else follows from this one.",
    )
    t.says(ann, "Let's put every open thought here, however small. We decide them one by one.")
    t.leaves(mina)
    t.leaves(ann)


def _what_kind_of_library(t: Telling, cast: Cast) -> None:
    ann, bob, jonas = cast.ann, cast.bob, cast.jonas
    t.on_day(34, "18:30")
    t.arrives(jonas)
    fees = t.says(
        jonas,
        "In the old days the late fees brought in 400 a year and cost us about thirty families who never "
        "dared to come back. I would drop them.",
    )
    t.adds(
        jonas,
        "fees",
        "No late fees",
        "A reminder after three weeks, a phone call after six. Nothing to pay, ever.",
        cites=(fees, "cost us about thirty families who never dared to come back", 0.93),
    )
    t.adds(jonas, "card", "One card for the whole household")
    t.adds(jonas, "donations", "What we do with donated books", "They will arrive in banana boxes.")
    t.leaves(jonas)
    t.on_day(33, "17:45")
    t.arrives(ann)
    t.decides(
        ann,
        "name",
        "It is on every old stamp, and in everybody's head. The city agreed by phone.",
        outcome="kept",
    )
    t.decides(ann, "fees", "Nobody spoke against it, and Jonas's thirty families are the best argument.")
    t.reports(
        QUESTIONER,
        "asked about the people at the desk",
        {
            "question": {
                "question": "How many hours a week can each of you give the front desk?",
                "category": "people",
                "importance": "high",
            }
        },
    )
    t.answers(
        ann, "How many hours", "I can do six, Bob says four, Mina two in the evening. Jonas counts the rest."
    )
    t.leaves(ann)
    t.on_day(32, "20:10")
    t.arrives(bob)
    t.adds(
        bob,
        "system",
        "Which lending system we use",
        "Three candidates: Koha (free, the county library would host it), a spreadsheet, or the paper "
        "cards that are still in the drawers.",
    )
    t.adds(
        bob,
        "wifi",
        "Free Wi-Fi without a password",
        "So that people can sit on the steps after closing time.",
    )
    t.adds(bob, "computers", "Four public computers", "Two of the old ones still start. Slowly.")
    t.adds(
        bob, "tools", "Lend tools as well as books", "A drill, a ladder, a carpet cleaner. Everybody asks."
    )
    t.leaves(bob)


def _the_building(t: Telling, cast: Cast) -> None:
    ann, bob, mina, jonas = cast.ann, cast.bob, cast.mina, cast.jonas
    t.on_day(30, "18:00")
    t.arrives(mina)
    t.adds(
        mina,
        "shelves",
        "Keep the old oak shelves or buy steel ones",
        "The oak is sound apart from two feet. Steel would be safer to move around.",
    )
    t.adds(mina, "ramp", "Ramp at the side entrance", "Three steps, 51 cm. A fixed ramp needs six metres.")
    t.adds(mina, "toilet", "Make the ground-floor toilet accessible")
    t.adds(mina, "damp", "Damp patch behind the local-history shelves")
    t.adds(mina, "history", "Local-history collection stays in the building")
    t.reports(
        GAP_FINDER,
        "read the notes on the building",
        {
            "gaps": [
                {
                    "category": "building",
                    "description": "Nobody knows where the damp patch comes from",
                    "importance": "high",
                },
                {
                    "category": "building",
                    "description": "There is no plan for a lift to the first floor",
                    "blocks": [],
                },
            ]
        },
        blocks=["damp", "history"],
    )
    t.arrives(ann)
    t.says(GAP_FINDER, "Before the shelves go back against that wall, somebody should know why it is wet.")
    t.dismisses_blocker(ann, "There is no plan for a lift")
    t.says(ann, "No lift: upstairs is the choir's, we only use it once a month. But the wall, yes.")
    t.leaves(mina)
    t.leaves(ann)
    t.on_day(29, "08:10")
    t.reports(
        QUESTIONER,
        "read the notes on the damp wall",
        {"question": {"question": "Is anybody's plumber allowed to open the wall?", "category": "building"}},
    )
    t.on_day(28, "12:15")
    t.arrives(bob)
    t.answers(bob, "Is anybody's plumber", "The landlord says yes, as long as we close it again.")
    t.adds(
        bob,
        "survey",
        "Have the plumber look behind the wall",
        "Kerstin from number 14 does it for a cake. She brings her camera on a stick.",
        fills=["Nobody knows where the damp"],
    )
    t.decides(
        bob, "survey", "Done: the gutter was blocked with leaves, the pipe itself is fine.", outcome="done"
    )
    t.says(bob, "It was the gutter! Two buckets of leaves and a tennis ball. The wall can dry now.")
    t.leaves(bob)
    t.on_day(27, "19:30")
    t.arrives(mina)
    t.arrives(ann)
    oak = t.says(
        mina,
        "I had two of the oak shelves on the scales: 40 kg empty. They will not tip over, and they carry the "
        "marks of three generations of bored pupils. I want to keep them.",
    )
    t.says(ann, "Keep them. My own initials are on one. I will not say which.")
    t.decides(
        mina,
        "shelves",
        "Sound, heavy, loved; two feet to repair. Saves 6,800.",
        outcome="oak",
        instead_of=["Steel from the catalogue", "The school's old ones"],
    )
    t.adds(
        mina,
        "lamps",
        "Reading lamps for the long table",
        "Green glass if we find them used. The cable has to come up through the floor.",
        cites=(oak, "the marks of three generations of bored pupils", 0.41),
    )
    t.adds(
        mina, "quiet", "A quiet room upstairs", "For exams, job applications, or just an hour away from home."
    )
    t.adds(
        mina, "prams", "Where the pushchairs stand", "On story-time mornings there will be fifteen of them."
    )
    t.waits(mina, "lamps", on="floor")
    t.waits(mina, "quiet", on="floor")
    t.waits(mina, "prams", on="floor")
    t.leaves(ann)
    t.leaves(mina)
    t.on_day(26, "08:50")
    t.arrives(jonas)
    t.decides(jonas, "history", "The county archive copies it, the originals stay where the people are.")
    t.decides(
        jonas,
        "donations",
        "One box a household, in good shape, no encyclopaedias. The rest to the flea market.",
    )
    t.reports(
        QUESTIONER,
        "read the plan for the flea market",
        {"question": {"question": "Does the flea market need a permit?", "category": "money"}},
    )
    t.answers(jonas, "Does the flea market", "Not in our own yard, and not on a Saturday.")
    t.leaves(jonas)
