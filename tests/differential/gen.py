#!/usr/bin/env python3
"""Writes random logs, one file for each container: `gen.py FOLDER [--entries N] [--seed S] [--only NAME] [--doubles N]`.

The same arguments give the same entries. Prints one JSON object a line: the file, its container and about how
many entries it holds (tables that refuse a duplicate or a NULL hold fewer). With `--doubles` it writes one file
of that many random doubles instead.
"""

import argparse
import json
import os

import gen_csv
import gen_dump
import gen_json
import gen_packed
import gen_sqlite
from gen_values import Values
from oracle import with_deep_stack


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append")
    parser.add_argument("--doubles", type=int, default=0)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    if options.doubles:
        path = os.path.join(options.folder, "doubles.jsonl")
        gen_json.write("doubles", Values(options.seed), options.doubles, path)
        print(json.dumps({"file": path, "container": "doubles", "entries": options.doubles // 100}))
        return
    names = [*gen_json.CONTAINERS, *gen_sqlite.CONTAINERS, *gen_dump.CONTAINERS, *gen_csv.CONTAINERS, *gen_packed.CONTAINERS]
    # A few more than the share: duplicates and refused rows fall away.
    share = max(40, options.entries * 11 // (10 * len(names)))
    # Behind the others, which so keep their seeds.
    names += gen_json.SEQUENCES
    for index, name in enumerate(names):
        if options.only and name not in options.only:
            continue
        v = Values(options.seed * 1000 + index)
        if name in gen_json.CONTAINERS or name in gen_json.SEQUENCES:
            path = os.path.join(options.folder, name + (".jsonl" if name.startswith("jsonl") else ".json"))
            gen_json.write(name, v, share, path)
        elif name in gen_dump.CONTAINERS:
            path = os.path.join(options.folder, name + ".sql")
            gen_dump.CONTAINERS[name](v, share, path)
        elif name in gen_csv.CONTAINERS:
            path = os.path.join(options.folder, name + ".csv")
            gen_csv.write(name, v, share, path)
        elif name in gen_packed.CONTAINERS:
            path = os.path.join(options.folder, name + ".packed")
            gen_packed.write(name, v, share, path)
        else:
            path = os.path.join(options.folder, name + ".db")
            for stale in (path, path + "-wal"):
                if os.path.exists(stale):
                    os.remove(stale)
            gen_sqlite.CONTAINERS[name](v, share, path)
        print(json.dumps({"file": path, "container": name, "entries": share}))


if __name__ == "__main__":
    with_deep_stack(main)
