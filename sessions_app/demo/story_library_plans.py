"""The big project, from the lending system to the end of Ann's last session."""

from __future__ import annotations

from sessions_app.demo.people import CLARIFIER, GAP_FINDER, QUESTIONER, SCOUT, VERIFIER, Cast
from sessions_app.demo.telling import Telling


def tell_on(t: Telling, cast: Cast) -> None:
    """Three weeks of plans; Ann's last session ends a little over two days ago."""
    _books_and_money(t, cast)
    _towards_the_opening(t, cast)
    _loose_ends(t, cast)
    _anns_last_session(t, cast)


def _books_and_money(t: Telling, cast: Cast) -> None:
    ann, bob, mina, jonas = cast.ann, cast.bob, cast.mina, cast.jonas
    t.on_day(24, "17:20")
    t.arrives(ann)
    token = t.gives_token(SCOUT)
    t.says(
        ann,
        "I let ResearchScout in. It reads what other small libraries have published about lending systems.",
    )
    t.leaves(ann)
    t.on_day(23, "06:40")
    t.reports(
        SCOUT,
        "read 14 reports of small libraries",
        {"sources": 14, "found": "11 of 14 use Koha, hosted by their county", "hoursToLearn": 3},
        token_id=token,
    )
    found = t.says(
        SCOUT,
        "Eleven of fourteen volunteer libraries of our size use Koha, hosted by their county. Desk "
        "volunteers needed about three hours to learn it. The three with spreadsheets want to leave them.",
    )
    t.on_day(23, "19:15")
    t.arrives(bob)
    t.arrives(jonas)
    t.says(bob, "That settles it for me. The county would even move our old catalogue over.")
    t.decides(bob, "system", "Hosted by the county, free for us, three hours to learn.", outcome="Koha")
    t.adds(
        bob,
        "catalogue",
        "Get 6,200 books into the catalogue",
        "By scanning the spines shelf by shelf. Two people manage 300 an hour.",
        cites=(found, "hosted by their county", 0.78),
    )
    t.says(jonas, "The paper cards stay in their drawers though. I have plans for those drawers.")
    t.adds(
        jonas, "seeds", "Seed library in the card-index drawers", "Take a bag in spring, bring two in autumn."
    )
    t.adds(
        jonas,
        "fund",
        "Apply to the city's neighbourhood fund",
        "Up to 25,000, for things that stay in the building.",
    )
    t.adds(
        jonas,
        "budget",
        "Budget for the first year",
        "Income: fund, sponsors, the flea market. Costs: insurance, heating, soap and tea.",
    )
    t.adds(jonas, "insurance", "Insurance for the building and the books")
    t.leaves(bob)
    t.leaves(jonas)
    t.on_day(22, "06:50")
    t.reports(
        CLARIFIER,
        "read about the household card",
        {
            "question": {
                "question": "May children borrow alone, or only with a parent?",
                "options": ["Alone", "With a parent"],
            }
        },
    )
    t.on_day(21, "10:05")
    t.reports(
        CLARIFIER,
        "read the plan for the evenings",
        {
            "question": {
                "question": "Does “open in the evening” mean until seven or until eight?",
                "category": "hours",
                "importance": "high",
                "options": ["Until seven", "Until eight"],
            }
        },
        blocks=["hours"],
    )
    t.on_day(20, "18:40")
    t.arrives(ann)
    t.answers(ann, "May children borrow", "Alone, from the day they can carry the book.")
    t.answers(ann, "Does “open in the evening”", "Until eight. People come after supper or not at all.")
    t.adds(ann, "rota", "Rota for the front desk", "Always two at a time, never two new ones.")
    t.adds(ann, "website", "One page with hours, address and the catalogue")
    t.adds(
        ann,
        "homework",
        "Homework club on weekday afternoons",
        "Two retired teachers have offered. There is cocoa.",
    )
    t.waits(ann, "rota", on="hours")
    t.waits(ann, "website", on="hours")
    t.waits(ann, "homework", on="hours")
    t.decides(ann, "fund", "Sent with Mina's drawings. Answer within eight weeks.", outcome="sent")
    t.decides(ann, "card", "Families said they lose fewer of them.")
    t.leaves(ann)
    t.on_day(19, "20:00")
    t.arrives(mina)
    t.adds(mina, "aquarium", "An aquarium for the children's corner")
    t.says(mina, "My daughter made me add the aquarium. I promised to put it to the vote.")
    t.parks(
        mina, "tools", "Books first. A drill in the first month means insurance talks in the first month."
    )
    t.adds(mina, "keys", "Who holds the keys")
    t.decides(mina, "keys", "Ann, Jonas and the choir; a fourth in the key box for whoever is on the rota.")
    t.leaves(mina)


def _towards_the_opening(t: Telling, cast: Cast) -> None:
    ann, bob, jonas = cast.ann, cast.bob, cast.jonas
    t.on_day(17, "18:20")
    t.arrives(ann)
    t.arrives(jonas)
    t.adds(
        ann,
        "opening",
        "Date of the opening day",
        "A Saturday. After the fire inspection, before the school holidays.",
    )
    t.adds(
        ann,
        "fire",
        "Fire inspection of the reading room",
        "The second way out leads through the choir's cloakroom.",
    )
    t.adds(ann, "programme", "Programme of the opening day")
    t.adds(
        ann,
        "ribbon",
        "Who opens the door",
        "Not the mayor, please. Somebody who learned to read here.",
    )
    t.adds(
        ann,
        "letter",
        "A letter to every household nearby",
        "1,900 letterboxes, eleven streets, nine people with good shoes.",
    )
    t.waits(ann, "opening", on="fire")
    t.waits(ann, "programme", on="opening")
    t.waits(ann, "ribbon", on="opening")
    t.waits(ann, "letter", on="opening")
    t.says(jonas, "For the ribbon: Mrs Aldén is 91 and has card number 7. She still comes by to ask when.")
    t.says(ann, "Oh, that is lovely. Let's have the date first, then I walk over and ask her.")
    t.adds(jonas, "food", "Soup and cake on opening day")
    t.adds(jonas, "sponsor", "Sponsor-a-shelf campaign", "A brass plate for 150. The oak would wear it well.")
    t.leaves(jonas)
    t.leaves(ann)
    t.on_day(15, "09:30")
    t.reports(
        QUESTIONER,
        "asked about the children's corner",
        {"questions": [{"question": "Should the library have a mascot?", "category": "children"}]},
    )
    t.reports(
        GAP_FINDER,
        "read the notes on the building again",
        {"gaps": [{"category": "building", "description": "There is no plan for a lift to the first floor"}]},
    )
    t.on_day(14, "17:55")
    t.arrives(bob)
    t.adds(bob, "returns", "Returns box outside the door", "With a soft bottom. The old one broke spines.")
    t.decides(bob, "wifi", "The line allows it, and nobody has to ask at the desk.")
    t.adds(
        bob,
        "training",
        "Training evening for desk volunteers",
        "Koha, the till that is not a till, what to do when the alarm goes.",
    )
    t.adds(bob, "bike", "Book bike for people who cannot come")
    t.says(bob, "Wi-Fi is up and reaches the bench under the linden tree.")
    # He closes his laptop without a word: the session ends by itself.
    t.on_day(14, "20:30")
    t.time_passes()
    t.on_day(13, "19:00")
    t.arrives(ann)
    t.dismisses_question(ann, "Should the library have a mascot?")
    t.says(ann, "No mascot, dear QuestionerAgent. We have Mrs Aldén.")
    t.adds(ann, "children", "Children under seven come with an adult")
    t.adds(
        ann,
        "languages",
        "Shelf of books in the neighbourhood's languages",
        "Arabic, Somali, Polish, Farsi to begin with. Forty books each.",
    )
    t.adds(ann, "story", "Saturday story time")
    t.decides(ann, "children", "The desk cannot mind the desk and a toddler.")
    t.leaves(ann)
    t.on_day(12, "18:10")
    t.arrives(jonas)
    t.parks(
        jonas,
        "sponsor",
        "Asking for money before people have seen the room feels wrong. Again when the shelves stand.",
        wakes=t.before_now(hours=28),
    )
    t.decides(jonas, "languages", "The bookshop on the square orders them at cost.")
    t.says(jonas, "Languages shelf is on its way: 160 books, paid from the flea market.")
    t.leaves(jonas)


def _loose_ends(t: Telling, cast: Cast) -> None:
    ann, bob, mina, jonas = cast.ann, cast.bob, cast.mina, cast.jonas
    t.on_day(11, "10:30")
    t.reports(
        VERIFIER,
        "checked the letter to the city",
        {"approved": False, "issues": ["The letter promises fifteen hours a week, the plan says twelve"]},
        blocks=["hours"],
    )
    t.reports(
        GAP_FINDER,
        "read the plan for the ramp",
        {
            "gaps": [
                {
                    "category": "building",
                    "description": "No written word from the landlord about bolting a ramp to the wall",
                    "importance": "medium",
                    "question": "Has the landlord agreed in writing to the ramp?",
                }
            ]
        },
    )
    t.on_day(11, "15:00")
    t.reports(
        QUESTIONER,
        "read about the window",
        {"question": {"question": "Which books stand in the window first?", "category": "contents"}},
    )
    t.on_day(10, "19:40")
    t.arrives(mina)
    t.arrives(ann)
    t.answers(mina, "Which books stand", "The ones with children on the cover, looking out at the street.")
    t.says(mina, "The letter says fifteen because I typed it. Twelve is right; I have sent a corrected one.")
    t.resolves(VERIFIER, "checked the corrected letter", "The letter promises fifteen")
    t.decides(
        mina, "toilet", "The wall moves by 30 cm, the door opens outwards. Carpenter comes on Thursday."
    )
    t.adds(mina, "coffee", "Coffee corner by the window", "One thermos, honest cups, a tin for coins.")
    t.deletes(mina, "aquarium")
    typo = t.says(mina, "The vote on the aquarium: one for (aged six), three against. Fisch is sad.")
    t.says_instead(
        mina, typo, "The vote on the aquarium: one for (aged six), three against. The fish understood."
    )
    t.says(ann, "Tell her she may choose the first book we lend.")
    t.leaves(mina)
    t.leaves(ann)
    t.on_day(9, "08:15")
    t.says(
        QUESTIONER,
        "I looked through the plans for Saturdays. One thing is not clear to me yet.",
        asks=[{"question": "Shall story time be in two languages from the start?", "category": "children"}],
    )
    t.reports(
        QUESTIONER,
        "found an offer for chairs",
        {
            "question": {
                "question": "Do we take the 40 used chairs from the school? Their offer ends on Friday.",
                "expiresAt": t.before_now(days=5).isoformat(),
                "options": ["Take them", "Leave them"],
            }
        },
    )
    t.on_day(8, "18:00")
    t.arrives(bob)
    t.decides(bob, "catalogue", "6,214 books scanned. The last one was an atlas from 1961.", outcome="done")
    t.decides(bob, "returns", "The carpenter had the wood left over. Soft bottom included.")
    wrong = t.says(bob, "Alarm code for the back door is")
    t.takes_back(bob, wrong)
    t.says(bob, "Sorry, that was nearly the alarm code. Ask me for it, I will not type it here.")
    t.edits(bob, "training", text="Koha, the tin that is not a till, the alarm, and how to say no kindly.")
    t.leaves(bob)
    t.on_day(7, "20:15")
    t.arrives(jonas)
    t.decides(jonas, "story", "Mina's mother reads, Jonas carries the cushions.")
    t.adds(jonas, "film", "Film evenings", "The projector is there, the licence is not.")
    t.parks(jonas, "film", "The licence costs more than the popcorn would bring in.", until="budget")
    t.parks(jonas, "seeds", "In early spring, when people think of seeds.", wakes=t.in_future(75))
    t.leaves(jonas)
    t.on_day(6, "17:30")
    t.arrives(ann)
    t.adds(ann, "photos", "Photos at events", "Parents ask, and so does the local paper.")
    t.adds(ann, "sign", "The sign above the door")
    t.parks(ann, "bike", "When the first winter is behind us and somebody has the legs for it.", visits=20)
    t.adds(
        ann,
        "piano",
        "The old piano in the hall",
        "Out of tune since the pipe burst. The choir would like to have it.",
    )
    t.adds(ann, "printer", "Printing at cost price")
    t.says(ann, "Forty-odd things on the list, and a good third of them settled. We are doing this.")
    t.leaves(ann)
    t.on_day(4, "19:20")
    t.time_passes()
    t.reports(
        GAP_FINDER,
        "read the budget",
        {
            "gaps": [
                {
                    "category": "money",
                    "description": "What the heating cost in the last winter before the pipe burst",
                    "importance": "high",
                }
            ]
        },
    )
    t.on_day(4, "20:05")
    t.arrives(mina)
    t.says(
        mina, "I have put both plans for the children's corner on the wall. Go and stand in front of them."
    )
    t.leaves(mina)


def _anns_last_session(t: Telling, cast: Cast) -> None:
    ann, jonas = cast.ann, cast.jonas
    t.ago(days=2, hours=2.5)
    t.arrives(ann)
    t.says(ann, "I stood in front of the plans for half an hour. South windows, if you ask me.")
    t.edits(ann, "computers", title="Two public computers")
    t.decides(
        ann, "computers", "Two good ones instead of four slow ones. The county gives us two from its stock."
    )
    t.decides(
        ann, "sign", "Repaint the old one, same green. Bob's sister is a sign painter.", outcome="repaint"
    )
    t.snoozes(ann, "hours", "week")
    t.arrives(jonas)
    t.says(jonas, "Insurance offer is here, I have put the sum into the item. Looks complete to me.")
    t.edits(
        jonas,
        "insurance",
        text="Offer of 640 a year: building contents, books, volunteers at work, visitors who slip.",
    )
    t.says(ann, "I am off to my sister's until the day after tomorrow. Go on without me, you know how.")
    t.leaves(jonas)
    t.leaves(ann)
