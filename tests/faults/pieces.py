"""Small pieces of work, ten a second: of each it prints the seconds it took, and those on the processor.

Ends when its standard input does.
"""

from __future__ import annotations

import select
import sys
import time

PAUSE_SECONDS = 0.1
# A millisecond or two of work.
ROUNDS = 60_000

while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
    begun, working = time.perf_counter(), time.process_time()
    for _ in range(ROUNDS):
        pass
    print(time.perf_counter() - begun, time.process_time() - working, flush=True)
