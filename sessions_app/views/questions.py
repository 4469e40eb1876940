"""Questions: all that are open or ended, answer, dismiss."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from sessions_app.panels import common
from sessions_app.panels import questions as questions_panel
from sessions_app.services import questions
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.changed import changed, look
from sessions_app.views.ended import ended_page, open_page, page_that_begins


@require_GET
@reads
def question_list(request: ProjectRequest) -> HttpResponse:
    """Every open question, where the panel shows the first ones; or those that ended."""
    if (page := ended_page(request, questions_panel, "questions/ended.html")) is not None:
        return page
    if (page := page_that_begins(request, questions_panel)) is not None:
        return page
    view = look(request)
    return render(request, "questions/page.html", common(view) | open_page(request, questions_panel, view))


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
