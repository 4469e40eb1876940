"""Projects with a row in every table that holds a project's rows."""

from __future__ import annotations

from tests.faults.product import Product, Stage

# In a process of the product's own.
_FILL = """
from sessions_app.models import Project, User
from sessions_app.db.rls import acting_as_admin
from tests.filling import fill
for project_id, owner_id in {pairs}:
    with acting_as_admin():
        project, owner = Project.objects.get(id=project_id), User.objects.get(id=owner_id)
    fill(project, owner)
print("FILLED")
"""


def fill(product: Product, *stages: Stage) -> None:
    """Fill the first project of each stage, as its owner."""
    pairs = [(stage.projects[0], stage.people[0].id) for stage in stages]
    done = product.manage("shell", "-c", _FILL.format(pairs=pairs), check=False)
    assert "FILLED" in done.stdout, done.stdout + done.stderr
