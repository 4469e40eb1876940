"""The hot door: what is asked again and again is answered here, in front of Django, for next to nothing.

It knows no rule of its own. Django makes answers; this keeps them for a moment, with the state of all they
hang on (sql/functions/answer_state_v1.sql): versions, membership, sign-in. The next time the same is asked by
the same person, one statement tells whether that state is still the same, and only then is what was kept told
again. Programs' plain questions that were not asked before, or whose state has changed, are answered here as
well, in the API's words (first.py). Whatever is in any way unusual goes on to Django as it came.
"""
