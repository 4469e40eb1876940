"""The tables of docs/scaling.md, made from the results that are kept and the assumptions of the plan.

`python -m tests.benchmarks.scaling_page` writes them anew; so does a run that keeps its results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.capacity import COSTS, SIZES, Costs, Plan, costs_kept, plan, rates, work
from tests.benchmarks.goals import Line
from tests.benchmarks.simulation import Played, play
from tests.running import ROOT

PAGE = ROOT / "docs" / "scaling.md"
# What test_live_latency.py calls the memory of a socket.
SOCKET = "memory of a socket, daphne"
ROWS = (
    ("requests a second", "requests"),
    ("of them activities", "activities"),
    ("pushes to sockets a second", "pushes"),
    ("sockets open", "sockets"),
    ("web processes, a core each", "web_processes"),
    ("workers, a core each", "worker_processes"),
    ("PostgreSQL machines", "shards"),
    ("cores of each", "database_cores"),
    ("connections to each, at most", "connections"),
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
    text = _with("plan", f"{plan_table(plans)}\n{work_told(costs)}", text)
    PAGE.write_text(_with("played", played_table(plans, [play(each, costs) for each in plans]), text))


def keep(lines: Iterable[Line]) -> None:
    """Have the plan start from the costs of this run, as far as it measured them."""
    if measured := {name: line.figure for line in lines if (name := _cost(line))}:
        COSTS.write_text(json.dumps(json.loads(COSTS.read_text()) | measured, indent=1) + "\n")
        main()


def _cost(line: Line) -> str:
    """By which name a figure is a cost; none if it is not."""
    if line.topic == "live" and line.what == SOCKET:
        return "socket, memory"
    return line.what if line.topic == "costs" else ""


def costs_table(costs: Costs) -> str:
    """What one of each costs, and the room it takes."""
    rows = [
        (kind, f"{cost.web:.2g}", f"{cost.database:.2g}")
        for kind, cost in (*costs.requests.items(), ("a push to a page", costs.push))
    ]
    rows += [
        ("a push to one of many pages", f"{costs.push_to_one_of_many:.2g}", ""),
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


def work_told(costs: Costs) -> str:
    """What keeps processors busy, the most first; the same for each size."""
    busy = work(rates(SIZES[0]), costs)
    told = []
    for who, place in (("a web process", 0), ("PostgreSQL", 1)):
        whole = sum(cost[place] for cost in busy.values())
        parts = sorted(((cost[place] / whole, kind) for kind, cost in busy.items()), reverse=True)
        told.append(f"What {who} does: " + ", ".join(f"{kind} {share:.0%}" for share, kind in parts) + ".\n")
    return "\n".join(told)


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
