#!/usr/bin/env python3
"""Makes the sample logs in this folder: `python3 make.py [FOLDER]`.

Needs nothing but Python 3.8 or newer. The same call makes the same entries, because everything random
comes from a seed; the bytes of the database files also depend on the version of SQLite. What was made,
and which entries were altered after they were written, is printed and explained in README.md.
"""

import hashlib
import json
import os
import random
import shutil
import sqlite3
import struct
import sys
import tempfile
import uuid
from datetime import datetime, timedelta

HASHED = ("timestamp", "entry_id", "event_type", "actor", "resource_type", "resource_id", "action", "details")
COLUMNS = (
    "entry_id", "timestamp", "event_type", "actor", "resource_type", "resource_id", "action", "details",
    "checksum", "written_at",
)
SCHEMA = """
CREATE TABLE audit_log (
    entry_id TEXT PRIMARY KEY,
    timestamp TEXT NOT NULL,
    event_type TEXT NOT NULL,
    actor TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    action TEXT NOT NULL,
    details TEXT NOT NULL,
    checksum TEXT NOT NULL,
    written_at TEXT NOT NULL
);
CREATE INDEX idx_audit_time ON audit_log(timestamp);
CREATE INDEX idx_audit_resource ON audit_log(resource_type, resource_id);
"""

PEOPLE = ("Zoë Müller", "山田太郎", "Óscar Núñez", "dr.okafor", "user_017", "user_042", "анна.петрова", "priya.n")
MODELS = ("credit-risk:2.3.0", "credit-risk:2.4.0-rc1", "triage:1.0.7", "fraud:5.1.2")
GROUPS = ("18-29", "30-44", "45-64", "65+")


def checksum(entry):
    """The first 16 hex digits of the SHA-256 over the hashed fields as `json.dumps(sort_keys=True)` writes them."""
    text = json.dumps({name: entry[name] for name in HASHED}, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


class Writer:
    """Invents the working day of a small machine-learning platform, entry by entry."""

    def __init__(self, seed, start):
        self.random = random.Random(seed)
        self.now = start

    def entry(self):
        r = self.random
        self.now += timedelta(microseconds=r.randrange(900_000, 540_000_000))
        model = r.choice(MODELS)
        dice = r.random()
        if dice < 0.36:
            kind = ("inference_request", "serving-gateway", "model", model, "predict", {
                "input_feature_hash": "%016x" % r.getrandbits(64), "features": r.randrange(12, 48), "canary": r.random() < 0.1,
            })
        elif dice < 0.72:
            score = r.random()
            kind = ("inference_response", "serving-gateway", "model", model, "predict", {
                "score": score, "decision": "approved" if score > 0.55 else "denied", "group": r.choice(GROUPS),
                "latency_ms": round(r.gauss(38, 9), 3),
            })
        elif dice < 0.82:
            kind = ("data_access", r.choice(PEOPLE), "dataset", "patients-%02d@v%d" % (r.randrange(9), r.randrange(1, 5)), "read", {
                "rows": r.randrange(200, 4_000_000), "columns": ["age", "postcode", "diagnosis"], "phi": r.random() < 0.4,
                "purpose": r.choice(("training — lot №%d", "audit — sample №%d", "Qualitätsprüfung №%d")) % r.randrange(1, 60),
            })
        elif dice < 0.87:
            kind = ("model_training", r.choice(PEOPLE), "model", model, "train", {
                "learning_rate": 10 ** -r.uniform(1, 8), "epochs": r.randrange(3, 40), "loss": r.expovariate(2),
                "parameters": r.getrandbits(68), "dataset": "patients-%02d@v1" % r.randrange(9),
            })
        elif dice < 0.915:
            kind = ("model_evaluation", r.choice(PEOPLE), "model", model, "evaluate", {
                "auc": round(r.uniform(0.6, 0.98), 4), "by_group": {g: r.random() for g in reversed(GROUPS)},
                "passed": r.random() < 0.85, "notes": None,
            })
        elif dice < 0.945:
            kind = ("model_promotion", r.choice(PEOPLE), "model", model, "promote", {
                "from": "staging", "to": "production", "approved_by": r.choice(PEOPLE), "threshold": 1.0,
            })
        elif dice < 0.975:
            kind = ("model_deployment", "ci-pipeline 🚀", "model", model, "deploy", {
                "replicas": r.randrange(1, 7), "config": {"threshold": 0.5 + r.random() / 10, "max_cost": 1e16, "shadow": False},
            })
        else:
            kind = ("configuration_change", r.choice(PEOPLE), "configuration", "serving", "write", {
                "key": "threshold", "old": 0.5, "new": 0.55, "tolerance": 1e-07, "comment": "line 1\nline 2\t\"quoted\" \\ done",
            })
        entry = dict(zip(("event_type", "actor", "resource_type", "resource_id", "action", "details"), kind))
        entry["timestamp"] = self.now.isoformat()
        entry["entry_id"] = str(uuid.UUID(int=r.getrandbits(128), version=4))
        entry["checksum"] = checksum(entry)
        entry["written_at"] = (self.now + timedelta(microseconds=r.randrange(400, 9_000))).isoformat()
        return entry

    def entries(self, count):
        made = [self.entry() for _ in range(count)]
        return made


def connect(path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    return connection


def append(connection, entries):
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT OR IGNORE INTO audit_log VALUES (?,?,?,?,?,?,?,?,?,?)",
        [tuple(json.dumps(e[c]) if c == "details" else e[c] for c in COLUMNS) for e in entries],
    )
    connection.execute("COMMIT")


def database(path, entries):
    connection = connect(path)
    connection.executescript(SCHEMA)
    append(connection, entries)
    return connection


def query(path):
    """All rows, newest first, as the platform's own query hands them out: details stay JSON text."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT * FROM audit_log ORDER BY timestamp DESC LIMIT 1000").fetchall()
    connection.close()
    return [dict(zip(COLUMNS, row)) for row in rows]


def edit(connection, event_type, where, column, value):
    """Changes one cell behind the log's back. Returns the rowid, the entry's id and the change."""
    rowid, entry_id, old = connection.execute(
        f"SELECT rowid, entry_id, {column} FROM audit_log WHERE event_type = ? AND {where} ORDER BY rowid LIMIT 1", (event_type,)
    ).fetchone()
    new = value(old) if callable(value) else value
    assert new != old
    connection.execute(f"UPDATE audit_log SET {column} = ? WHERE rowid = ?", (new, rowid))
    return rowid, entry_id, column, old, new


def with_fixed_salts(wal):
    """The same write-ahead log with salts that are not random, so that the file can be made again."""
    magic, version, page_size, sequence = struct.unpack(">4I", wal[:16])
    order = ">" if magic & 1 else "<"

    def checksum_words(data, state):
        s0, s1 = state
        words = struct.unpack(f"{order}{len(data) // 4}I", data)
        for first, second in zip(words[::2], words[1::2]):
            s0 = (s0 + first + s1) & 0xFFFFFFFF
            s1 = (s1 + second + s0) & 0xFFFFFFFF
        return s0, s1

    old_salts, salts = wal[16:24], b"Audit\x00\x00\x01"
    head = struct.pack(">4I", magic, version, page_size, sequence) + salts
    state = checksum_words(head, (0, 0))
    out = [head, struct.pack(">2I", *state)]
    for at in range(32, len(wal), 24 + page_size):
        frame = wal[at:at + 24 + page_size]
        if frame[8:16] != old_salts:
            break
        state = checksum_words(frame[:8], state)
        state = checksum_words(frame[24:], state)
        out += [frame[:8], salts, struct.pack(">2I", *state), frame[24:]]
    return b"".join(out)


def tell(name, entries, edits=()):
    print(f"{name}: {entries} entries")
    for rowid, entry_id, column, old, new in edits:
        print(f"  rowid {rowid}  {entry_id}  {column}: {old!r} -> {new!r}")


def main(folder):
    os.makedirs(folder, exist_ok=True)
    work = tempfile.mkdtemp()
    out = lambda name: os.path.join(folder, name)

    good = os.path.join(work, "good.db")
    database(good, Writer(20240108, datetime(2024, 1, 8, 8, 0, 0, 125000)).entries(200)).close()
    shutil.copy(good, out("good.db"))
    tell("good.db", 200)

    tampered = os.path.join(work, "tampered.db")
    connection = database(tampered, Writer(20240304, datetime(2024, 3, 4, 7, 30, 0, 250000)).entries(240))
    edits = [
        edit(connection, "inference_response", "details LIKE '%\"denied\"%' AND rowid > 60", "details",
             lambda old: old.replace('"denied"', '"approved"')),
        edit(connection, "model_promotion", "1", "actor", lambda old: "user_042" if old != "user_042" else "user_017"),
        edit(connection, "data_access", "details LIKE '%\"phi\": true%' AND rowid > 120", "timestamp",
             lambda old: old.replace("2024-03-", "2024-02-")),
        edit(connection, "model_training", "rowid > 150", "details", lambda old: old[: len(old) // 2]),
    ]
    connection.close()
    shutil.copy(tampered, out("tampered.db"))
    tell("tampered.db", 240, edits)
    assert os.path.getsize(out("tampered.db")) < 120_000

    rows = query(good)
    with open(out("export.json"), "w", encoding="ascii", newline="") as f:
        f.write(json.dumps(rows))
    tell("export.json", len(rows))

    with open(out("export.jsonl"), "w", encoding="utf-8", newline="") as f:
        for row in reversed(rows[:60]):
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
    tell("export.jsonl", 60)

    tampered_rows = query(tampered)
    # The oldest hundred, where all three edited entries are; the fourth one's details are no JSON any more.
    kept = [dict(row, details=json.loads(row["details"])) for row in tampered_rows[-100:] if row["entry_id"] != edits[3][1]]
    with open(out("wrapped.json"), "w", encoding="utf-8", newline="") as f:
        json.dump({"exported_by": "portal", "data": {"count": len(kept), "rows": kept}}, f, ensure_ascii=False, indent=1)
        f.write("\n")
    tell("wrapped.json", len(kept), [e for e in edits if e[1] in {row["entry_id"] for row in kept}])

    wal = os.path.join(work, "wal.db")
    writer = Writer(20240506, datetime(2024, 5, 6, 9, 15, 0, 500000))
    connection = database(wal, writer.entries(60))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    append(connection, writer.entries(25))
    append(connection, writer.entries(15))
    edits = [edit(connection, "inference_response", "rowid > 70", "details", lambda old: old.replace('"score": 0.', '"score": 0.9'))]
    # Copied while the writer still holds the log open: the last 40 entries are in the -wal file only.
    shutil.copy(wal, out("wal.db"))
    with open(wal + "-wal", "rb") as f:
        data = f.read()
    with open(out("wal.db-wal"), "wb") as f:
        f.write(with_fixed_salts(data))
    connection.close()
    tell("wal.db with wal.db-wal", 100, edits)
    shutil.rmtree(work)

    # What SQLite itself makes of the pair, on a copy because it would write to it.
    check = tempfile.mkdtemp()
    for name in ("wal.db", "wal.db-wal"):
        shutil.copy(out(name), check)
    connection = sqlite3.connect(os.path.join(check, "wal.db"))
    assert connection.execute("SELECT count(*) FROM audit_log").fetchone() == (100,)
    connection.close()
    shutil.rmtree(check)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
