"""Random logs in every JSON container."""

import json
import re

from gen_values import HASHED, checksum

COLUMNS = ("entry_id", "timestamp", "event_type", "actor", "resource_type", "resource_id", "action", "details", "checksum", "written_at")


def spelled(v, text, raw=None):
    """A JSON string literal for `text`, in one of the ways in which a writer may spell it."""
    dice = v.r.random() if raw is None else 0.0 if raw else 0.5
    if dice < 0.4 and not any("\ud800" <= c <= "\udfff" for c in text):
        return json.dumps(text, ensure_ascii=False)
    if dice < 0.9:
        return json.dumps(text)
    return '"' + "".join(f"\\u{unit:04X}" for unit in utf16(text)) + '"'


def utf16(text):
    data = text.encode("utf-16-be", "surrogatepass")
    return [data[i] << 8 | data[i + 1] for i in range(0, len(data), 2)]


def members(v, nasty, details_as_text):
    """An entry as a list of key and value texts, in column order."""
    r = v.r
    entry = v.entry()
    details = entry["details"]
    texts = {}
    for name in COLUMNS:
        texts[name] = spelled(v, entry[name])
    dice = r.random()
    if not details_as_text:
        # Details that are text would be parsed once more; a string literal as details therefore stays text.
        texts["details"] = details if not details.strip().startswith('"') else spelled(v, details)
    if not nasty or dice < 0.6:
        return list(texts.items())

    kind = r.randrange(17)
    if kind == 0:
        del texts[r.choice(COLUMNS)]
    elif kind == 1:
        texts[r.choice(COLUMNS)] = "null"
    elif kind in (2, 3):
        # Not text: hashed as the value it is, so that the right checksum can be given for it.
        name = r.choice([n for n in HASHED if n != "details"])
        v.spaced = True
        texts[name] = v.value(2)
        texts["checksum"] = json.dumps(right(texts))
    elif kind == 4:
        wrong = v.wrong_checksum(entry["checksum"])
        texts["checksum"] = json.dumps(wrong.decode() if isinstance(wrong, bytes) else wrong)
    elif kind == 5:
        name = r.choice([n for n in HASHED if n != "details"])
        texts[name] = spelled(v, entry[name] + r.choice(" x\x00é😀"))
    elif kind == 6:
        texts["details"] = spelled(v, v.broken_details())
    elif kind == 7:
        v.spaced = True
        texts["details"] = v.value(3)
        texts["checksum"] = json.dumps(right(texts))
    elif kind == 8:
        # A lone surrogate inside the text of the details, as a character and not as an escape.
        texts["details"] = '"{\\"a\\":\\"\\ud800x\\",\\"\\udc00\\":1,\\"\\ue000\\":2}"'
        texts["checksum"] = json.dumps(right(texts))
    elif kind == 9:
        texts[r.choice([n for n in HASHED if n != "details"])] = r.choice(('"\\ud800"', '"\\udfff\\ud800"', '"a\\ud83d"', '"\\ud83d\\ude00"'))
        texts["checksum"] = json.dumps(right(texts))
    elif kind == 10:
        texts[r.choice(HASHED)] = "1" * r.choice((4300, 4301, 6000))
        texts["checksum"] = json.dumps(right(texts)) if r.random() < 0.8 else "1" * r.choice((16, 4300, 4301))
    elif kind == 11:
        texts["written_at"] = r.choice(("1" * 5000, "[1,{\"a\":[]}]", "null", "1e400", '"\\ud800"', "{}"))
    elif kind == 12:
        # An earlier value of a key that comes again counts for nothing.
        name = r.choice(COLUMNS)
        return [(name, r.choice(('"old"', "null", "1", "{}"))), *texts.items()]
    elif kind == 13:
        name = r.choice(COLUMNS)
        return [*texts.items(), (name, spelled(v, v.text()))]
    elif kind == 14:
        extra = [(r.choice(("tenant", "é", "", "Actor", "actor ", "details2", "ACTION")), v.value(2)) for _ in range(3)]
        pairs = [*texts.items(), *extra]
        r.shuffle(pairs)
        return pairs
    elif kind == 15:
        if details.strip().startswith("{"):
            texts["details"] = spelled(v, details.replace("1", "2", 1))
    else:
        texts["details"] = spelled(v, r.choice((" ", "\n", "\t\r\n")) + details + r.choice(("", " ", "\n")))
    return list(texts.items())


def right(texts):
    """The checksum that belongs to the texts, or some other if none can be had."""
    try:
        values = {name: json.loads(texts[name]) for name in HASHED}
        if isinstance(values["details"], str):
            values["details"] = json.loads(values["details"])
        return checksum(values)
    except (KeyError, ValueError, RecursionError):
        return "0123456789abcdef"


def element(v, pairs, handwritten=False):
    if not handwritten:
        return "{" + ", ".join(f"{json.dumps(k)}: {t}" for k, t in pairs) + "}"
    v.spaced = True
    w = v.space
    body = ",".join(f"{w()}{spelled(v, k)}{w()}:{w()}{t}{w()}" for k, t in pairs)
    return "{" + body + "}"


def entries(v, count, nasty=True, details_as_text=True, handwritten=False):
    return [element(v, members(v, nasty, details_as_text), handwritten) for _ in range(count)]


def strangers(v, elements, share=0.03):
    """The same with some elements that are no entries at all, never the first."""
    out = []
    for e in elements:
        out.append(e)
        if v.r.random() < share:
            v.spaced = False
            out.append(v.r.choice(("null", "5", '"text"', "[]", "[1,[2]]", "{}", '{"a":{"b":[1]}}', "true", "-0.5e3")))
    return out


# ---- arrays -----------------------------------------------------------------------------------------------

def plain_rows(v, count):
    """Rows as the log's own query returns them, some of them tampered with."""
    rows = []
    for _ in range(count):
        entry = v.entry()
        if v.r.random() < 0.1:
            entry[v.r.choice([n for n in HASHED if n != "details"])] += "x"
        rows.append({name: entry[name] for name in COLUMNS})
    return rows


def with_objects(rows):
    return [dict(row, details=json.loads(row["details"])) for row in rows]


def array_query(v, count):
    return json.dumps(plain_rows(v, count))


def array_objects(v, count):
    return "[" + ", ".join(entries(v, count, details_as_text=False)) + "]"


def array_mode_json(v, count):
    """As the sqlite3 shell's `.mode json` lays it out: one row a line, no spaces, non-ASCII raw."""
    def literal(value):
        return json.dumps(value, ensure_ascii=False)
    rows = ["{" + ",".join(f'"{k}":{literal(x)}' for k, x in row.items()) + "}" for row in plain_rows(v, count)]
    return "[" + ",\n".join(rows) + "]\n"


def array_indented(v, count):
    return json.dumps(with_objects(plain_rows(v, count)), indent=v.r.choice((1, 2, 4, "\t")), ensure_ascii=v.r.random() < 0.5).replace("\n", v.r.choice(("\n", "\r\n"))).encode("utf-8", "replace")


def array_bom(v, count):
    return b"\xef\xbb\xbf" + ("[" + ",\n".join(entries(v, count)) + "]\n").encode()


def array_handwritten(v, count):
    return " \n[\t" + " , ".join(strangers(v, entries(v, count, details_as_text=v.r.random() < 0.5, handwritten=True))) + "\r\n ] \n"


def array_compact(v, count):
    return json.dumps(plain_rows(v, count), separators=(",", ":"), ensure_ascii=False)


def array_bad_bytes(v, count):
    """Bytes that are no UTF-8 inside strings: in hashed fields, in other fields, in keys."""
    out = []
    for e in entries(v, count, nasty=False):
        data = e.encode()
        if v.r.random() < 0.2:
            bad = v.r.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\x80", b"\xf5\x80\x80\x80", b"\xf0\x9f\x98"))
            mark = v.r.choice((b'"actor": "', b'"written_at": "', b'"checksum": "', b'"details": "', b'"', b'"timestamp": "', b'"entry_id": "'))
            data = data.replace(mark, mark + bad, 1)
        out.append(data)
    return b"[" + b",\n".join(out) + b"]"


# ---- wrapped ----------------------------------------------------------------------------------------------

NOISE = '"version": 1, "exported": {"by": "portal", "tags": ["a", "b"], "counts": [1, 2, {"n": 3}], "empty": [], "none": {}}'


def array(v, count):
    return "[" + ", ".join(strangers(v, entries(v, count, details_as_text=v.r.random() < 0.5), 0.01)) + "]"


def wrapped_entries(v, count):
    return '{"entries": ' + array(v, count) + "}"


def wrapped_audit_log(v, count):
    return '{"audit_log":' + array(v, count) + ', "total": ' + str(count) + "}\n"


def wrapped_data_rows(v, count):
    return "{" + NOISE + ', "data": {"count": 3, "rows": ' + array(v, count) + ', "more": false}, "tail": [1, 2, 3]}'


def wrapped_deep(v, count):
    return '{"a": [{"b": [' + array(v, count) + "]}], " + NOISE + "}"


# ---- lines ------------------------------------------------------------------------------------------------

def lines(v, count, **how):
    return [e.replace("\r\n", " ").replace("\n", " ").replace("\r", " ") for e in entries(v, count, **how)]


def jsonl_plain(v, count):
    return "".join(line + "\n" for line in lines(v, count))


def jsonl_objects(v, count):
    return "".join(line + "\n" for line in strangers(v, lines(v, count, details_as_text=False, handwritten=True)))


def jsonl_u2028(v, count):
    out = []
    for row in plain_rows(v, count):
        row["actor"] += v.r.choice("\u2028\u2029\x85")
        row["checksum"] = right({k: json.dumps(x) for k, x in row.items()})
        out.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(out)


def jsonl_blank_crlf(v, count):
    return "".join(line + v.r.choice(("\n", "\r\n", "\n\n", "\n \t\n", "\r\n\r\n")) for line in lines(v, count))


def jsonl_no_final_newline(v, count):
    return "\n".join(lines(v, count))


def jsonl_cut(v, count):
    made = lines(v, count)
    last = element(v, members(v, False, True))
    return "\n".join(made) + "\n" + last[: v.r.randrange(1, len(last) - 1)]


def jsonl_broken_lines(v, count):
    """Lines in the middle that are no JSON: each is judged as an entry that cannot be read."""
    return "".join((broken(v, line) if i and v.r.random() < 0.1 else line) + "\n" for i, line in enumerate(lines(v, count)))


def broken(v, line):
    """Cut at both ends, or only the checksum spoiled."""
    spoiled = v.r.choice((r'"\u00?6"', r'"\x30"', "01", "nul", '"\x1f"', '{"a":}', "1.", "+1"))
    by_checksum = re.sub(r'("checksum"\s*:\s*)("[^"\\]*"|\w+)', lambda m: m[1] + spoiled, line)
    return by_checksum if by_checksum != line and v.r.random() < 0.5 else v.cut(line)[1:] + "#"


def jsonl_bom(v, count):
    return b"\xef\xbb\xbf" + jsonl_plain(v, count).encode()


# ---- sequences --------------------------------------------------------------------------------------------

def sequence_query(v, count):
    """As jq writes the rows of an array."""
    return "".join(json.dumps(row, indent=2, ensure_ascii=False) + "\n" for row in plain_rows(v, count))


def sequence_text(v, count):
    """A JSON text sequence (RFC 7464)."""
    return "".join("\x1e" + json.dumps(row, indent=v.r.choice((None, 1))) + "\n" for row in [*with_objects(plain_rows(v, count)), v.entry()])


def sequence_handwritten(v, count):
    first = json.dumps(plain_rows(v, 1)[0], indent=1)
    rest = entries(v, count - 1, details_as_text=v.r.random() < 0.5, handwritten=True)
    return first + "".join(v.r.choice(("", " ", "\n", "\r\n", "\x1e", "\n\n{}\n")) + e for e in rest)


CONTAINERS = {
    f.__name__: f
    for f in (
        array_query, array_objects, array_mode_json, array_indented, array_bom, array_handwritten, array_compact, array_bad_bytes, wrapped_entries, wrapped_audit_log, wrapped_data_rows, wrapped_deep, jsonl_plain,
        jsonl_objects, jsonl_u2028, jsonl_blank_crlf, jsonl_no_final_newline, jsonl_cut, jsonl_broken_lines, jsonl_bom,
    )
}
SEQUENCES = {f.__name__: f for f in (sequence_query, sequence_text, sequence_handwritten)}


def doubles(v, count):
    """`count` random doubles, a hundred in each entry, spelled in several ways."""
    rows = []
    for _ in range((count + 99) // 100):
        entry = v.entry()
        numbers = []
        for _ in range(100):
            x = v.double()
            numbers.append(v.r.choice((repr(x), repr(x), f"{x:.17g}", f"{x:.16e}", f"{x:.20E}", f"{x:.15e}")))
        # `%.17g` may have written an integer: as a float it needs a point or an exponent.
        numbers = [n if any(c in n for c in ".eE") else n + ".0" for n in numbers]
        entry["details"] = '{"x":[' + ",".join(numbers) + "]}"
        entry["checksum"] = checksum({**entry, "details": json.loads(entry["details"])})
        rows.append(element(v, [(name, json.dumps(entry[name])) for name in COLUMNS]))
    return "".join(row + "\n" for row in rows)


def write(name, v, count, path):
    made = {**CONTAINERS, **SEQUENCES}[name](v, count) if name != "doubles" else doubles(v, count)
    with open(path, "wb") as f:
        f.write(made if isinstance(made, bytes) else made.encode("utf-8"))
