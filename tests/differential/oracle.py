#!/usr/bin/env python3
"""The oracle of the differential test: CPython's own json, sqlite3 and hashlib judge a log.

    oracle.py FILE…          one JSON object a line for each entry, in source order
    oracle.py --fast FILE    verifies a SQLite log the way its writer would, and prints the counts; the yardstick
                             of the benchmark

Each line holds `file`, `part`, `place` (a rowid, an ordinal or a line number, where there is one), `entry_id`
and `claimed` as JSON values (null where there is no such text), `recomputed` and `verdict`. docs/checksums.md
has the rules; what is canonical is not written down here but asked of `json.dumps`.

A SQLite file is opened as a copy, together with its `-wal`, so that SQLite itself recovers the log.
"""

import codecs
import csv
import gzip
import hashlib
import io
import itertools
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
import traceback
import zipfile
from dataclasses import asdict, dataclass

HASHED = ("timestamp", "entry_id", "event_type", "actor", "resource_type", "resource_id", "action", "details")
MISSING = object()
# Stands for a byte of a text that is no UTF-8. The generator never writes this code point itself.
BAD_BYTE = "\U0010fffd"


class Unreadable(Exception):
    """No canonical form can be made."""


# ---- one entry --------------------------------------------------------------------------------------------

def judge(fields, claimed):
    """The verdict and the recomputed checksum. `fields` maps names to Python values or to an Unreadable."""
    for name in HASHED:
        value = fields.get(name, MISSING)
        if value is MISSING or isinstance(value, Unreadable):
            return "unreadable", None
    try:
        text = json.dumps({name: fields[name] for name in HASHED}, sort_keys=True)
    except TypeError:  # bytes
        return "unreadable", None
    recomputed = hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
    if claimed is MISSING or claimed is None:
        return "unchecksummed", recomputed
    return ("verified" if isinstance(claimed, str) and claimed == recomputed else "mismatched"), recomputed


def loads(data):
    try:
        return json.loads(data)
    except (ValueError, TypeError) as e:
        return Unreadable(e)


def line(file, part, place, fields, claimed):
    verdict, recomputed = judge(fields, claimed)
    is_text = lambda value: isinstance(value, str) and BAD_BYTE not in value
    entry_id = fields.get("entry_id")
    return {
        "file": file, "part": part, "place": place,
        "entry_id": entry_id if is_text(entry_id) else None,
        "claimed": claimed if is_text(claimed) else None,
        "recomputed": recomputed, "verdict": verdict,
    }


# ---- SQLite -----------------------------------------------------------------------------------------------

class Text(bytes):
    """A TEXT cell before anybody decoded it: with this as text factory one bad cell does not end the query."""


def cell(value):
    if isinstance(value, Text):
        try:
            text = value.decode("utf-8")
            return Unreadable() if BAD_BYTE in text else text
        except UnicodeDecodeError as e:
            return Unreadable(e)
    return value


def details_cell(value):
    """What `json.loads(row["details"])` makes of the cell: text and bytes are parsed, all else is a TypeError."""
    value = cell(value)
    return value if isinstance(value, Unreadable) else loads(value)


def sqlite_tables(connection):
    connection.text_factory = str
    for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall():
        quoted = '"' + name.replace('"', '""') + '"'
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({quoted})")]
        if not set(HASHED) <= set(columns):
            continue
        try:
            connection.execute(f"SELECT _rowid_ FROM {quoted} LIMIT 0")
            yield name, quoted, columns, True
        except sqlite3.OperationalError:
            yield name, quoted, columns, False


def judge_sqlite(source, file):
    folder = tempfile.mkdtemp()
    try:
        copy = os.path.join(folder, "copy.db")
        shutil.copyfile(file, copy)
        if os.path.exists(file + "-wal"):
            shutil.copyfile(file + "-wal", copy + "-wal")
        connection = sqlite3.connect(copy)
        yield from judge_tables(source, connection)
        connection.close()
    finally:
        shutil.rmtree(folder)


def judge_tables(source, connection):
    for name, quoted, columns, has_rowid in list(sqlite_tables(connection)):
        connection.text_factory = Text
        select = ", ".join('"' + c.replace('"', '""') + '"' for c in columns)
        if has_rowid:
            rows = connection.execute(f"SELECT _rowid_, {select} FROM {quoted} ORDER BY _rowid_")
        else:
            rows = connection.execute(f"SELECT 0, {select} FROM {quoted} NOT INDEXED")
        for ordinal, (rowid, *row) in enumerate(rows):
            raw = dict(zip(columns, row))
            fields = {n: details_cell(raw[n]) if n == "details" else cell(raw[n]) for n in HASHED}
            claimed = cell(raw["checksum"]) if "checksum" in raw else MISSING
            place = {"rowid": rowid} if has_rowid else {"ordinal": ordinal}
            yield line(source, name, place, fields, claimed)


# ---- SQL dumps --------------------------------------------------------------------------------------------

def unistr(text):
    """SQLite's function of that name, which it has from 3.50 on."""
    escape = lambda m: "\\" if m[1] == "\\" else chr(int(m[2], 16))
    return None if text is None else re.sub(r"\\(?:(\\)|u([0-9a-fA-F]{4}))", escape, text)


def judge_dump(file, data):
    """The rows of the restored dump, in order; they have no place but their order."""
    data = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    connection = sqlite3.connect(":memory:")
    connection.create_function("unistr", 1, unistr, deterministic=True)
    connection.executescript(data.decode("utf-8", "mark"))
    for judged in judge_tables(os.path.basename(file), connection):
        yield {**judged, "place": {}}
    connection.close()


# ---- JSON -------------------------------------------------------------------------------------------------

class TooLong:
    """Stands for an integer that json.loads refuses, so that the other entries of the document can be judged."""


class Members(dict):
    """A JSON object, and whether anything in it was refused: a replaced duplicate counts, as it does in Python."""

    refused = False


def integer(text):
    try:
        return int(text)
    except ValueError:
        return TooLong()


def members(pairs):
    made = Members(pairs)
    made.refused = any(BAD_BYTE in key or refused(value) for key, value in pairs)
    return made


def refused(value):
    if isinstance(value, str):
        return BAD_BYTE in value
    if isinstance(value, Members):
        return value.refused
    if isinstance(value, list):
        return any(refused(v) for v in value)
    return isinstance(value, TooLong)


# What may stand between the values of a sequence: white space, and the separators of RFC 7464.
BETWEEN = re.compile("[ \\t\\r\\n\\x1e]*")
LENIENT = json.JSONDecoder(parse_int=integer, object_pairs_hook=members)


def entry_line(file, part, place, element):
    if not isinstance(element, dict):
        return line(file, part, place, {}, MISSING)
    fields = {}
    for name in HASHED:
        if name not in element:
            continue
        value = element[name]
        if refused(value):
            value = Unreadable()
        elif name == "details" and isinstance(value, str):
            value = loads(value)
        fields[name] = value
    claimed = element.get("checksum", MISSING)
    # What json.loads refuses in the claim leaves no entry; a byte that is no UTF-8 only makes it another text.
    return line(file, part, place, {} if isinstance(claimed, TooLong) else fields, claimed)


def looks_like_entries(value):
    """Whether most of an array's objects have the hashed columns (an empty array is asked for by name only)."""
    if not isinstance(value, list):
        return False
    objects = [v for v in value if isinstance(v, dict)]
    like = [v for v in objects if set(HASHED) <= set(v)]
    return bool(like) and 2 * len(like) > len(objects)


def arrays(value, path):
    if looks_like_entries(value):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from arrays(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from arrays(inner, f"{path}[{index}]")


def judge_json(name, data):
    data = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    yield from judge_text(name, data.decode("utf-8", "mark"))


def judge_text(name, text):
    try:
        document = LENIENT.decode(text)
    except json.JSONDecodeError:
        values = sequence(text)
        if values is None:
            yield from judge_lines(name, text)
        for value in values or ():
            yield entry_line(name, "$", {}, value)
        return
    for path, array in arrays(document, "$"):
        for element in array:
            yield entry_line(name, path, {}, element)


def sequence(text):
    """The values of a text that is nothing but values, if one of them goes over several lines."""
    values, at, is_long = [], 0, False
    while True:
        at = BETWEEN.match(text, at).end()
        if at == len(text):
            return values if is_long else None
        try:
            value, end = LENIENT.raw_decode(text, at)
        except json.JSONDecodeError:
            return None
        is_long |= "\n" in text[at:end]
        values.append(value)
        at = end


def judge_lines(name, text):
    lines = text.split("\n")
    for number, content in enumerate(lines, 1):
        if not content.strip(" \t\r"):
            continue
        try:
            element = LENIENT.decode(content)
        except json.JSONDecodeError:
            if number == len(lines):
                return  # no newline after it: the file was cut off here, and this is the lost tail
            element = None
        yield entry_line(name, "$", {"line": number}, element)


# ---- CSV --------------------------------------------------------------------------------------------------

TABLE = ("entry_id", "timestamp", "event_type", "actor", "resource_type", "resource_id", "action", "details", "checksum", "written_at")
SAMPLE = 1 << 20


class Either(str):
    """An empty field that may be NULL as well."""
    first = ""


class Bare(Either):
    """An empty field that seems to be NULL and may be empty text as well."""
    first = None


def csv_records(text, delimiter, quotes):
    """Each record with its line number and, for each field, its text and whether it is quoted. The texts are those that
    Python's `csv` reads; a pattern tells the rest, which `csv` does not."""
    if not quotes:
        for number, content in enumerate(text.split("\n"), 1):
            if content:
                yield number, [(field, False) for field in content.removesuffix("\r").split(delimiter)]
        return
    csv.field_size_limit(1 << 30)
    lines = (part + "\n" for part in text.removesuffix("\n").split("\n"))
    read = iter(csv.reader(lines, delimiter=delimiter, strict=True))
    d = re.escape(delimiter)
    pattern = re.compile(rf'(?:"((?:[^"]|"")*)"|([^"{d}\r\n]*))({d}|\r?\n|\Z)')
    at, number, fields = 0, 1, []
    while at < len(text):
        begin = at
        while True:
            match = pattern.match(text, at)
            quoted, bare, end = match.groups()
            fields.append((bare if quoted is None else quoted.replace('""', '"'), quoted is not None))
            at = match.end()
            if end != delimiter:
                break
        values = next(read)
        assert values == ([] if fields == [("", False)] else [f[0] for f in fields]), (values, fields)
        if values:
            yield number, fields
        number += text.count("\n", begin, at)
        fields = []


def is_quoted_throughout(text, delimiter):
    """Whether no quote is out of place. Lines alone cannot tell that: a quoted field may go over several."""
    d = re.escape(delimiter)
    pattern = re.compile(rf'(?:"(?:[^"]|"")*"|[^"{d}\r\n]*)(?:{d}|\r?\n|\Z)')
    at = 0
    while at < len(text):
        match = pattern.match(text, at)
        if not match:
            return False
        at = match.end()
    return True


def quotes_mean_something(text, delimiter):
    """Whether as many lines hold a quoted field as hold a quote elsewhere; only tabs are ever written without."""
    if delimiter != "\t" or is_quoted_throughout(text, delimiter):
        return True
    fields = [content.split(delimiter) for content in text.split("\n")]
    quoted = sum(any(f.startswith('"') for f in line) for line in fields)
    return quoted >= sum(any('"' in f and not f.startswith('"') for f in line) for line in fields)


def tells_null(records, width, delimiter):
    """Whether an empty field without quotes is NULL and one with quotes empty text; docs/formats.md has the rule."""
    bare_empty = quoted_empty = shell_only = needless = unlike_shell = False
    for fields in records:
        if len(fields) != width:
            continue
        for text, is_quoted in fields:
            for_shell = any(c <= " " or c in "\"'" or c >= "\x7f" for c in text)
            for_all = any(c in '"\r\n' + delimiter for c in text)
            if not text:
                quoted_empty |= is_quoted
                bare_empty |= not is_quoted
            elif is_quoted:
                shell_only |= for_shell and not for_all
                needless |= not for_shell and not for_all
            else:
                unlike_shell |= for_shell
    is_shell = not unlike_shell and not needless and (shell_only or quoted_empty)
    return is_shell or bare_empty and (quoted_empty or needless)


def csv_header(data):
    """The delimiter and the columns, or None if this is no CSV."""
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").split(b"\n", 1)[0].decode("utf-8", "replace")
    if not first or first[0] in "{[":
        return None
    for delimiter in ",\t;|":
        try:
            names = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:  # a carriage return within it: a record without a header line before it, or no CSV
            continue
        if set(HASHED) <= set(names):
            return delimiter, names
    if re.match(r"[^\t]*\t\d{4}-\d\d-\d\d", first):
        return "\t", None
    is_row = re.match(r'"?[^,]*"?,"?\d{4}-\d\d-\d\d', first) and re.search(r'(?m)[,"][0-9a-f]{16}"?,', data.decode("utf-8", "replace"))
    return (",", None) if is_row else None


COPY_ESCAPES = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def judge_copy(file, text, names):
    """Tabs and backslash escapes. The generator names such files; which they are nobody could tell for certain."""
    def value(field):
        if field == "\\N":
            return None
        field = re.sub(r"\\(.)", lambda m: COPY_ESCAPES[m[1]], field)
        return Unreadable() if BAD_BYTE in field else field

    for number, content in enumerate(text.split("\n")[:-1], 1):
        values = [value(field) for field in content.split("\t")]
        if number == 1 and names:
            continue
        raw = dict(zip(names or TABLE, values, strict=True))
        fields = {n: loads(raw[n]) if n == "details" and not isinstance(raw[n], Unreadable) else raw[n] for n in HASHED}
        claimed = raw["checksum"]
        if isinstance(claimed, Unreadable):
            claimed = BAD_BYTE
        yield line(os.path.basename(file), "records", {"line": number}, fields, claimed)


def judge_csv(file, data, delimiter, names):
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "mark")
    if os.path.basename(file).startswith("csv_copy"):
        yield from judge_copy(file, text, names)
        return
    quotes = quotes_mean_something(text[:SAMPLE], delimiter)
    records = list(csv_records(text, delimiter, quotes))
    if names:
        records = records[1:]
    names = names or TABLE
    sample = itertools.takewhile(lambda r: r[1], ((fields, size <= SAMPLE) for size, (_, fields) in sized(records)))
    told = quotes and tells_null((fields for fields, _ in sample), len(names), delimiter)

    def value(field):
        content, is_quoted = field
        if content:
            return Unreadable() if BAD_BYTE in content else content
        return ("" if is_quoted else Bare()) if told else Either()

    for number, fields in records:
        if len(fields) != len(names):
            yield line(os.path.basename(file), "records", {"line": number}, {}, MISSING)
            continue
        raw = {name: value(field) for name, field in zip(names, fields)}
        claimed = raw.get("checksum", MISSING)
        if isinstance(claimed, Either):
            claimed = None
        if isinstance(claimed, Unreadable):
            claimed = dict(zip(names, fields))["checksum"][0]
        fields = {n: raw[n] for n in HASHED}
        if not isinstance(fields["details"], Unreadable):
            fields["details"] = loads(None if isinstance(fields["details"], Bare) else fields["details"])
        yield line(os.path.basename(file), "records", {"line": number}, reading(fields, claimed), claimed)


def sized(records):
    """Records with about the bytes up to their ends."""
    size = 0
    for number, fields in records:
        size += sum(len(text.encode("utf-8")) + 3 for text, _ in fields)
        yield size, (number, fields)


def reading(fields, claimed):
    """The fields with each empty one as NULL or as empty text: so that the checksum holds, or all as they seem to be."""
    either = [name for name, value in fields.items() if isinstance(value, Either)]
    plain = {**fields, **{name: fields[name].first for name in either}}
    for values in itertools.product(("", None), repeat=len(either)):
        read = {**plain, **dict(zip(either, values))}
        if judge(read, claimed)[0] == "verified":
            return read
    return plain


# ---- packed files -----------------------------------------------------------------------------------------

def unzstd(data):
    """What stands in zstd frames of raw blocks, which is all that the generator writes."""
    out, at = b"", 0
    while at < len(data):
        if data[at + 1 : at + 4] == b"\x2a\x4d\x18":
            at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
            continue
        at += 9
        is_last = False
        while not is_last:
            header = int.from_bytes(data[at : at + 3], "little")
            is_last, size = header & 1, header >> 3
            out += data[at + 3 : at + 3 + size]
            at += 3 + size
    return out


def encoding(data):
    """The encoding of a text that is not UTF-8, as `json.loads(bytes)` finds it out."""
    found = json.detect_encoding(data)
    return None if found.startswith("utf-8") else found


def judge_bytes(name, data):
    """Judges a file's content, taking off what it is packed in."""
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if not member.filename.endswith((".txt", "/")):
                    yield from judge_bytes(f"{name}/{member.filename}", archive.read(member))
    elif data.startswith(b"\x1f\x8b"):
        yield from judge_bytes(name, gzip.decompress(data))
    elif data.startswith(b"\x28\xb5\x2f\xfd"):
        yield from judge_bytes(name, unzstd(data))
    elif data.startswith(b"SQLite format 3\0"):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log.db")
            with open(path, "wb") as f:
                f.write(data)
            yield from judge_sqlite(name, path)
    elif found := encoding(data):
        yield from judge_text(name, data.decode(found, "mark"))
    else:
        yield from judge_json(name, data)


# ---- the command ------------------------------------------------------------------------------------------

def mark_bad_bytes(error):
    return BAD_BYTE * (error.end - error.start), error.end


def judge_file(file):
    with open(file, "rb") as f:
        data = f.read()
    name = os.path.basename(file)
    if data.startswith(b"SQLite format 3\0"):
        return judge_sqlite(name, file)
    if file.endswith(".sql"):
        return judge_dump(file, data)
    if file.endswith(".packed"):
        return judge_bytes(name, data)
    # Whose first record is odd, only its name tells.
    bare = {"csv_copy_bare.csv": "\t", "csv_shell_bare.csv": ",", "csv_excel_bare.csv": ","}.get(name)
    header = (bare, None) if bare else csv_header(data)
    return judge_csv(file, data, *header) if header else judge_json(name, data)


@dataclass
class Entry:
    timestamp: str
    entry_id: str
    event_type: str
    actor: str
    resource_type: str
    resource_id: str
    action: str
    details: dict
    checksum: str = ""

    def recompute(self):
        content = {k: v for k, v in asdict(self).items() if k != "checksum"}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def fast(file):
    """The plain loop of a log's own writer: no care for bad rows, columns by position."""
    connection = sqlite3.connect(file)
    rows = connection.execute("SELECT * FROM audit_log").fetchall()
    connection.close()
    verified = 0
    for entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details, checksum, _ in rows:
        entry = Entry(timestamp, entry_id, event_type, actor, resource_type, resource_id, action, json.loads(details), checksum)
        verified += entry.recompute() == checksum
    print(json.dumps({"entries": len(rows), "verified": verified, "mismatched": len(rows) - verified}))


def main():
    codecs.register_error("mark", mark_bad_bytes)
    if sys.argv[1] == "--fast":
        fast(sys.argv[2])
        return
    out = open(sys.stdout.fileno(), "w", encoding="ascii", newline="\n", closefd=False)
    for file in sys.argv[1:]:
        for judged in judge_file(file):
            out.write(json.dumps(judged) + "\n")
    out.flush()


def with_deep_stack(run):
    """Calls `run` where nesting beyond the default limit of 1000 can be computed; the engine does so, and marks it."""
    failed = []

    def guarded():
        try:
            run()
        except BaseException:
            failed.append(traceback.format_exc())

    sys.setrecursionlimit(1_000_000)
    threading.stack_size(512 * 1024 * 1024)
    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    sys.exit("".join(failed) or None)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fast"]:
        main()
    else:
        with_deep_stack(main)
