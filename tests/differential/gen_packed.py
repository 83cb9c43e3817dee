"""Random logs, packed as other programs pack them: gzip, zstd, zip, UTF-16 and UTF-32."""

import gzip
import io
import os
import re
import tempfile
import zipfile

import gen_json
import gen_sqlite


def text(v, name, count):
    """The text of a JSON container, which holds no lone surrogate."""
    made = gen_json.CONTAINERS[name](v, count)
    return made.decode("utf-8-sig") if isinstance(made, bytes) else made


def database(v, name, count):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log.db")
        gen_sqlite.CONTAINERS[name](v, count, path)
        with open(path, "rb") as f:
            return f.read()


def cuts(v, data, pieces):
    """`data` in several pieces, cut anywhere."""
    places = sorted(v.r.randrange(len(data) + 1) for _ in range(pieces - 1))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)])]


def gzip_lines(v, count):
    return gzip.compress(text(v, "jsonl_plain", count).encode(), v.r.randrange(10))


def gzip_named(v, count):
    """With a file name and a time in the header, as the command `gzip` writes it."""
    out = io.BytesIO()
    with gzip.GzipFile("audit log.json", "wb", fileobj=out, mtime=1_700_000_000) as f:
        f.write(text(v, "array_query", count).encode())
    return out.getvalue()


def gzip_members(v, count):
    """Several members, the text cut anywhere between them, and zeros behind the last one."""
    pieces = cuts(v, text(v, "jsonl_objects", count).encode(), 7)
    return b"".join(gzip.compress(piece) for piece in pieces) + bytes(v.r.randrange(1000))


def gzip_twice(v, count):
    return gzip.compress(gzip.compress(text(v, "wrapped_data_rows", count).encode()))


def gzip_database(v, count):
    return gzip.compress(database(v, "sqlite_4096_utf16be", count))


def gzip_utf16(v, count):
    return gzip.compress(text(v, "jsonl_plain", count).encode("utf-16"))


def utf16_lines(v, count):
    return text(v, "jsonl_u2028", count).encode("utf-16")


def utf16be_marked(v, count):
    return b"\xfe\xff" + text(v, "array_indented", count).encode("utf-16-be")


def utf16be_plain(v, count):
    return text(v, "array_objects", count).encode("utf-16-be")


def utf16le_plain(v, count):
    return text(v, "array_query", count).encode("utf-16-le")


def utf32_lines(v, count):
    return text(v, "jsonl_objects", count).encode("utf-32")


def utf32be_plain(v, count):
    return text(v, "wrapped_entries", count).encode("utf-32-be")


def in_string(line, at):
    """Whether a character put there lies in a string: elsewhere it costs CPython the line, and us a field at most."""
    return at <= 2 or re.sub(r"\\.", "", line[:at]).count('"') % 2 == 1


def utf16_surrogates(v, count):
    """Surrogates without their other half, in some entries; Python's codec raises for the whole file."""
    out = []
    for line in text(v, "jsonl_plain", count).split("\n"):
        if line and out and v.r.random() < 0.1:
            at = v.r.randrange(2, len(line))
            while "\\" in line[max(0, at - 6) : at] or not in_string(line, at):  # and not within an escape
                at -= 1
            line = line[:at] + v.r.choice("\ud800\udbff\udc00\udfff") + line[at:]
        out.append(line)
    return re.sub("[\ud800-\udbff](?=[\udc00-\udfff])", "", "\n".join(out)).encode("utf-16", "surrogatepass")


def frame(data):
    """A zstd frame of raw blocks: Python has no encoder before 3.14."""
    out = [b"\x28\xb5\x2f\xfd\xa0", len(data).to_bytes(4, "little")]
    blocks = [data[i : i + 100_000] for i in range(0, len(data), 100_000)] or [b""]
    for i, block in enumerate(blocks):
        out.append((len(block) << 3 | (i + 1 == len(blocks))).to_bytes(3, "little") + block)
    return b"".join(out)


def zstd_frames(v, count):
    """Several frames, the text cut anywhere between them, and one to be skipped."""
    frames = [frame(piece) for piece in cuts(v, text(v, "jsonl_plain", count).encode(), 5)]
    frames.insert(2, b"\x5a\x2a\x4d\x18" + (11).to_bytes(4, "little") + b"hello world")
    return b"".join(frames)


def zip_mixed(v, count):
    """Members of several kinds, packed in several ways; written to a stream, so that sizes stand behind the data."""

    class Stream(io.RawIOBase):
        def __init__(self):
            self.data = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.data += data
            return len(data)

    share = max(8, count // 4)
    out = Stream()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", "This is no log.\n")
        archive.mkdir("logs")
        archive.writestr("logs/1.jsonl", text(v, "jsonl_plain", share))
        archive.writestr("logs/2.json", text(v, "array_query", share), zipfile.ZIP_STORED)
        archive.writestr("logs/3.db", database(v, "sqlite_512", share))
        with archive.open(zipfile.ZipInfo("logs/4.jsonl.gz"), "w", force_zip64=True) as f:
            f.write(gzip.compress(text(v, "jsonl_objects", share).encode("utf-16")))
    return bytes(out.data)


CONTAINERS = {
    f.__name__: f
    for f in (
        gzip_lines, gzip_named, gzip_members, gzip_twice, gzip_database, gzip_utf16, utf16_lines, utf16be_marked,
        utf16be_plain, utf16le_plain, utf32_lines, utf32be_plain, utf16_surrogates, zstd_frames, zip_mixed,
    )
}


def write(name, v, count, path):
    with open(path, "wb") as f:
        f.write(CONTAINERS[name](v, count))
