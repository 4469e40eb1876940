from sessions_app.models.activity import Activity, AgentActivity, SeenEvent
from sessions_app.models.analytics import AnalyticsCheck, SessionAnalytics
from sessions_app.models.bearers import AgentToken, ApiSignIn, ExternalIdentity, IdempotencyKey, SocketTicket
from sessions_app.models.blockers import Blocker, BlockerItem
from sessions_app.models.hand_offs import HandOff
from sessions_app.models.items import Item, ItemDependency
from sessions_app.models.looks import DecisionLook
from sessions_app.models.messages import Message
from sessions_app.models.metrics import MetricSample
from sessions_app.models.people import User
from sessions_app.models.projects import Invitation, Membership, Project, ProjectCounter
from sessions_app.models.questions import Question, QuestionItem
from sessions_app.models.rollups import DecisionLife, RollupFill, SessionRollup, WorkRollup
from sessions_app.models.sessions import Session
from sessions_app.models.suggestions import StepMark
from sessions_app.models.tracking import IntakeRefusal, Presence, ProjectDigest, TrackedActivity
from sessions_app.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "Activity",
    "AgentActivity",
    "AgentToken",
    "AnalyticsCheck",
    "ApiSignIn",
    "Blocker",
    "BlockerItem",
    "DecisionLife",
    "DecisionLook",
    "ExternalIdentity",
    "HandOff",
    "IdempotencyKey",
    "IntakeRefusal",
    "Invitation",
    "Item",
    "ItemDependency",
    "Membership",
    "Message",
    "MetricSample",
    "Presence",
    "Project",
    "ProjectCounter",
    "ProjectDigest",
    "Question",
    "QuestionItem",
    "RollupFill",
    "SeenEvent",
    "Session",
    "SessionAnalytics",
    "SessionRollup",
    "SocketTicket",
    "StepMark",
    "TrackedActivity",
    "User",
    "Webhook",
    "WebhookDelivery",
    "WorkRollup",
]
