"""A quiet project: a pocket field guide. Nothing has happened since Ann's last session."""

from __future__ import annotations

import datetime as dt

from sessions_app.demo.people import CLARIFIER, GAP_FINDER, QUESTIONER, SCOUT, Cast
from sessions_app.demo.telling import Telling


def tell(cast: Cast, now: dt.datetime) -> Telling:
    """Bob owns it, Ann edits; Mina and Jonas are not in it. Ann was the last one here."""
    t = Telling(now, cast.bob, "Pocket field guide for the marsh", told_to=cast.ann, day=29, at="08:10")
    _which_birds(t, cast)
    _how_it_works(t, cast)
    _what_it_keeps(t, cast)
    _anns_last_session(t, cast)
    return t


def _which_birds(t: Telling, cast: Cast) -> None:
    ann, bob = cast.ann, cast.bob
    t.arrives(bob)
    t.joins(ann, "editor")
    t.says(
        bob,
        "Every weekend somebody at the hide asks me what that brown thing in the reeds is. I would like to "
        "answer with a phone in my hand and no signal needed.",
    )
    t.adds(
        bob,
        "species",
        "Which 120 birds are in the first edition",
        "Those seen in the reserve at least three times in the last ten years. The wardens keep a list.",
    )
    t.adds(
        bob,
        "songs",
        "Bird songs recorded by our own people",
        "Tove has been standing in the reeds since April.",
    )
    t.adds(bob, "names", "Names in Swedish, English and Latin")
    t.leaves(bob)
    t.on_day(26, "18:25")
    t.arrives(ann)
    t.adds(
        ann,
        "pictures",
        "Drawings instead of photographs",
        "A drawing can show what matters: the eye stripe, not the twig.",
    )
    t.adds(
        ann,
        "order",
        "Sorted by where you stand, not by family",
        "Reed bed, open water, wet meadow, alder wood.",
    )
    t.adds(ann, "first_ten", "A page with the first ten birds for children")
    t.reports(
        QUESTIONER,
        "read the list of birds",
        {
            "question": {
                "question": "Do birds that only fly over count as seen in the reserve?",
                "category": "contents",
                "options": ["Yes", "No", "Only cranes and geese"],
            }
        },
    )
    t.leaves(ann)
    t.on_day(25, "07:40")
    t.arrives(bob)
    t.answers(bob, "Do birds that only fly over", "Only cranes and geese. Everybody looks up for those.")
    t.decides(bob, "species", "The wardens' list, 118 birds, plus cranes and geese overhead.", outcome="120")
    t.decides(bob, "names", "Visitors come from everywhere, and Latin settles every argument.")
    t.leaves(bob)


def _how_it_works(t: Telling, cast: Cast) -> None:
    ann, bob = cast.ann, cast.bob
    t.on_day(21, "19:10")
    t.arrives(bob)
    t.adds(
        bob,
        "offline",
        "Works without a signal",
        "Everything on the phone: 120 birds, 240 songs, about 90 MB.",
    )
    t.adds(bob, "hides", "A map of the hides and boardwalks")
    t.adds(bob, "sun", "Readable in bright sun and with gloves on")
    t.decides(bob, "offline", "There is no signal behind the dyke, and there never will be.")
    t.leaves(bob)
    t.on_day(18, "20:00")
    t.arrives(ann)
    t.decides(
        ann, "order", "I tried it on my mother: found the reed bunting in a minute.", outcome="by habitat"
    )
    t.adds(ann, "quiz", "Dawn-chorus quiz", "Five songs at once, which is the robin?")
    t.adds(ann, "by_photo", "Recognise a bird by photo")
    t.parks(ann, "by_photo", "Needs a signal, and people would look at the screen instead of the bird.")
    t.leaves(ann)
    t.on_day(16, "06:30")
    t.reports(
        SCOUT,
        "compared nine field guides",
        {"compared": 9, "withOwnRecordings": 2, "note": "none of them sorts by habitat"},
    )
    t.says(
        SCOUT,
        "I compared nine field guides for phones. None sorts by habitat; two have recordings of their own.",
    )
    t.reports(
        GAP_FINDER,
        "listened through the recordings",
        {
            "gaps": [
                {
                    "category": "songs",
                    "description": "A recording of the bittern: the only one has a tractor in it",
                    "importance": "medium",
                }
            ]
        },
    )
    t.on_day(15, "21:05")
    t.arrives(bob)
    t.says(bob, "The tractor is Tove's father. He is sorry. We try again when the bittern does.")
    t.decides(bob, "songs", "238 of 240 are good enough to play to a warden without blushing.")
    t.parks(bob, "quiz", "Lovely, but after the first edition.")
    t.leaves(bob)


def _what_it_keeps(t: Telling, cast: Cast) -> None:
    ann, bob = cast.ann, cast.bob
    t.on_day(11, "18:45")
    t.arrives(ann)
    t.adds(ann, "privacy", "What we keep about people's walks", "Ideally nothing that leaves the phone.")
    t.adds(ann, "diary", "A diary of one's own sightings")
    t.adds(ann, "wardens", "Share a sighting with the wardens")
    t.waits(ann, "diary", on="privacy")
    t.waits(ann, "wardens", on="privacy")
    t.leaves(ann)
    t.on_day(8, "19:30")
    t.arrives(bob)
    t.adds(bob, "nests", "Hide the nest sites of rare birds")
    t.adds(bob, "price", "Free, with a page for donations", "The reserve's friends would take the donations.")
    t.adds(bob, "winter", "A winter edition", "Another forty birds, most of them on the water.")
    t.parks(bob, "winter", "When the first edition has seen a spring.", wakes=t.in_future(60))
    t.reports(
        CLARIFIER,
        "read about the nests",
        {"question": {"question": "Which birds count as rare: the national list, or the wardens' own?"}},
        blocks=["nests"],
    )
    t.leaves(bob)
    t.on_day(6, "07:55")
    t.says(
        QUESTIONER,
        "Some recordings come from the heron colony, where visitors may not go.",
        asks=[
            {"question": "May we say in the guide where the herons were recorded?", "category": "contents"}
        ],
    )


def _anns_last_session(t: Telling, cast: Cast) -> None:
    ann, bob = cast.ann, cast.bob
    t.ago(days=1, hours=4)
    t.arrives(ann)
    t.arrives(bob)
    robin = t.says(
        bob, "The first twelve drawings are here. The robin looks as if it knows something about me."
    )
    t.says(ann, "Then it is a robin. I love them.")
    t.decides(ann, "pictures", "Twelve drawings in, nobody misses the photographs.", outcome="drawings")
    t.answers(ann, "Which birds count as rare", "The wardens' own list, it is the stricter one.")
    t.decides(ann, "nests", "By the wardens' list, and without a switch to turn it off.")
    t.adds(
        ann,
        "cover",
        "The robin on the cover",
        cites=(robin, "The robin looks as if it knows something about me", 0.58),
    )
    t.leaves(bob)
    t.leaves(ann)
