"""What the in-house agents are called."""

from __future__ import annotations

from sessions_app.insights.activity_rules import CLARIFICATION_AGENT, REVIEW_AGENT

RECORDER = "RecorderAgent"
GAP_FINDER = "GapDetectionAgent"
CLARIFIER = CLARIFICATION_AGENT
REVIEWER = REVIEW_AGENT
