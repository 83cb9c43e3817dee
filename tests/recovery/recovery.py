"""Prints how many entries of a damaged database are judged, beside what `sqlite3 .recover` brings back.

Usage: python3 tests/recovery/recovery.py AUDITGLASS [SQLITE3]

Many builds of the sqlite3 shell have no working `.recover` (Debian's library lacks `sqlite_dbpage`); without it that column
is empty.

A log of 20,000 entries as the reference writes it (two indexes, a primary key, pages of 4096 bytes) loses 1, 5 and 20 % of
its pages, page 1 and the pages of the list of tables excepted, in two ways: overwritten with zeros, and with noise. Each
figure is the mean of 5 rounds. The most that anybody can bring back is what lies on leaves that were left alone. An entry counts if its eight fields and its checksum are the ones that were written:
Auditglass's if it is `verified`, `.recover`'s if the row is the same.
"""

import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import uuid

COLUMNS = "entry_id timestamp event_type actor resource_type resource_id action details checksum written_at".split()
HASHED = sorted(set(COLUMNS) - {"checksum", "written_at"})
ENTRIES, ROUNDS, PAGE = 20_000, 5, 4096


def make(path, r):
    rows = []
    for i in range(ENTRIES):
        details = {"score": r.random(), "model": "credit-risk:2.1", "features": "".join(r.choice("0123456789abcdef") for _ in range(64))}
        entry = {
            "entry_id": str(uuid.UUID(int=r.getrandbits(128), version=4)), "timestamp": f"2026-03-01T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}.{r.randrange(10 ** 6):06}",
            "event_type": "inference_response", "actor": f"service-{r.randrange(9)}", "resource_type": "model",
            "resource_id": f"credit-risk:{r.randrange(50)}", "action": "predict", "details": details,
        }
        checksum = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:16]
        rows.append([json.dumps(details) if c == "details" else checksum if c == "checksum" else entry.get(c, "2026-03-01") for c in COLUMNS])
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size={PAGE}")
    connection.execute("CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, " + ", ".join(f"{c} TEXT NOT NULL" for c in COLUMNS[1:]) + ")")
    connection.execute("CREATE INDEX idx_audit_time ON audit_log(timestamp)")
    connection.execute("CREATE INDEX idx_audit_resource ON audit_log(resource_type, resource_id)")
    # Committed now and then, so that table and indexes lie between each other as in a log that grew.
    for at in range(0, ENTRIES, 50):
        connection.executemany(f"INSERT INTO audit_log VALUES ({','.join('?' * 10)})", rows[at:at + 50])
        connection.commit()
    connection.close()
    return {row[0]: tuple(row) for row in rows}


def leaves(path):
    """The rows on each leaf of the table."""
    connection = sqlite3.connect(path)
    counts = dict(connection.execute("SELECT pageno, ncell FROM dbstat WHERE name = 'audit_log' AND pagetype = 'leaf'"))
    connection.close()
    return counts


def damaged(whole, share, noise, r):
    """The bytes and the numbers, from 1, of the pages that were lost."""
    data = bytearray(whole)
    pages = len(data) // PAGE
    lost = r.sample(range(1, pages), round(share * pages))
    for page in lost:
        data[page * PAGE:(page + 1) * PAGE] = r.randbytes(PAGE) if noise else bytes(PAGE)
    return bytes(data), {page + 1 for page in lost}


def ours(program, path):
    out = subprocess.run([program, "verify", "--format", "json", path], capture_output=True, check=False).stdout
    report = json.loads(out)
    return report["totals"]["verified"] if "totals" in report else 0


def theirs(program, path, rows):
    recover = subprocess.run([program, path, ".recover"], capture_output=True, check=False)
    sql = recover.stdout
    if b"INSERT" not in sql:
        # Some shells are built without what it needs.
        raise SystemExit(f".recover gave nothing: {recover.stderr.decode()}")
    with tempfile.TemporaryDirectory() as folder:
        back = os.path.join(folder, "back.db")
        subprocess.run([program, back], input=sql, capture_output=True, check=False)
        connection = sqlite3.connect(back)
        found = set()
        for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            width = len(connection.execute(f'PRAGMA table_info("{table}")').fetchall())
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                # Rows of unknown pages are in a table of their own, behind four columns about them.
                for values in ([row] if width == 10 else [row[4:14]]):
                    if rows.get(values[0]) == tuple(values):
                        found.add(values[0])
        connection.close()
    return len(found)


def main():
    program, shell = sys.argv[1], (sys.argv + [None])[2]
    print("| pages lost | with | on pages left alone | Auditglass | `.recover` |")
    print("| --- | --- | --- | --- | --- |")
    part = lambda n: f"{n / ROUNDS:.0f} ({n / ROUNDS / ENTRIES:.1%})"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "whole.db")
        rows = make(path, random.Random(1))
        counts = leaves(path)
        with open(path, "rb") as file:
            whole = file.read()
        for share in (0.01, 0.05, 0.20):
            for noise in (False, True):
                most = a = b = 0
                for round_ in range(ROUNDS):
                    path = os.path.join(folder, "damaged.db")
                    data, lost = damaged(whole, share, noise, random.Random(f"{share} {noise} {round_}"))
                    with open(path, "wb") as file:
                        file.write(data)
                    most += sum(n for page, n in counts.items() if page not in lost)
                    a += ours(program, path)
                    b += theirs(shell, path, rows) if shell else 0
                print(f"| {share:.0%} | {'noise' if noise else 'zeros'} | {part(most)} | {part(a)} | {part(b) if shell else ''} |", flush=True)


main()
