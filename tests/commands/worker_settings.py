"""The product's settings, with jobs that go wrong, and a worker that is missed sooner."""

from config.settings import *  # noqa: F403
from config.settings import PROCRASTINATE_IMPORT_PATHS, PROCRASTINATE_WORKER_DEFAULTS

PROCRASTINATE_IMPORT_PATHS = [*PROCRASTINATE_IMPORT_PATHS, "tests.commands.bad_jobs"]
PROCRASTINATE_WORKER_DEFAULTS = PROCRASTINATE_WORKER_DEFAULTS | {
    "update_heartbeat_interval": 0.3,
    "stalled_worker_timeout": 1.2,
    "shutdown_graceful_timeout": 1.0,
}
