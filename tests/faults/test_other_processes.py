"""C08: whoever changes something, in whichever process, every server's pages show it; without Redis."""

from __future__ import annotations

import asyncio
import time

from tests.faults.cases import case
from tests.faults.crowd import open_all, say
from tests.faults.floors import bare_floor
from tests.faults.pages import OpenPage, until
from tests.faults.product import Product
from tests.faults.verdicts import Verdicts

_REPORT = """
import uuid
from sessions_app.db.rls import acting_as_system
from sessions_app.services import agents
project = uuid.UUID("{project}")
with acting_as_system([project]):
    agents.post_agent_activity(
        project, agent_type="QuestionerAgent", action="asks", details={{"question": "From a report?"}}
    )
print("DONE")
"""
_LOG = (
    '{"id": "w-1", "title": "From an import", "status": "open", "created_at": "2026-01-05T10:00:00Z",'
    ' "updated_at": "2026-01-06T10:00:00Z"}\n'
)


@case("C08")
def test_whoever_changes_it_every_servers_pages_show_it(product: Product, verdicts: Verdicts) -> None:
    """By the second web process, a management command, and the worker, which is a process of its own."""
    stage = product.settle(people=2)
    project = stage.projects[0]
    reader, writer = stage.people
    second, machine = product.serve("--no-worker"), bare_floor()
    log = product.folder / "log.jsonl"
    log.write_text(_LOG)

    async def story() -> None:
        page, stop = OpenPage(reader, project), asyncio.Event()
        page.load()
        tasks = await open_all([page], stop)
        elsewhere = writer.at(second.port)
        committed = await say(elsewhere, stage, "from the second server")
        elsewhere.close()
        await until(lambda: "from the second server" in page.seen, 30)
        late = max(page.received_at.values()) - committed
        verdicts.at_most("a commit at the second server is shown at the first after", late, 1, "s", machine)

        exploring = page.exploring
        command = ("import_project", str(log), "--project", stage.title, "--owner", stage.owner)
        await asyncio.to_thread(product.manage, *command)
        took = await until(lambda: page.exploring == exploring + 1, 30)
        verdicts.at_most("a command's change is shown after its end", took, 1, "s", machine)

        done = await asyncio.to_thread(product.manage, "shell", "-c", _REPORT.format(project=project))
        assert "DONE" in done.stdout, done.stderr
        facts = "select version from activities where project_id::text = %s and kind = 'question.asked'"
        await until(lambda: product.ask(facts, project), 30)
        folded, version = time.monotonic(), product.ask(facts, project)[0][0]
        await until(lambda: int(page.version.partition(".")[0]) >= version, 30)
        verdicts.at_most("what the worker folds is shown after", time.monotonic() - folded, 1, "s", machine)
        stop.set()
        await asyncio.gather(*tasks)

    asyncio.run(story())
    product.processes.remove(second)
    verdicts.only("the second server ends with", {second.stop()}, {0})
