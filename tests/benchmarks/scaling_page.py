"""The tables of docs/scaling.md, made from the results that are kept and the assumptions of the plan.

`python -m tests.benchmarks.scaling_page` writes them anew; so does a run that keeps its results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.capacity import A_VISIT, COSTS, SIZES, Costs, Plan, costs_kept, plan
from tests.benchmarks.goals import Line
from tests.benchmarks.simulation import Played, play
from tests.running import ROOT

PAGE = ROOT / "docs" / "scaling.md"
ROWS = (
    ("requests a second", "requests"),
    ("of them activities", "activities"),
    ("pushes to sockets a second", "pushes"),
    ("sockets open", "sockets"),
    ("web processes, a core each", "web_processes"),
    ("workers, a core each", "worker_processes"),
    ("PostgreSQL machines", "shards"),
    ("cores of each", "database_cores"),
    ("cores in all", "cores"),
    ("GiB of memory in all", "memory_gib"),
    ("GiB of activities kept", "activities_gib"),
    ("MiB a second of write-ahead log, for activities", "log_mib_a_second"),
    ("dollars a month, assumed", "dollars_a_month"),
)


def main() -> None:
    """Write the tables anew."""
    costs = costs_kept()
    plans = [plan(people, costs) for people in SIZES]
    text = _with("costs", costs_table(costs), PAGE.read_text())
    text = _with("plan", plan_table(plans), text)
    PAGE.write_text(_with("played", played_table(plans, [play(each, costs) for each in plans]), text))


def keep(lines: Iterable[Line]) -> None:
    """Have the plan start from the costs of this run, if it measured them."""
    if figures := {line.what: line.figure for line in lines if line.topic == "costs"}:
        COSTS.write_text(json.dumps(figures, indent=1) + "\n")
        main()


def costs_table(costs: Costs) -> str:
    """What one of each costs, and the room it takes."""
    rows = [
        (kind, f"{costs.requests[kind].web:.2g}", f"{costs.requests[kind].database:.2g}") for kind in A_VISIT
    ]
    rows += [
        ("a push to one socket", f"{costs.push:.2g}", "in the change"),
        ("folding an activity", f"{costs.folding_worker:.2g} (worker)", f"{costs.folding_database:.2g}"),
    ]
    room = (
        f"A socket holds {costs.socket_kib:.0f} KiB of a web process. An activity takes"
        f" {costs.activity_bytes:.0f} bytes on disk\nwith its indexes, and {costs.log_bytes:,.0f} of the"
        " write-ahead log.\n"
    )
    return _table(("one", "web process, CPU ms", "PostgreSQL, CPU ms"), rows) + f"\n{room}"


def plan_table(plans: Iterable[Plan]) -> str:
    """What each size needs."""
    plans = list(plans)
    rows = [(name, *(_told(getattr(each, field)) for each in plans)) for name, field in ROWS]
    return _table(_sizes(plans), rows)


def played_table(plans: Iterable[Plan], played: Iterable[Played]) -> str:
    """What the simulation says to that."""
    played = list(played)
    rows = [
        ("wait, 95 of 100 at most", *(f"{each.p95_wait * 1000:.0f} ms" for each in played)),
        ("web processes busy", *(f"{each.web_busy:.0%}" for each in played)),
        ("PostgreSQL busy", *(f"{each.database_busy:.0%}" for each in played)),
    ]
    return _table(_sizes(plans), rows)


def kept(name: str, page: Path = PAGE) -> str:
    """One of the page's tables as it stands there."""
    found = _place(name).search(page.read_text())
    assert found, f"no table {name} in {page.name}"
    return found[2][1:-1]


def _with(name: str, table: str, text: str) -> str:
    return _place(name).sub(lambda found: f"{found[1]}\n{table}\n{found[3]}", text)


def _place(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def _sizes(plans: Iterable[Plan]) -> tuple[str, ...]:
    return ("people", *(f"{each.people:,}" for each in plans))


def _told(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 10 or figure == int(figure) else f"{figure:.2g}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---", *("---:" for _ in head[1:])), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    main()
