"""Random logs as CSV: as the sqlite3 shell writes it, by a few lines of our own, and by Python's own `csv`."""

import csv
import io
import sqlite3

from gen_sqlite import COLUMNS, Raw, right, row

SQLITE = sqlite3.connect(":memory:", check_same_thread=False)

# The characters for which the shell's `.mode csv` quotes a field; so stands it in `shell.c`, as `needCsvQuote`.
SHELL_QUOTES = frozenset((*range(0x21), 0x22, 0x27, *range(0x7f, 0x100)))


# ---- the sqlite3 shell ------------------------------------------------------------------------------------

def shell_bytes(value):
    """A cell as the shell has it: text up to the first NUL; numbers as SQLite writes them into a TEXT column."""
    if value is None:
        return None
    if isinstance(value, (int, float)):
        value = SQLITE.execute("SELECT CAST(? AS TEXT)", (value,)).fetchone()[0]
    data = bytes(value) if isinstance(value, bytes) else str(value).encode("utf-8")
    return data.split(b"\0")[0]


def shell_field(value, separator=b","):
    data = shell_bytes(value)
    if data is None:
        return b""
    if not data or separator in data or not SHELL_QUOTES.isdisjoint(data):
        return b'"' + data.replace(b'"', b'""') + b'"'
    return data


def shell(columns=COLUMNS, header=True, separator=b",", line_break=b"\r\n"):
    def make(v, count):
        lines = [[c.encode() for c in columns]] if header else []
        for values in rows(v, count):
            lines.append([shell_field(values.get(c), separator) for c in columns])
        return b"".join(separator.join(fields) + line_break for fields in lines)
    return make


def tabs(v, count):
    """`.mode tabs`: nothing is quoted, so what holds a tab or a line break cannot be told apart; such rows are left out."""
    out = ["\t".join(COLUMNS).encode()]
    for values in rows(v, count):
        fields = [shell_bytes(values.get(c)) or b"" for c in COLUMNS]
        if not any(b in field for field in fields for b in (b"\t", b"\n", b"\r")):
            out.append(b"\t".join(fields))
    return b"\n".join(out) + b"\n"


# ---- PostgreSQL -------------------------------------------------------------------------------------------

COPY_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\0": "\\0"}


def copy(header=True):
    """`COPY … TO` in its text format (the NUL, which PostgreSQL cannot hold, as `jq @tsv` writes it)."""
    def field(value):
        if value is None:
            return b"\\N"
        data = bytes(value) if isinstance(value, bytes) else str(value).encode("utf-8")
        return b"".join(COPY_ESCAPES.get(chr(b), "").encode() or bytes([b]) for b in data)

    def make(v, count):
        lines = [[c.encode() for c in COLUMNS]] if header else []
        lines += [[field(values.get(c)) for c in COLUMNS] for values in rows(v, count)]
        return b"".join(b"\t".join(fields) + b"\n" for fields in lines)
    return make


# ---- Python -----------------------------------------------------------------------------------------------

def python(columns=COLUMNS, header=True, bom=False, **how):
    def make(v, count):
        out = io.StringIO(newline="")
        writer = csv.writer(out, **how)
        if header:
            writer.writerow(columns)
        for values in rows(v, count):
            if how.get("lineterminator") == "\n" and any("\r" in str(values.get(c)) for c in columns):
                continue  # Python 3.11 leaves a carriage return bare here, and cannot read it again
            writer.writerow([values.get(c) for c in columns])
        return (b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode("utf-8")
    return make


def dict_writer(v, count):
    """Columns in any order, with others among them."""
    columns = [*COLUMNS, "tenant", "é, column", "=1+1"]
    v.r.shuffle(columns)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, quoting=csv.QUOTE_NONNUMERIC)
    writer.writeheader()
    for values in rows(v, count):
        writer.writerow({**values, "tenant": v.r.choice((None, 1, 0.5, "a\nb")), "é, column": v.text(), "=1+1": "=1+1"})
    return out.getvalue().encode("utf-8")


# ---- rows -------------------------------------------------------------------------------------------------

def rows(v, count):
    """Rows without what neither writer can write."""
    for _ in range(count):
        values = row(v)
        if v.r.random() < 0.05:
            # A field that is empty in one way or the other, and the checksum of the one or the other.
            values = blank(v)
        yield {name: value if not isinstance(value, Raw) else bytes(value) for name, value in values.items()}


def blank(v):
    values = row(v, nasty=False)
    names = [n for n in COLUMNS if n not in ("details", "checksum", "written_at")]
    for name in v.r.sample(names, v.r.randrange(1, 4)):
        values[name] = v.r.choice((None, ""))
    values["checksum"] = right(values)
    if v.r.random() < 0.3:
        values[v.r.choice(names)] = v.r.choice((None, "", "x"))
    if v.r.random() < 0.1:
        values["checksum"] = v.r.choice((None, ""))
    return values


CONTAINERS = {
    "csv_shell": shell(),
    "csv_shell_bare": shell(header=False),
    "csv_shell_lf": shell(line_break=b"\n", columns=tuple(reversed(COLUMNS))),
    "csv_shell_semicolon": shell(separator=b";"),
    "csv_tabs": tabs,
    "csv_copy": copy(),
    "csv_copy_bare": copy(header=False),
    "csv_excel": python(),
    "csv_excel_bom": python(bom=True),
    "csv_excel_bare": python(header=False),
    "csv_excel_tab": python(dialect="excel-tab"),
    "csv_unix": python(dialect="unix"),
    "csv_lf": python(lineterminator="\n"),
    "csv_bar": python(delimiter="|", quoting=csv.QUOTE_MINIMAL),
    "csv_dict": dict_writer,
}


def write(name, v, count, path):
    data = CONTAINERS[name](v, count)
    with open(path, "wb") as f:
        f.write(data)
