"""Random logs in SQLite databases, with and without a write-ahead log."""

import json
import os
import shutil
import sqlite3
import struct
import tempfile

from gen_values import HASHED, checksum

COLUMNS = ("entry_id", "timestamp", "event_type", "actor", "resource_type", "resource_id", "action", "details", "checksum", "written_at")


class Raw(bytes):
    """Bytes to be stored as TEXT, whether they are valid in the database's encoding or not."""


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


# ---- rows -------------------------------------------------------------------------------------------------

def row(v, nasty=True, typed=True):
    """An entry as column values. `typed`: the columns have TEXT affinity, so a number becomes text in them."""
    r = v.r
    entry = v.entry()
    values = dict(entry)
    dice = r.random()
    if not nasty or dice < 0.6:
        return values
    kind = r.randrange(15)
    name = r.choice([n for n in HASHED if n != "details"])
    if kind == 0:
        values[name] = None
    elif kind == 1:
        values[name] = None
        values["checksum"] = right(values)
    elif kind == 2:
        values[name] = r.choice((5, -1, 0, 2 ** 62, 1.0, 0.1, 1e16, -0.0, 1e-5, float("inf"), 0.1 + 0.2))
        if not typed or isinstance(values[name], int):
            values["checksum"] = right({**values, name: values[name] if not typed else str(values[name])})
    elif kind == 3:
        values[name] = entry[name].encode("utf-8", "surrogatepass")
    elif kind == 4:
        values[name] = Raw(r.choice((b"\xff", b"a\x80b", b"\xc0\x80", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xc3(", b"\xd8\x00\x00A", b"\x00\xd8A\x00", b"abc", b"\x00\xdc", b"\xff\xfe", b"\xfe\xff\x00A")))
    elif kind == 5:
        values["written_at"] = r.choice((Raw(b"\xff\xfe\xff"), None, 7, b"\x00\xff", "", 1.5, "x" * 5000))
    elif kind == 6:
        values["checksum"] = v.wrong_checksum(entry["checksum"])
    elif kind == 7:
        values["details"] = r.choice((None, "", b"", 5, 1.5, Raw(b"{\xff}"), Raw(b'{"a":"\xed\xa0\x80"}'), Raw(b'"\xc3\xa9"'), b"\xff\xff\xff", Raw(b"\x00")))
    elif kind == 8:
        values["details"] = v.broken_details()
    elif kind == 9:
        values["details"] = blob(v, entry["details"])
    elif kind == 10:
        values[name] = entry[name] + r.choice((" ", "\x00", "é", "x"))
    elif kind == 11:
        # The same value, written differently: still verified.
        values["details"] = json.dumps(json.loads(entry["details"]), indent=r.choice((None, 1)), sort_keys=True)
    elif kind == 12:
        values["checksum"] = None
    elif kind == 13:
        values["checksum"] = Raw(b"\xff" + entry["checksum"].encode()[1:])
    else:
        values["details"] = r.choice(("\ufeff{}", "{}\x00", "\x00", '{"a":"\x00"}', " {} ", "[]", "null", '"x"'))
        if r.random() < 0.7:
            values["checksum"] = right(values)
    return values


def right(values):
    """The checksum that belongs to the values, or some other if none can be had."""
    try:
        return checksum({**values, "details": json.loads(values["details"])})
    except (TypeError, ValueError):
        return "0123456789abcdef"


def blob(v, text):
    """JSON text as bytes, in one of the encodings that json.loads recognises, sometimes damaged."""
    data = text.encode(v.r.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")), "surrogatepass")
    dice = v.r.random()
    if dice < 0.1 and data:
        at = v.r.randrange(len(data))
        return data[:at] + v.r.choice((b"\xff", b"\xed\xa0\x80", b"\x00", b"\xd8")) + data[at + 1:]
    return data[:-1] if dice < 0.15 else data


def insert(connection, table, columns, rows):
    for values in rows:
        marks = ",".join("CAST(? AS TEXT)" if isinstance(values.get(c), Raw) else "?" for c in columns)
        names = ",".join(quoted(c) for c in columns)
        try:
            connection.execute(
                f"INSERT OR IGNORE INTO {quoted(table)} ({names}) VALUES ({marks})",
                [bytes(values.get(c)) if isinstance(values.get(c), Raw) else values.get(c) for c in columns],
            )
        except UnicodeEncodeError:
            pass  # a lone surrogate cannot be bound as text


# ---- databases --------------------------------------------------------------------------------------------

NULLABLE = "CREATE TABLE audit_log (" + ", ".join(f"{c} TEXT" + (" PRIMARY KEY" if c == "entry_id" else "") for c in COLUMNS) + ")"
STRICT_SCHEMA = "CREATE TABLE audit_log (" + ", ".join(f"{c} TEXT" + (" PRIMARY KEY" if c == "entry_id" else " NOT NULL") for c in COLUMNS) + ")"
INDEXES = ("CREATE INDEX idx_audit_time ON audit_log(timestamp)", "CREATE INDEX idx_audit_resource ON audit_log(resource_type, resource_id)")


def create(path, schema, page_size=4096, encoding="UTF-8", journal="WAL", before=()):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size={page_size}")
    connection.execute(f"PRAGMA encoding='{encoding}'")
    for statement in before:
        connection.execute(statement)
    connection.execute(f"PRAGMA journal_mode={journal}")
    connection.execute("BEGIN")
    for statement in schema if isinstance(schema, (list, tuple)) else [schema]:
        connection.execute(statement)
    connection.execute("COMMIT")
    return connection


def fill(connection, v, count, table="audit_log", columns=COLUMNS, **how):
    connection.execute("BEGIN")
    insert(connection, table, columns, (row(v, **how) for _ in range(count)))
    connection.execute("COMMIT")


def simple(page_size=4096, encoding="UTF-8", journal="WAL", schema=NULLABLE):
    def make(v, count, path):
        connection = create(path, [schema, *INDEXES], page_size, encoding, journal)
        fill(connection, v, count)
        connection.close()
    return make


def without_rowid(v, count, path):
    connection = create(path, STRICT_SCHEMA.replace("NOT NULL", "") + " WITHOUT ROWID", 1024, v.r.choice(("UTF-8", "UTF-16le", "UTF-16be")))
    fill(connection, v, count)
    connection.close()


def other_key_without_rowid(v, count, path):
    columns = ("seq", *COLUMNS)
    connection = create(path, "CREATE TABLE audit_log (" + ", ".join(f"{c} TEXT" for c in COLUMNS) + ", seq INTEGER, PRIMARY KEY (resource_id, seq DESC)) WITHOUT ROWID", 2048)

    def keyed(seq):
        values = {**row(v), "seq": seq, "resource_id": f"m{v.r.randrange(5)}"}
        return {**values, "checksum": right(values)} if v.r.random() < 0.7 else values

    connection.execute("BEGIN")
    insert(connection, "audit_log", columns, map(keyed, range(count)))
    connection.execute("COMMIT")
    connection.close()


def extra_columns(v, count, path):
    columns = list(COLUMNS) + ["tenant", "é column", "select", "blob"]
    v.r.shuffle(columns)
    connection = create(path, f"CREATE TABLE audit_log ({', '.join(quoted(c) for c in columns)})", v.r.choice((512, 4096)))
    connection.execute("BEGIN")
    extra = lambda: {"tenant": v.r.choice((None, 1, "x", Raw(b"\xff"))), "é column": v.text(), "select": v.r.random(), "blob": b"\x00\xff" * v.r.randrange(500)}
    insert(connection, "audit_log", columns, ({**row(v, typed=False), **extra()} for _ in range(count)))
    connection.execute("COMMIT")
    connection.close()


def untyped(v, count, path):
    connection = create(path, f"CREATE TABLE audit_log ({', '.join(COLUMNS)})", 4096, v.r.choice(("UTF-8", "UTF-16le")))
    fill(connection, v, count, typed=False)
    connection.close()


def numeric_affinity(v, count, path):
    """Declared types that SQLite takes for numeric: ids and checksums of digits become numbers."""
    types = {c: v.r.choice(("STRING", "JSON", "DATETIME", "REAL", "INT", "BLOB", "VARCHAR(20)")) for c in COLUMNS}
    connection = create(path, f"CREATE TABLE audit_log ({', '.join(f'{c} {types[c]}' for c in COLUMNS)})")

    def digits():
        values = row(v, typed=False)
        if v.r.random() < 0.4:
            values[v.r.choice(COLUMNS)] = v.r.choice(("0012", "12e3", "1234567890123456", "1.50", "-0", "0x10", " 7", "9e999", "12345678e1234567"))
        return values

    connection.execute("BEGIN")
    insert(connection, "audit_log", COLUMNS, (digits() for _ in range(count)))
    connection.execute("COMMIT")
    connection.close()


def other_table(v, count, path):
    name = v.r.choice(("events", "Audit Trail", 'odd"name', "журнал", "select", "log'2024"))
    connection = create(path, f"CREATE TABLE {quoted(name)} ({', '.join(c + ' TEXT' for c in COLUMNS)})")
    connection.execute("CREATE TABLE settings (key TEXT, value TEXT)")
    connection.execute("INSERT INTO settings VALUES ('a', 'b')")
    fill(connection, v, count, name)
    connection.close()


def several_tables(v, count, path):
    names = ("audit_log", "audit_log_2023", "archive")
    connection = create(path, [NULLABLE.replace("audit_log", name, 1) for name in names])
    connection.execute("CREATE TABLE other (id INTEGER PRIMARY KEY, x)")
    for name in names:
        fill(connection, v, count // 3, name)
    connection.close()


def no_checksum(v, count, path):
    columns = [c for c in COLUMNS if c != "checksum"]
    connection = create(path, f"CREATE TABLE audit_log ({', '.join(columns)})")
    fill(connection, v, count, columns=columns, typed=False)
    connection.close()


def gaps(v, count, path):
    """Deleted rows, negative and huge rowids, a free list, auto-vacuum."""
    columns = ("id", *COLUMNS)
    connection = create(path, f"CREATE TABLE audit_log (id INTEGER PRIMARY KEY, {', '.join(c + ' TEXT' for c in COLUMNS)})", v.r.choice((512, 1024)), before=["PRAGMA auto_vacuum=2"])
    connection.execute("BEGIN")
    ids = v.r.sample(range(-10 ** 6, 10 ** 6), count)
    ids[:2] = [-(2 ** 63), 2 ** 63 - 1]
    insert(connection, "audit_log", columns, ({**row(v), "id": i} for i in ids))
    connection.execute("DELETE FROM audit_log WHERE id % 5 = 2")
    connection.execute("COMMIT")
    connection.close()


def added_columns(v, count, path):
    """Rows older than their last columns: the records are shorter than the table, defaults fill them up."""
    early = [c for c in COLUMNS if c not in ("action", "written_at")]
    connection = create(path, f"CREATE TABLE audit_log ({', '.join(c + ' TEXT' for c in early)})")
    connection.execute("BEGIN")
    insert(connection, "audit_log", early, ({**w, "checksum": right({**w, "action": "predict"})} for w in (row(v, nasty=False) for _ in range(count // 2))))
    connection.execute("COMMIT")
    connection.execute("ALTER TABLE audit_log ADD COLUMN action TEXT DEFAULT 'predict'")
    connection.execute("ALTER TABLE audit_log ADD COLUMN written_at TEXT")
    fill(connection, v, count - count // 2)
    connection.close()


def overflow(v, count, path):
    """Details much longer than a page."""
    connection = create(path, NULLABLE, 512, v.r.choice(("UTF-8", "UTF-16be")))
    connection.execute("BEGIN")
    for _ in range(count):
        values = row(v, nasty=False)
        if v.r.random() < 0.2:
            values["details"] = json.dumps({"x": v.odd_text(40) * v.r.randrange(1, 800)})
            values["checksum"] = right(values)
        insert(connection, "audit_log", COLUMNS, [values])
    connection.execute("COMMIT")
    connection.close()


def details_blobs(v, count, path):
    connection = create(path, NULLABLE)
    connection.execute("BEGIN")
    insert(connection, "audit_log", COLUMNS, ({**w, "details": blob(v, w["details"])} for w in (row(v, nasty=False) for _ in range(count))))
    connection.execute("COMMIT")
    connection.close()


# ---- write-ahead logs -------------------------------------------------------------------------------------

def copy_open(path, keep):
    """Takes the database and its log as they lie on the disk while the writer has them open."""
    shutil.copyfile(path, keep)
    shutil.copyfile(path + "-wal", keep + "-wal")


def wal(shape, page_size=4096, encoding="UTF-8"):
    def make(v, count, path):
        folder = tempfile.mkdtemp()
        work = os.path.join(folder, "work.db")
        schema = STRICT_SCHEMA.replace("NOT NULL", "") + " WITHOUT ROWID" if shape == "without_rowid" else NULLABLE
        before = ["PRAGMA auto_vacuum=2"] if shape == "shrink" else []
        connection = create(work, schema, page_size, encoding, before=before)
        connection.execute("PRAGMA wal_autocheckpoint=0")
        SHAPES[shape](connection, v, count, work, path)
        connection.close()
        shutil.rmtree(folder)
    return make


def wal_committed(connection, v, count, work, path):
    fill(connection, v, count // 2)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for _ in range(4):
        fill(connection, v, count // 8)
    connection.execute("UPDATE audit_log SET actor = actor || 'x' WHERE rowid % 17 = 3")
    connection.execute("DELETE FROM audit_log WHERE rowid % 23 = 5")
    copy_open(work, path)


def wal_only(connection, v, count, work, path):
    """Nothing was ever checkpointed: even the table exists in the log only."""
    fill(connection, v, count)
    copy_open(work, path)


def wal_without_rowid(connection, v, count, work, path):
    fill(connection, v, count // 2)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    fill(connection, v, count // 2)
    copy_open(work, path)


def wal_spilled(connection, v, count, work, path):
    """A transaction that is still open has spilled pages into the log: frames without a commit."""
    fill(connection, v, count // 2)
    connection.execute("PRAGMA cache_size=4")
    connection.execute("PRAGMA cache_spill=1")
    connection.execute("BEGIN")
    insert(connection, "audit_log", COLUMNS, (row(v) for _ in range(count // 2)))
    copy_open(work, path)
    connection.execute("ROLLBACK")


def wal_reused(connection, v, count, work, path):
    """The log was begun anew from its start: behind the new frames lie old ones with other salts."""
    fill(connection, v, count // 2)
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    fill(connection, v, max(1, count // 20))
    connection.execute("UPDATE audit_log SET actor = 'changed' WHERE rowid = 3")
    copy_open(work, path)


def wal_torn(connection, v, count, work, path):
    """The copy ends in the middle of a frame, of the last transaction mostly."""
    wal_committed(connection, v, count, work, path)
    size = os.path.getsize(path + "-wal")
    with open(path + "-wal", "r+b") as f:
        f.truncate(size - v.r.randrange(1, size // 3))


def wal_flipped(connection, v, count, work, path):
    """One byte of one frame is wrong: the log ends with the last commit before it."""
    wal_committed(connection, v, count, work, path)
    with open(path + "-wal", "r+b") as f:
        data = f.read()
        at = v.r.randrange(32, len(data))
        f.seek(at)
        f.write(bytes([data[at] ^ 0x40]))


def wal_big_endian(connection, v, count, work, path):
    """As a big-endian machine writes it: the other magic number, checksums over big-endian words."""
    wal_committed(connection, v, count, work, path)
    with open(path + "-wal", "r+b") as f:
        data = f.read()
        f.seek(0)
        f.write(with_big_endian_checksums(data))


def wal_empty(connection, v, count, work, path):
    """The log has no byte: a checkpoint truncated it."""
    fill(connection, v, count)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy_open(work, path)


def wal_shrink(connection, v, count, work, path):
    """The last commit leaves a smaller database than lies on the disk."""
    fill(connection, v, count)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("DELETE FROM audit_log WHERE rowid > ?", (count // 2,))
    connection.execute("PRAGMA incremental_vacuum").fetchall()
    fill(connection, v, 3)
    copy_open(work, path)


def with_big_endian_checksums(data):
    _, version, page_size, sequence = struct.unpack(">4I", data[:16])
    state = (0, 0)

    def update(part):
        nonlocal state
        s0, s1 = state
        words = struct.unpack(f">{len(part) // 4}I", part)
        for a, b in zip(words[::2], words[1::2]):
            s0 = s0 + a + s1 & 0xFFFFFFFF
            s1 = s1 + b + s0 & 0xFFFFFFFF
        state = s0, s1
        return struct.pack(">2I", s0, s1)

    head = struct.pack(">4I", 0x377F0683, version, page_size, sequence) + data[16:24]
    out = [head, update(head)]
    for at in range(32, len(data), 24 + page_size):
        frame = data[at:at + 24 + page_size]
        update(frame[:8])
        out += [frame[:16], update(frame[24:]), frame[24:]]
    return b"".join(out)


SHAPES = {
    "committed": wal_committed, "only": wal_only, "without_rowid": wal_without_rowid, "spilled": wal_spilled, "reused": wal_reused, "torn": wal_torn, "flipped": wal_flipped, "big_endian": wal_big_endian,
    "empty": wal_empty, "shrink": wal_shrink,
}

CONTAINERS = {
    "sqlite_512": simple(512), "sqlite_1024_utf16le": simple(1024, "UTF-16le"), "sqlite_4096_utf16be": simple(4096, "UTF-16be", "DELETE"), "sqlite_65536": simple(65536, journal="DELETE"),
    "sqlite_32768_not_null": simple(32768, schema=STRICT_SCHEMA), "sqlite_without_rowid": without_rowid, "sqlite_other_key_without_rowid": other_key_without_rowid, "sqlite_extra_columns": extra_columns,
    "sqlite_untyped": untyped, "sqlite_numeric_affinity": numeric_affinity, "sqlite_other_table": other_table, "sqlite_several_tables": several_tables, "sqlite_no_checksum": no_checksum, "sqlite_gaps": gaps,
    "sqlite_added_columns": added_columns, "sqlite_overflow": overflow, "sqlite_details_blobs": details_blobs, "wal_committed": wal("committed"), "wal_only_512": wal("only", 512), "wal_without_rowid": wal("without_rowid", 1024),
    "wal_spilled": wal("spilled", 1024), "wal_reused": wal("reused"), "wal_torn": wal("torn", 2048), "wal_flipped": wal("flipped", 8192), "wal_big_endian": wal("big_endian", 512, "UTF-16le"), "wal_empty": wal("empty"),
    "wal_shrink": wal("shrink", 512), "wal_65536": wal("committed", 65536), "wal_utf16be": wal("reused", 4096, "UTF-16be"),
}
