"""Random logs as SQL dumps: the random databases of gen_sqlite, dumped by Python, by the sqlite3 shell where there is
one, and as that shell writes it in its versions."""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile

import gen_sqlite
from gen_sqlite import quoted


def database(make, v, count):
    """A random database in memory, as make writes it."""
    folder = tempfile.mkdtemp()
    try:
        path = os.path.join(folder, "log.db")
        make(v, count, path)
        source = sqlite3.connect(path)
        connection = sqlite3.connect(":memory:")
        source.backup(connection)
        source.close()
    finally:
        shutil.rmtree(folder)
    drop_ids_that_clash(connection)
    # Text stays as it is, decoded or not.
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return connection


def drop_ids_that_clash(connection):
    """Dumpers end an id at its first NUL, and the oracle marks bad bytes before it restores: what is then the same id
    could not be restored, and has another place in the order of a key."""
    connection.text_factory = bytes
    for name, sql in tables(connection):
        name, seen = quoted(name.decode()), set()
        if "entry_id" not in [column.decode() for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")]:
            continue
        for (key,) in connection.execute(f"SELECT entry_id FROM {name} WHERE typeof(entry_id) = 'text'").fetchall():
            id = re.sub("[\ud800-\udfff]", "\ud800", key.split(b"\0")[0].decode("utf-8", "surrogateescape"))
            is_marked = "\ud800" in id and b"WITHOUT ROWID" in sql
            if is_marked or id in seen:
                connection.execute(f"DELETE FROM {name} WHERE entry_id = CAST(? AS TEXT)", (key,))
            seen.add(id)
    connection.commit()


def write(path, text):
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as f:
        f.write(text)


# ---- literals ---------------------------------------------------------------------------------------------

def shortened(text):
    """Both dumpers end a text at its first NUL."""
    return text.split("\0")[0]


def literal_with_replace(text):
    """As the shell wrote a text up to 3.49 (output_quoted_escaped_string)."""
    text = shortened(text)
    out = "'" + text.replace("'", "''") + "'"
    wraps = []
    for character, name, number in (("\n", "n", 10), ("\r", "r", 13)):
        if character in text:
            mark = next(m for m in ("\\" + name, f"\\{number:03o}", *(f"\\({number:03o}{i})" for i in range(99))) if m not in text)
            out = out.replace(character, mark)
            wraps.append((mark, number))
    for mark, number in reversed(wraps):
        out = f"replace({out},'{mark}',char({number}))"
    return out


def literal_with_unistr(text):
    """As the shell writes a text from 3.50 on (%#Q of sqlite3_mprintf)."""
    text = shortened(text)
    doubled = text.replace("'", "''")
    if not any(c <= "\x1f" for c in text):
        return f"'{doubled}'"
    escaped = "".join(f"\\u{ord(c):04x}" if c <= "\x1f" else c for c in doubled.replace("\\", "\\\\"))
    return f"unistr('{escaped}')"


def literal(value, of_text):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, str):
        return of_text(value)
    if isinstance(value, float):
        return {float("inf"): "9.0e+999", float("-inf"): "-9.0e+999"}.get(value, repr(value))
    return str(value)


# ---- dumps ------------------------------------------------------------------------------------------------

def tables(connection):
    return connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid").fetchall()


def others(connection):
    return [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL ORDER BY rowid")]


def dumped(connection, of_text, rows):
    """A whole dump; `rows(name, columns, literals)` writes one table's INSERTs."""
    out = ["PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"]
    for name, sql in tables(connection):
        out.append(sql + ";\n")
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({quoted(name)})")]
        literals = [[literal(value, of_text) for value in row] for row in connection.execute(f"SELECT * FROM {quoted(name)}")]
        out += rows(name, columns, literals)
    out += [sql + ";\n" for sql in others(connection)]
    return "".join([*out, "COMMIT;\n"])


def one_by_one(name, columns, literals):
    return [f"INSERT INTO {quoted(name)} VALUES({','.join(row)});\n" for row in literals]


def many_at_once(name, columns, literals):
    """As other tools write it: columns are listed, and up to 50 rows make one statement."""
    names = ", ".join(quoted(c) for c in columns)
    for at in range(0, len(literals), 50):
        rows = ",\n    ".join(f"({', '.join(row)})" for row in literals[at:at + 50])
        yield f"INSERT OR IGNORE INTO main.{quoted(name)} ({names}) VALUES\n    {rows};\n"


def iterdump(make):
    def dump(v, count, path):
        connection = database(make, v, count)
        # CPython 3.11 stumbles over an apostrophe in a table's name.
        for name, _ in tables(connection):
            if "'" in name:
                connection.execute(f"ALTER TABLE {quoted(name)} RENAME TO {quoted(name.replace(chr(39), ' '))}")
        # It writes an infinite number as the word Inf, which nobody can restore.
        for name, _ in tables(connection):
            for _, column, *_ in connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall():
                connection.execute(f"DELETE FROM {quoted(name)} WHERE typeof({quoted(column)}) = 'real' AND abs({quoted(column)}) = 9e999")
        connection.commit()
        write(path, "\n".join(connection.iterdump()) + "\n")
    return dump


def shell(make, of_text, rows=one_by_one, mark="", newline="\n"):
    def dump(v, count, path):
        text = dumped(database(make, v, count), of_text, rows)
        write(path, mark + text.replace(";\n", ";" + newline))
    return dump


def real_shell(make, *options):
    def dump(v, count, path):
        folder = tempfile.mkdtemp()
        log = os.path.join(folder, "log.db")
        make(v, count, log)
        connection = sqlite3.connect(log)
        drop_ids_that_clash(connection)
        connection.close()
        with open(path, "wb") as f:
            subprocess.run(["sqlite3", log, " ".join([".dump", *options])], stdout=f, check=True)
        shutil.rmtree(folder)
    return dump


# In UTF-8, in which it is restored: the order of its keys is that of their bytes.
WITHOUT_ROWID = gen_sqlite.simple(schema=gen_sqlite.STRICT_SCHEMA.replace("NOT NULL", "") + " WITHOUT ROWID")
SIMPLE, UTF16 = gen_sqlite.simple(), gen_sqlite.simple(1024, "UTF-16le")

CONTAINERS = {
    "dump_iterdump": iterdump(SIMPLE), "dump_iterdump_utf16": iterdump(UTF16), "dump_iterdump_without_rowid": iterdump(WITHOUT_ROWID), "dump_iterdump_other_table": iterdump(gen_sqlite.other_table),
    "dump_iterdump_numeric": iterdump(gen_sqlite.numeric_affinity), "dump_replace": shell(SIMPLE, literal_with_replace), "dump_replace_several": shell(gen_sqlite.several_tables, literal_with_replace),
    "dump_replace_numeric": shell(gen_sqlite.numeric_affinity, literal_with_replace), "dump_unistr": shell(SIMPLE, literal_with_unistr), "dump_unistr_windows": shell(SIMPLE, literal_with_unistr, mark="\ufeff", newline="\r\n"),
    "dump_unistr_untyped": shell(gen_sqlite.untyped, literal_with_unistr), "dump_many_rows": shell(gen_sqlite.extra_columns, literal_with_unistr, many_at_once), "dump_many_rows_gaps": shell(gen_sqlite.gaps, literal_with_replace, many_at_once),
}
if shutil.which("sqlite3"):
    CONTAINERS |= {"dump_shell": real_shell(SIMPLE), "dump_shell_rowids": real_shell(gen_sqlite.gaps, "--preserve-rowids"), "dump_shell_overflow": real_shell(gen_sqlite.overflow), "dump_shell_extra_columns": real_shell(gen_sqlite.extra_columns, "--preserve-rowids")}
