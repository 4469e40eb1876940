"""What is kept of a person, by table: asked of the database itself, for whoever judges an export."""

from __future__ import annotations

# Whose a row is, by table: the oracle, written from the columns that name a person.
ORACLE = {
    "profile": "select id from users where id = %s",
    "email_addresses": "select id from account_emailaddress where user_id = %s",
    "external_identities": "select id from external_identities where user_id = %s",
    "memberships": "select id from memberships where user_id = %s",
    "sessions": "select id from user_sessions where user_id = %s",
    "analytics": "select id from session_analytics where user_id = %s",
    "activities": "select id from activities where actor_id = %s",
    "decisions": "select id from activities where actor_id = %s and kind = 'item.decided'",
    "items": "select id from items where created_by_id = %s",
    "contests": "select id from items where contested_by_id = %s",
    "messages": "select id from messages where user_id = %s",
    "answers": "select id from questions where ended_by_id = %s",
    "questions": "select id from questions where asked_by_id = %s",
    "blockers": "select id from blockers where raised_by_id = %s",
    "blockers_ended": "select id from blockers where ended_by_id = %s",
    "step_marks": (
        "select k.id from step_marks k join memberships m on m.id = k.membership_id where m.user_id = %s"
    ),
    "decision_looks": (
        "select k.id from decision_looks k join memberships m on m.id = k.membership_id where m.user_id = %s"
    ),
    "hand_offs": "select id from hand_offs where user_id = %s",
    "invitations": "select id from invitations where invited_by_id = %s",
    "agent_tokens": "select id from agent_tokens where created_by_id = %s",
    "webhooks": "select id from webhooks where created_by_id = %s",
    "sign_ins": "select id from api_sign_ins where user_id = %s",
    "tracked_activities": "select id from tracked_activities where user_id = %s",
}
