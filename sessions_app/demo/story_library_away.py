"""The big project goes on: the two days in which Ann is away."""

from __future__ import annotations

from sessions_app.demo.people import CLARIFIER, GAP_FINDER, QUESTIONER, VERIFIER, Cast
from sessions_app.demo.telling import Telling


def tell_on(t: Telling, cast: Cast) -> None:
    """Six decisions (two by agents), one reopened, one parked, one woken, two added, two questions.

    Three times somebody is stuck: on the inspector, who comes; on Jonas; and on Ann.
    """
    _the_first_day(t, cast)
    _the_night(t)
    _the_second_day(t, cast)
    _just_now(t, cast)


def _the_first_day(t: Telling, cast: Cast) -> None:
    mina, jonas = cast.mina, cast.jonas
    t.ago(days=1, hours=23)
    t.arrives(mina)
    south = t.says(
        mina,
        "Three out of four stood in front of the south windows and smiled. I am drawing it that way: the "
        "children get the sun, the newspapers get the quiet.",
    )
    t.decides(
        mina,
        "floor",
        "South windows: warm, next to the door, and in sight of the desk.",
        outcome="south windows",
        instead_of=["At the back, next to the reading room"],
    )
    t.arrives(jonas)
    t.says(jonas, "Good. Then I know where the cushions live.")
    t.is_stuck(
        jonas,
        "No date may be printed before the inspector has passed the building",
        kind="decision",
        stops=["letter"],
        on="fire",
    )
    t.adds(
        mina,
        "bench",
        "A window bench with drawers for the picture books",
        "4.2 m long, 38 cm high. The carpenter has looked at it already.",
        cites=(south, "the children get the sun, the newspapers get the quiet", 0.86),
    )
    t.leaves(jonas)
    t.leaves(mina)


def _the_night(t: Telling) -> None:
    t.ago(days=1, hours=13)
    t.reports(
        VERIFIER,
        "checked the insurance offer against the list",
        {"approved": True, "checked": ["contents", "books", "volunteers", "visitors"]},
    )
    t.decides(
        VERIFIER,
        "insurance",
        "The offer covers all four points of the list, at 640 a year.",
        outcome="accepted",
        look_again=t.in_future(300),
    )
    t.says(
        VERIFIER,
        "I compared the insurance offer with your list: contents, books, volunteers, visitors are all in. "
        "I marked it decided; reopen it if you want a second offer.",
    )
    t.reports(
        VERIFIER,
        "checked the budget",
        {
            "approved": False,
            "issues": ["The budget counts the city's 25,000 as received; it is only applied for"],
        },
        blocks=["budget"],
    )


def _the_second_day(t: Telling, cast: Cast) -> None:
    bob, mina, jonas = cast.bob, cast.mina, cast.jonas
    t.ago(days=1, hours=3)
    t.time_passes()
    t.arrives(bob)
    t.says(
        bob, "The provider wrote: an open network is against their terms. I have to take the Wi-Fi up again."
    )
    t.reopens(bob, "wifi", "The provider does not allow a network without a password. We need another way.")
    t.says(bob, "A word of the week on the blackboard would do. LINDEN to begin with.")
    t.decides(bob, "training", "Two evenings, the same programme twice. Eighteen people have signed up.")
    t.arrives(jonas)
    t.says(jonas, "Eighteen! Then the rota is not a dream any more.")
    t.decides(jonas, "food", "Lentil soup in the choir's big pot, and everybody who bakes bakes.")
    t.parks(
        jonas,
        "piano",
        "The tuner comes to look at it first. Nobody carries it anywhere before that.",
        wakes=t.in_future(9),
    )
    t.leaves(bob)
    t.leaves(jonas)
    t.ago(hours=22)
    t.reports(
        QUESTIONER,
        "looked at the calendar",
        {
            "question": {
                "question": "Which Saturday shall be the opening day?",
                "category": "opening",
                "importance": "high",
                "options": [
                    "The first one after the inspection",
                    "Two weeks later, with time for the letters",
                    "The last one before the school holidays",
                ],
                "expiresAt": t.in_future(4).isoformat(),
            }
        },
        blocks=["opening", "letter"],
    )
    t.says(
        QUESTIONER,
        "Once the inspector has been, three Saturdays are possible. I put them into a question; the printer "
        "needs the date within four days.",
    )
    t.ago(hours=21)
    t.arrives(mina)
    t.decides(
        mina,
        "fire",
        "Inspected: passed with one remark, the cloakroom door must open outwards. Hinges are ordered.",
        outcome="passed",
    )
    t.is_stuck(
        mina,
        "The carpenter's price for the bench: he answers Jonas, and nobody else",
        stops=["bench"],
        waits_for=cast.jonas,
    )
    t.says(mina, "The inspector has been! Passed. He used to borrow pirate books here, he says.")
    t.says(mina, "Ann, when you read this: the window bench has a drawing now. It hangs next to the door.")
    t.leaves(
        mina,
        "Decided: the fire inspection (passed; hinges for the cloakroom door are ordered).\n"
        "Open: the opening day. The printer needs the date within four days, see the question.\n"
        "Stuck: the budget counts 25,000 that the city has not promised yet. Ann, you know whom to call.",
    )


def _just_now(t: Telling, cast: Cast) -> None:
    bob, jonas = cast.bob, cast.jonas
    t.ago(hours=6)
    t.arrives(jonas)
    asked = t.says(
        jonas,
        "About the photos: the paper may take them from behind, or after asking. Children only with a note "
        "from home. I think that is all there is to it.",
    )
    t.adds(
        jonas,
        "press",
        "Ask the local paper for a page on opening day",
        cites=(asked, "the paper may take them from behind, or after asking", 0.64),
    )
    t.leaves(jonas)
    t.decides(
        CLARIFIER,
        "photos",
        "As Jonas wrote in the chat: from behind, or after asking; children with a note from home.",
    )
    t.says(
        CLARIFIER,
        "Jonas's words on photos leave nothing open, so I marked it decided. Reopen it if I am wrong.",
    )
    t.reports(
        CLARIFIER,
        "read the plans for the first floor",
        {
            "question": {
                "question": "Is the quiet room for silence, or may people speak softly there?",
                "category": "rooms",
                "options": ["Silence", "Soft voices are fine"],
            }
        },
        blocks=["quiet"],
    )
    t.ago(hours=3)
    t.reports(
        GAP_FINDER,
        "read the plans for the evenings",
        {"gaps": ["Nobody has said who locks up after eight"]},
    )
    t.arrives(bob)
    t.says(bob, "I can lock up two evenings a week. For the others we need somebody who lives close by.")
    t.is_stuck(
        bob,
        "Ask Kerstin whether she locks up on the other evenings. She lives next door, and knows Ann",
        waits_for=cast.ann,
    )
    t.invites("kerstin@example.org", "editor")
    t.leaves(bob)
    t.says(
        GAP_FINDER,
        "Since the floor plan is decided, the lamps, the quiet room and the pushchairs wait for nothing "
        "any more.",
    )
