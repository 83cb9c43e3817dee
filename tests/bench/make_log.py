#!/usr/bin/env python3
"""Makes a clean log of any length for the benchmark: `make_log.py FILE ENTRIES`.

The entries are those of the samples in `examples/`, by the same writer with another seed.
"""

import os
import sys
from datetime import datetime

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "examples"))
import make  # noqa: E402

# Written at a time, so that a million entries are never in memory together.
BATCH = 50_000


def main():
    file, count = sys.argv[1], int(sys.argv[2])
    for leftover in (file, file + "-wal", file + "-shm"):
        if os.path.exists(leftover):
            os.remove(leftover)
    writer = make.Writer(20261124, datetime(2024, 1, 1, 8))
    connection = make.database(file, [])
    for start in range(0, count, BATCH):
        make.append(connection, writer.entries(min(BATCH, count - start)))
    connection.close()


if __name__ == "__main__":
    main()
