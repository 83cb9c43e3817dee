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


def main():
    file, count = sys.argv[1], int(sys.argv[2])
    for leftover in (file, file + "-wal", file + "-shm"):
        if os.path.exists(leftover):
            os.remove(leftover)
    writer = make.Writer(20261124, datetime(2024, 1, 1, 8))
    make.database(file, writer.entries(count)).close()


if __name__ == "__main__":
    main()
