"""What PostgreSQL itself takes in: pgbench's single-row inserts, each durable, so many at once."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from sessions_app import embedded
from tests.faults.product import Product

# As wide as a row of the intake, with its primary key and nothing else.
_TABLE = """
create table benchmark_rows (
  id bigint generated always as identity primary key,
  project_id uuid not null, user_id uuid not null, event_id uuid, kind text not null, metadata jsonb not null,
  version bigint not null, received_at timestamptz not null default now()
)
"""
_INSERT = """insert into benchmark_rows (project_id, user_id, event_id, kind, metadata, version)
values ('6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10', '6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a11', gen_random_uuid(),
  'item.opened', '{"itemId": "7f3c"}', 1);
"""


def make_table(product: Product) -> None:
    """Make the table that is filled."""
    with product.oracle("postgres") as oracle:
        oracle.execute(_TABLE)


def inserts_a_second(product: Product, *, at_once: int, seconds: int) -> float:
    """How many rows a second pgbench gets into that table, a commit each, prepared."""
    server = embedded.ensure_running(product.data_dir / "postgres")
    script = Path(product.folder / "insert.sql")
    script.write_text(_INSERT)
    done = subprocess.run(
        [
            *(embedded.find_program("pgbench"), "--no-vacuum", "--protocol=prepared", "--jobs=1"),
            *(f"--client={at_once}", f"--time={seconds}", f"--file={script}"),
            server.url("postgres", embedded.DATABASE),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 60,
    )
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    assert found, done.stdout
    return float(found[1])
