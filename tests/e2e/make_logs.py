#!/usr/bin/env python3
"""Makes the logs that the end-to-end tests open: `python3 make_logs.py FOLDER`.

`tampered.db` with `tampered.db-wal`: a log as its writer leaves it when it is copied while in use. What was altered
is altered in three ways: before the last checkpoint, in the `-wal` file over an untouched row of the database, and in
a row that only the `-wal` file holds. `hot.db` with `hot.db-journal`: a log whose writer died in the middle of a
transaction that had changed entries. `earlier.jsonl`: an export of the first of these logs, taken before it was altered and
before its last entries were written, with two entries that are gone since. `large.db`: a log big enough to be cancelled in the middle. `hostile.jsonl`: a log
of texts that want to be markup, script, another text or too long.
Prints as JSON how many entries there are and which were altered, with the checksum claimed and the right one.
"""

import hashlib
import json
import os
import random
import shutil
import sqlite3
import sys
from datetime import datetime, timedelta

FIELDS = ("timestamp", "entry_id", "event_type", "actor", "resource_type", "resource_id", "action", "details")
SCHEMA = """
CREATE TABLE audit_log (
    timestamp TEXT NOT NULL, entry_id TEXT PRIMARY KEY, event_type TEXT NOT NULL, actor TEXT NOT NULL,
    resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, action TEXT NOT NULL, details TEXT NOT NULL,
    checksum TEXT NOT NULL, written_at TEXT NOT NULL
);
CREATE INDEX idx_timestamp ON audit_log(timestamp);
CREATE INDEX idx_resource ON audit_log(resource_type, resource_id);
"""
IN_DATABASE = 2000
IN_WAL = 1000
IN_EARLIER = 2500
GONE = 2
COPIES = 250


def checksum(row):
    """What the writer of such logs stores: 16 hex digits over the eight hashed fields."""
    entry = dict(zip(FIELDS, row))
    entry["details"] = json.loads(entry["details"])
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode("ascii")).hexdigest()[:16]


def rows(count, start, chance):
    for number in range(start, start + count):
        when = datetime(2026, 7, 1, 8) + timedelta(microseconds=number * 37_214_603)
        details = {
            "score": chance.choice([1.0, 1e-07, 0.5, round(chance.random(), 6)]),
            "model": {"version": "2.%d.0" % (number % 5), "name": "credit-risk"},
            "subject": "Zoë Müller" if number % 7 else "山田太郎",
            "latency_ms": number % 90,
        }
        row = (
            when.isoformat(),
            "entry-%06d" % number,
            ("inference_request", "inference_response", "data_access", "model_training")[number % 4],
            ("svc-scoring", "Óscar Núñez", "dr.okafor")[number % 3],
            ("model", "dataset")[number % 2],
            "credit-risk:2.%d.0" % (number % 5),
            ("predict", "read")[number % 2],
            json.dumps(details, ensure_ascii=bool(number % 2)),
        )
        yield row + (checksum(row), (when + timedelta(milliseconds=4)).isoformat())


def insert(db, some):
    db.executemany("INSERT INTO audit_log VALUES (?,?,?,?,?,?,?,?,?,?)", some)
    db.commit()


def alter(db, entry_id, column, value):
    """Changes one field and leaves the checksum as it was."""
    db.execute("UPDATE audit_log SET %s = ? WHERE entry_id = ?" % column, (value, entry_id))
    db.commit()
    row = db.execute("SELECT %s, checksum FROM audit_log WHERE entry_id = ?" % ", ".join(FIELDS), (entry_id,)).fetchone()
    return {"entry_id": entry_id, "claimed": row[8], "recomputed": checksum(row[:8])}


def make_tampered(folder):
    chance = random.Random(20260701)
    work = os.path.join(folder, "work.db")
    db = sqlite3.connect(work)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.executescript(SCHEMA)
    insert(db, rows(IN_DATABASE, 0, chance))
    altered = [alter(db, "entry-000009", "actor", "nobody")]
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    altered.append(alter(db, "entry-001500", "details", '{"score": 0.999, "approved": true}'))
    insert(db, rows(IN_WAL, IN_DATABASE, chance))
    altered.append(alter(db, "entry-002750", "action", "delete"))
    # Copied while it is open, as an export taken from a running service is: closing would empty the -wal file.
    for suffix in ("", "-wal"):
        shutil.copyfile(work + suffix, os.path.join(folder, "tampered.db" + suffix))
    db.close()
    os.remove(work)
    with open(os.path.join(folder, "tampered.db"), "rb") as file:
        sha256 = hashlib.sha256(file.read()).hexdigest()
    return {"entries": IN_DATABASE + IN_WAL, "altered": altered, "sha256": sha256}


def make_earlier(folder):
    """The entries as they were written: those of `make_tampered`, which draws from the same numbers."""
    written = list(rows(IN_DATABASE + IN_WAL, 0, random.Random(20260701)))[:IN_EARLIER]
    gone = rows(GONE, 900_000, random.Random(7))
    with open(os.path.join(folder, "earlier.jsonl"), "w", encoding="utf-8") as file:
        for row in [*written, *gone]:
            entry = dict(zip(FIELDS, row), checksum=row[8], written_at=row[9])
            entry["details"] = json.loads(entry["details"])
            file.write(json.dumps(entry) + "\n")
    return {"entries": IN_EARLIER + GONE, "gone": GONE, "added": IN_DATABASE + IN_WAL - IN_EARLIER}


def make_large(folder):
    db = sqlite3.connect(os.path.join(folder, "large.db"))
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.executescript(SCHEMA.split("CREATE INDEX")[0].replace(" PRIMARY KEY", ""))
    insert(db, rows(2000, 0, random.Random(7)))
    db.execute(
        "INSERT INTO audit_log WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < %d) "
        "SELECT timestamp, entry_id || '-' || n, event_type, actor, resource_type, resource_id, action, details, "
        "checksum, written_at FROM audit_log, copy" % (COPIES - 1)
    )
    db.commit()
    count = db.execute("SELECT count(*) FROM audit_log").fetchone()[0]
    db.close()
    return {"entries": count}


def make_hostile(folder):
    """Every checksum fits: what is hostile here is not the log's integrity but its texts."""
    texts = [
        "<script>window.pwned = 1</script>",
        "<img src=x onerror='window.pwned = 2'>",
        "\"><svg onload=window.pwned=3>",
        "javascript:window.pwned=4",
        "{{window.pwned}} ${window.pwned} %s %n",
        "\u202egnp.exe\u202c \u2066x\u2069 \u200b\u200d",
        "p\u0430yp\u0430l",
        "=HYPERLINK(\"http://x\")",
        "\x00\x07\x1b[31m",
        "\ud800 alone",
        "",
        "' OR 1=1 --",
        "actor:x OR (y",
        "\n\r\t",
        "a" * 1_000_000,
        "\u0301" * 5_000,
    ]
    entries = 5_000
    with open(os.path.join(folder, "hostile.jsonl"), "w", encoding="ascii") as file:
        for number in range(entries):
            text = texts[number % len(texts)] if number < 32 else "actor-%d" % number
            row = (
                (datetime(2026, 7, 1) + timedelta(seconds=number * 61)).isoformat() if number % 100 else text,
                "entry-%d" % number,
                text,
                text,
                "model" if number % 2 else text,
                text,
                text,
                json.dumps({text[:200]: text, "n": number}),
            )
            entry = dict(zip(FIELDS, row))
            entry["checksum"] = checksum(row)
            file.write(json.dumps(entry) + "\n")
    return {"entries": entries, "actors": entries - 32 + len(texts)}


def make_hot(folder):
    path = os.path.join(folder, "hot.db")
    db = sqlite3.connect(path)
    db.executescript(SCHEMA)
    insert(db, rows(IN_DATABASE, 0, random.Random(7)))
    db.close()
    writer = os.fork()
    if writer == 0:
        db = sqlite3.connect(path)
        # So small a cache that changed pages are written before the transaction ends.
        db.execute("PRAGMA cache_size = 1")
        db.execute("UPDATE audit_log SET actor = 'nobody'")
        os._exit(0)
    os.waitpid(writer, 0)
    return {"entries": IN_DATABASE}


def main():
    folder = sys.argv[1]
    for name in ("work.db", "work.db-wal", "work.db-shm", "tampered.db", "tampered.db-wal", "large.db",
                 "hot.db", "hot.db-journal"):
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    made = {"tampered": make_tampered(folder), "large": make_large(folder), "hostile": make_hostile(folder),
            "hot": make_hot(folder), "earlier": make_earlier(folder)}
    print(json.dumps(made))


if __name__ == "__main__":
    main()
