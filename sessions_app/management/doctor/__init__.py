"""What an operator should know: each finding says what is wrong, why it matters, and the fix."""

from sessions_app.management.doctor.examining import GROUPS, examine
from sessions_app.management.doctor.finding import Finding, Level

__all__ = ["GROUPS", "Finding", "Level", "examine"]
