"""Questions: answer, dismiss."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from sessions_app.services import questions
from sessions_app.views.access import ProjectRequest, writes
from sessions_app.views.changed import changed


@require_POST
@writes()
def question_answer(request: ProjectRequest, question_id: UUID) -> HttpResponse:
    questions.answer_question(
        request.membership.project_id,
        request.actor,
        question_id,
        answer=request.POST.get("answer", ""),
    )
    return changed(request, "Answered.", "questions")


@require_POST
@writes()
def question_dismiss(request: ProjectRequest, question_id: UUID) -> HttpResponse:
    questions.dismiss_question(request.membership.project_id, request.actor, question_id)
    return changed(request, "Question dismissed.", "questions")
