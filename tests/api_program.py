"""A program at the REST API of the running product."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any


class Program:
    """A client with its bearer; a refusal is an AssertionError that holds what was answered."""

    def __init__(self, base: str, bearer: str = "") -> None:
        self.base, self.bearer = base, bearer

    @classmethod
    def signed_in(cls, base: str, email: str, password: str) -> Program:
        """A person's program."""
        tokens = cls(base).call("POST", "/auth/token", {"email": email, "password": password})
        return cls(base, tokens["accessToken"])

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request; returns what its answer holds under `data`, or all of it."""
        request = urllib.request.Request(f"{self.base}/api{path}", method=method)  # noqa: S310 -- ours
        if self.bearer:
            request.add_header("Authorization", f"Bearer {self.bearer}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
                answer = json.load(response)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from refused
        return answer.get("data", answer)


def one_of_each(ann: Program, title: str = "Fuzzed") -> tuple[dict[str, str], Program]:
    """A project with one of everything that has an id in a path: the ids, and the project's agent."""
    project = ann.call("POST", "/projects", {"title": title})["id"]
    base = f"/projects/{project}"
    ann.call("POST", "/sessions/start", {"projectId": project})
    item, blocking = (ann.call("POST", f"{base}/items", {"title": title})["id"] for title in ("One", "Two"))
    ann.call("POST", f"{base}/items/{item}/dependencies", {"blockingId": blocking})
    (session,) = ann.call("GET", f"/sessions/history/{project}")["sessions"]
    webhook = ann.call("POST", f"{base}/webhooks", {"url": "https://receiver.example.org/hook"})["id"]
    made = ann.call("POST", f"{base}/agent-tokens", {"name": "Fuzz", "agentType": "FuzzAgent"})
    agent = Program(ann.base, made["token"])
    question = agent.call("POST", f"{base}/questions", {"text": "What?", "blocks": [item]})["id"]
    blocker = agent.call("POST", f"{base}/blockers", {"type": "information", "text": "It rains"})["id"]
    ids = {
        "project_id": project,
        "item_id": item,
        "blocking_id": blocking,
        "message_id": ann.call("POST", f"{base}/messages", {"text": "Hello"})["id"],
        "question_id": question,
        "blocker_id": blocker,
        "invitation_id": ann.call("POST", f"{base}/invitations", {"role": "viewer"})["id"],
        "session_id": session["id"],
        "webhook_id": webhook,
        "token_id": made["id"],
        "user_id": "me",
    }
    return ids, agent
