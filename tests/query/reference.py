"""The reference implementation's query, on a database of random entries: what it returns for random arguments.

Usage: reference.py FOLDER SEED ENTRIES QUERIES
Writes FOLDER/log.db and prints one JSON object a query: the arguments, and the rows in the order of SQLite's plan.
"""

import json
import random
import sqlite3
import sys

COLUMNS = "entry_id timestamp event_type actor resource_type resource_id action details checksum written_at".split()


def query(connection, resource_type=None, resource_id=None, event_type=None, start_time=None, end_time=None, limit=1000):
    conditions, parameters = [], []
    for column, value in (
        ("resource_type", resource_type),
        ("resource_id", resource_id),
        ("event_type", event_type),
    ):
        if value:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if start_time:
        conditions.append("timestamp >= ?")
        parameters.append(start_time)
    if end_time:
        conditions.append("timestamp <= ?")
        parameters.append(end_time)
    sql = "SELECT * FROM audit_log"
    if conditions:
        sql += " WHERE " + " AND ".join(conditions)
    sql += f" ORDER BY timestamp DESC LIMIT {limit}"
    return [dict(zip(COLUMNS, row)) for row in connection.execute(sql, parameters)]


def main():
    folder, seed, entries, queries = sys.argv[1], *map(int, sys.argv[2:])
    rng = random.Random(seed)
    # Few values, so that they often coincide; among them some that only differ in case, order or encoding.
    kinds = ["model", "Model", "dataset", "modèle", "mod", "😀", "\uffff"]
    ids = ["m:1", "m:2", "M:1", "", "5", "05", "a'b", 'a"b', "日本"]
    events = ["inference_request", "data_access", "x"]
    days = [f"2026-{m:02d}-{d:02d}" for m in (1, 2, 12) for d in (1, 9, 10, 31)]
    times = ["", "T00:00:00", "T00:00:00.000001", "T23:59:59", "T23:59:59Z", " 12:00", "T12:00:00+02:00"]
    stamps = [d + t for d in days for t in times] + ["yesterday", "", "\U0001f600", "\ufffd", "9999"]

    connection = sqlite3.connect(f"{folder}/log.db")
    connection.executescript(
        """CREATE TABLE audit_log (
            entry_id TEXT PRIMARY KEY, timestamp TEXT NOT NULL, event_type TEXT NOT NULL, actor TEXT NOT NULL,
            resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, action TEXT NOT NULL, details TEXT NOT NULL,
            checksum TEXT NOT NULL, written_at TEXT NOT NULL);
        CREATE INDEX idx_audit_time ON audit_log(timestamp);
        CREATE INDEX idx_audit_resource ON audit_log(resource_type, resource_id);"""
    )
    for i in range(entries):
        row = (f"e{i}", rng.choice(stamps), rng.choice(events), "a", rng.choice(kinds), rng.choice(ids), "b", "{}", "", "")
        connection.execute("INSERT INTO audit_log VALUES (?,?,?,?,?,?,?,?,?,?)", row)
    connection.commit()

    def maybe(values):
        return rng.choice([None, "", rng.choice(values), rng.choice(values)])

    for _ in range(queries):
        arguments = {
            "resource_type": maybe(kinds + ["nothing"]),
            "resource_id": maybe(ids),
            "event_type": maybe(events),
            "start_time": maybe(stamps),
            "end_time": maybe(stamps),
            "limit": rng.choice([1000, 1000, -1, -7, 0, 1, 3, 20, 100_000]),
        }
        rows = query(connection, **arguments)
        # Everything that it would return without a limit: where the limit cuts through equal timestamps, SQLite's plan
        # decides which of them are left.
        every = query(connection, **{**arguments, "limit": -1})
        print(json.dumps({
            "arguments": arguments,
            "rows": [[r["timestamp"], r["entry_id"]] for r in rows],
            "every": [[r["timestamp"], r["entry_id"]] for r in every],
        }))


main()
