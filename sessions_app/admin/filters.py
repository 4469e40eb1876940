"""Filters beside the admin's lists. An unknown value is refused, as a lookup that is not offered is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import ListFilter, ModelAdmin, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest

from sessions_app.admin.rights import may_view
from sessions_app.models import Project, User

# So many that fit a name are offered; whoever means another one writes more of it.
MOST_OFFERED = 10


@dataclass(frozen=True)
class Word:
    """What a filter is called by, what it says, and which rows it leaves.

    `is_indexed`: an index of its own leads to these rows, for they are few among many.
    """

    name: str
    label: str
    rows: Q
    is_indexed: bool = False


class ByWords(SimpleListFilter):
    """A filter of a few fixed words."""

    words: ClassVar[tuple[Word, ...]]
    # Without one of these filters no index leads to its rows: it is not offered, and refused.
    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: ModelAdmin[Any],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        refuse_alone(self, request)

    def has_output(self) -> bool:
        return is_met(self.needs, self.request)

    @property
    def is_indexed(self) -> bool:
        """Whether the word that is chosen has an index of its own."""
        return any(word.is_indexed for word in self.words if word.name == self.value())

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(word.name, word.label) for word in self.words]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        if self.value() is None:
            return None
        for word in self.words:
            if word.name == self.value():
                return queryset.filter(word.rows)
        raise IncorrectLookupParameters(self.value())


def by_words(title: str, parameter: str, *words: Word, needs: tuple[str, ...] = ()) -> type[ByWords]:
    """A filter of these words."""
    attributes = {"title": title, "parameter_name": parameter, "words": words, "needs": needs}
    return type("ByTheseWords", (ByWords,), attributes)


def is_met(needs: tuple[str, ...], request: HttpRequest) -> bool:
    """Whether one of the filters is chosen that this one needs, or it needs none."""
    return not needs or any(request.GET.get(parameter) for parameter in needs)


def refuse_alone(chosen: ListFilter, request: HttpRequest) -> None:
    """Raises IncorrectLookupParameters for a filter that is used without one that it needs."""
    if chosen.used_parameters and not chosen.has_output():
        raise IncorrectLookupParameters("this filter needs another one")


def by_choices(field: str, choices: Mapping[str, str], title: str = "") -> type[ByWords]:
    """A filter of a field's own words: a state, a status, a role."""
    words = (Word(value, label, Q(**{field: value})) for value, label in choices.items())
    return by_words(title or field, field, *words)


class BySearch(ListFilter):
    """A field to write in, instead of a list of thousands: an id, or the beginning of a name.

    Where several fit they are offered, and no rows are shown until one is chosen. Works without JavaScript.
    Whoever may not look at what is meant is told nothing of it: only whole ids are taken, as they are.
    """

    template = "admin/parts/_by_search.html"
    parameter_name: ClassVar[str]
    help_text: str
    # What is meant by an id or a name.
    means: ClassVar[type[Model]]
    # The column of the rows that holds the id.
    column: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: ModelAdmin[Any],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.is_named = may_view(request, self.means)
        if not self.is_named:
            self.help_text = "The whole id"
        self.text = params.pop(self.parameter_name, [""])[-1].strip()
        self.found = self._find() if self.text else []
        self.is_one = len(self.found) == 1
        if self.text:
            self.used_parameters[self.parameter_name] = self.text
        refuse_alone(self, request)

    def has_output(self) -> bool:
        return is_met(self.needs, self.request)

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        if not self.text:
            return None
        return queryset.filter(**{self.column: self.found[0][0]}) if self.is_one else queryset.none()

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """What fits, as links; and what else the form sends along."""
        self.others = [
            (name, value)
            for name, values in changelist.filter_params.items()
            for value in values
            if name != self.parameter_name
        ]
        self.clear_url = changelist.get_query_string({self.parameter_name: None})
        self.is_more = len(self.found) > MOST_OFFERED
        for row_id, label in self.found[:MOST_OFFERED]:
            yield {
                "display": label,
                "selected": self.is_one,
                "query_string": changelist.get_query_string({self.parameter_name: str(row_id)}),
            }

    def _find(self) -> list[tuple[UUID, str]]:
        """Ids and names of what is meant, at most one more than is offered."""
        try:
            row_id = UUID(self.text)
        except ValueError:
            meant = self.begins_with(self.text) if self.is_named else self.means._default_manager.none()
        else:
            if not self.is_named:
                return [(row_id, str(row_id))]
            meant = self.means._default_manager.filter(pk=row_id)
        return [(row.pk, self.label(row)) for row in meant[: MOST_OFFERED + 1]]

    def begins_with(self, text: str) -> QuerySet[Any]:
        raise NotImplementedError

    def label(self, row: Any) -> str:  # noqa: ANN401 -- a row of whatever is searched
        return str(row)


class ByProject(BySearch):
    """The project: its id, or how its title begins."""

    title = "project"
    parameter_name = "project"
    help_text = "Its id, or how its title begins"
    column = "project_id"
    means = Project

    def begins_with(self, text: str) -> QuerySet[Any]:
        return Project.objects.filter(title__istartswith=text).order_by("title", "id")


class ByPerson(BySearch):
    """The person: their id, or how their e-mail begins."""

    title = "person"
    parameter_name = "person"
    help_text = "Their id, or how their e-mail begins"
    column = "user_id"
    means = User

    def begins_with(self, text: str) -> QuerySet[Any]:
        return with_address(text).order_by("address")

    def label(self, row: User) -> str:
        return f"{row} ({row.email})"


def with_address(beginning: str) -> QuerySet[Any]:
    """People whose e-mail begins so: by the index of lower-case e-mails, not by all of them."""
    return with_addresses(User.objects.all()).filter(address__startswith=beginning.lower())


def with_addresses(people: QuerySet[Any]) -> QuerySet[Any]:
    """The same people, each with `address`: their e-mail in lower case."""
    found: QuerySet[Any] = people.annotate(address=Lower("email"))
    return found


class ByActor(ByPerson):
    """The person who did it."""

    title = "who did it"
    column = "actor_id"


class ByPersonThere(ByPerson):
    """The person, where their rows are found by the project only."""

    needs = ("project",)
