"""Lists that open as fast for a million rows as for ten: no count, no skipping, an index's own order.

A page begins after a *place*: the values of the ordering columns of the row before it (`?before=…`).
"""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from sessions_app.db import queries
from sessions_app.db.planning import by_index

PLACE = "before"
_BETWEEN = "~"


class PlacedList(ChangeList):
    """A page of rows after a place.

    How they are ordered is said by the admin class (`order`, `order_in_project`), never by the address.
    """

    # One of `inspected.Careful`, which says the order.
    model_admin: Any
    # What the page's foot tells (admin/pagination.html).
    older_url = ""
    newest_url = ""
    rows_about = ""

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[Any, Any]:
        # Whoever filters or searches begins anew, so no link of this page may carry the place along.
        self.params.pop(PLACE, None)
        self.filter_params.pop(PLACE, None)
        return super().get_queryset(request, exclude_parameters)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any, Any]) -> list[str | Combinable]:
        return list(self._order)

    def get_ordering_field_columns(self) -> dict[int, Any]:
        return {}

    def get_results(self, request: HttpRequest) -> None:
        self.search_help_text = self.search_help_text or self.model_admin.what_is_searched(request)
        found = self.queryset
        place = request.GET.get(PLACE, "")
        if place:
            found = found.filter(self._after(place))
        with by_index() if self._has_index else nullcontext():
            rows = list(found[: self.list_per_page + 1])
        self.result_list = rows[: self.list_per_page]
        if len(rows) > self.list_per_page:
            self.older_url = self.get_query_string({PLACE: self._place_of(self.result_list[-1])})
        if place:
            self.newest_url = self.get_query_string()
        if self.older_url and not self.is_narrowed:
            [about] = queries.rows("estimated_rows", {"table": f'"{self.opts.db_table}"'})
            self.rows_about = f"{about['rows']:,}" if about["rows"] > len(rows) else ""
        self.result_count = len(self.result_list)
        # "Select all 1,000,000" is not offered: an act is on what one has seen.
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter or a search leaves some rows out."""
        return bool(self.query or self.has_active_filters)

    @property
    def order_in_words(self) -> str:
        """What the foot says of a list whose order says nothing."""
        is_random = self._order[0].lstrip("-") == "id" and isinstance(self.opts.pk, models.UUIDField)
        return "In no order." if is_random and self.older_url else ""

    @property
    def _in_project(self) -> bool:
        return self._is_chosen("project") and self.model_admin.order_in_project is not None

    @property
    def _order(self) -> tuple[str, ...]:
        order: tuple[str, ...] = self.model_admin.order
        return self.model_admin.order_in_project if self._in_project else order

    @property
    def _has_index(self) -> bool:
        """Whether nothing but the order leads to the rows: then an index has that order."""
        if self.query or self._is_chosen("person") or not self.model_admin.order_is_indexed:
            return False
        if any(getattr(spec, "is_indexed", False) for spec in self.filter_specs):
            return False
        return self._in_project or not self._is_chosen("project")

    def _is_chosen(self, parameter: str) -> bool:
        return any(self.filter_params.get(parameter, ()))

    def _after(self, place: str) -> Q:
        """What follows a place. Raises IncorrectLookupParameters for what is none."""
        columns = [column.lstrip("-") for column in self._order]
        texts = place.split(_BETWEEN)
        if len(texts) != len(columns):
            raise IncorrectLookupParameters
        try:
            values = [self._read(column, text) for column, text in zip(columns, texts, strict=True)]
        except ValueError as bad:
            raise IncorrectLookupParameters from bad
        then = "lt" if self._order[0].startswith("-") else "gt"
        after = Q()
        for number, (column, value) in enumerate(zip(columns, values, strict=True)):
            before = dict(zip(columns[:number], values[:number], strict=True))
            after |= Q(**before, **{f"{column}__{then}": value})
        # Says the same of the first column once more, in the one form that an index can begin at.
        return Q(**{f"{columns[0]}__{then}e": values[0]}) & after

    def _place_of(self, row: models.Model) -> str:
        values = (getattr(row, column.lstrip("-")) for column in self._order)
        return _BETWEEN.join(
            value.isoformat() if isinstance(value, dt.datetime) else str(value) for value in values
        )

    def _read(self, column: str, text: str) -> object:
        """A column's value as `_place_of` wrote it. Raises ValueError."""
        try:
            field: Any = self.lookup_opts.get_field(column)
        except FieldDoesNotExist:
            return text  # computed by the queryset, and a text
        while field.remote_field:
            field = field.target_field
        if isinstance(field, models.DateTimeField):
            # A "+" in a query is a space by the rules of forms.
            moment = dt.datetime.fromisoformat(text.replace(" ", "+"))
            if moment.tzinfo is None:
                raise ValueError("a moment without time zone")
            return moment
        return UUID(text) if isinstance(field, models.UUIDField) else int(text)
