"""What the in-house agents are called, and the other names that rules hang on."""

from __future__ import annotations

from sessions_app.insights.activity_rules import CLARIFICATION_AGENT, REVIEW_AGENT, VERIFICATION_AGENT

RECORDER = "RecorderAgent"
GAP_FINDER = "GapDetectionAgent"
CLARIFIER = CLARIFICATION_AGENT
REVIEWER = REVIEW_AGENT

NAMES_WITH_A_MEANING = (RECORDER, GAP_FINDER, CLARIFIER, REVIEWER, VERIFICATION_AGENT)
