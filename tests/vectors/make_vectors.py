#!/usr/bin/env python3
"""Makes the canonical-form vectors in this folder: `python3.11 make_vectors.py`.

What CPython does is the definition of the canonical form, so nothing here computes an expected value by
itself: each line holds what `json.loads` and `json.dumps(…, sort_keys=True)` of the running interpreter did.
The first line of each file names that interpreter. README.md describes the files.

The limits that belong to a process rather than to the format are left at their defaults: 4300 digits in an
integer, 1000 frames of recursion (inputs that would reach it are left out).
"""

import hashlib
import json
import math
import os
import platform
import random
import struct
import sys
from decimal import Decimal, getcontext

HERE = os.path.dirname(os.path.abspath(__file__))
getcontext().prec = 2000


# ---- what CPython does ------------------------------------------------------------------------------------

def judged(data):
    """`data` is text or bytes; the members of a vector that say what became of it."""
    try:
        value = json.loads(data)
    except RecursionError:
        return None
    except ValueError as e:  # JSONDecodeError and UnicodeDecodeError among them
        return {"error": type(e).__name__, "message": str(e)}
    canonical = json.dumps(value, sort_keys=True)
    return {"canonical": canonical.encode("ascii").hex()}


# ---- numbers ----------------------------------------------------------------------------------------------

def double(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def exact(x):
    """The decimal expansion of a double, all digits of it, in positional notation."""
    text = format(Decimal(x), "f")
    return text if "." in text else text + ".0"


def floats(r):
    for text in (
        "-0.0 -0e0 0e5 0.0 0E+0 0E-0 -0E-99 1.10 100.0 1e2 1E2 1e+2 1e02 1e002 1e-02 10e-1 100e-2 1e15 1e16 1e17 "
        "9999999999999998.0 9999999999999999.0 12345678901234567.0 123456789012345680.0 1e21 1e22 1e23 1e100 0.0001 "
        "0.00012345 0.00001 1e-5 1.5e-5 0.000001 1e-7 1e-10 1e-99 1e-100 1e99 5e-324 4.9e-324 3e-324 "
        "2.4703282292062328e-324 2.4703282292062327e-324 2e-324 -2e-324 -1e-400 2.2250738585072014e-308 "
        "2.2250738585072011e-308 2.2250738585072012e-308 2.225073858507201e-308 1.7976931348623157e308 "
        "1.7976931348623158e308 1.7976931348623159e308 -1.7976931348623159e308 1e309 1e400 -1e400 1e999999999999 "
        "-1e999999999999 0e999999999999 -0e999999999999 1e-999999999999 1e99999999999999999999999999 "
        "1e-99999999999999999999999999 0.0e-99999999999999999999999999 0.1 0.2 0.3 0.30000000000000004 "
        "0.1000000000000000055511151231257827 9007199254740991.0 9007199254740992.0 9007199254740993.0 "
        "9007199254740993.00001 9007199254740994.0 9007199254740995.0 2.5 1e0 1.0 1.00000000000000011102230246251565404 "
        "1.00000000000000011102230246251565405 1.00000000000000011102230246251565403 0.5 0.25 123.456 1e-4 9.999e-5 "
        "99999999999999.99 999999999999999.9 9999999999999999.9 0.00009999999999999999 0.000099999999999999991 "
        "1.0e+16 1.0E+0016 5e-1 179769313486231570000000000000000000000.0 4.35 0.000035 8.41e21 2.0919495182368195e19 "
        "9.5e-3 1.9400994884341945e25 3.6131332396758635e25 2.5138990223946153e25 1.8014398509481985e16 6.631236846766476e-316 "
        "3.237883913302901e-319 1.2e-322 3.5844466002796428e298 6.9294956446009195e15 1e-323 1.5e-323 0.1e1 00.1e1"
    ).split():
        yield text
    for e in range(-345, 325):
        if e < -325 or e > 305 or e % 3 == 0 or -8 <= e <= 24:
            yield f"1e{e}"
    for e in range(-330, 312, 7):
        yield f"{r.choice('123456789')}.{r.randrange(10 ** 5)}E{e:+}"
    for e in list(range(-1074, 1024, 41)) + [-1074, -1073, -1023, -1022, -1021, -1, 0, 1, 52, 53, 54, 62, 63, 64, 1023]:
        x = math.ldexp(1.0, e)
        yield repr(x)
        yield f"-{x:.17e}"
    for x in (1e-5, 1e-4, 1e15, 1e16, 1e17, 1e22, 1e23, 2.0 ** 53, 2.0 ** -1022, 5e-324, sys.float_info.max, 1.0, 0.1):
        for step in (-2, -1, 0, 1, 2):
            y = double(bits(x) + step) if 0 <= bits(x) + step < 0x7FF0000000000000 else x
            yield f"{y:.17g}" if "." in f"{y:.17g}" or "e" in f"{y:.17g}" else f"{y:.17g}.0"
            yield f"{y:.20e}"
    # The exact midpoint of two neighbouring doubles, and one digit to either side of it.
    for _ in range(60):
        b = r.getrandbits(63) % 0x7FEFFFFFFFFFFFFF
        if abs((b >> 52) - 1023) > 180 and r.random() < 0.8:
            b = (r.randrange(1023 - 170, 1023 + 170) << 52) | (b & ((1 << 52) - 1))
        middle = format((Decimal(double(b)) + Decimal(double(b + 1))) / 2, "f")
        middle = middle if "." in middle else middle + ".0"
        yield middle
        yield middle + "0" * r.randrange(1, 40) + "1"
        last = middle.rstrip("0")
        if last[-1] in "123456789":
            yield last[:-1] + chr(ord(last[-1]) - 1) + "9" * 30
    for _ in range(12):  # the same among the subnormals
        b = r.randrange(1, 1 << r.randrange(2, 52))
        yield format((Decimal(double(b)) + Decimal(double(b + 1))) / 2, "f")
    for x in (5e-324, 2.2250738585072014e-308, sys.float_info.max, 0.1, 1 / 3, 1e23, 2.0 ** 1000):
        yield exact(x)
        yield exact(x) + "0000001"
    for _ in range(260):
        x = double(r.getrandbits(64))
        if math.isfinite(x):
            yield repr(x) if r.random() < 0.5 else f"{x:.{r.randrange(12, 25)}e}"
    for _ in range(160):
        digits = r.randrange(1, 45)
        whole = str(r.randrange(10 ** r.randrange(1, digits + 1)))
        part = "".join(r.choice("0123456789") for _ in range(digits))
        tail = r.choice(["", f"e{r.randrange(-340, 330)}", f"E+{r.randrange(40):02}", f"e-{r.randrange(40):03}"])
        yield r.choice(["", "-"]) + whole + "." + part + tail
    yield "0." + "1" * 5000
    yield "1" * 4301 + ".0"
    yield "1" * 4301 + "e0"
    yield "1" * 300 + "." + "7" * 900
    yield "0." + "0" * 400 + "1e400"
    yield "0." + "0" * 1000 + "123456789e1000"
    yield "1" + "0" * 600 + "e-600"
    yield "1" + "0" * 600 + ".0e-590"
    yield "3" * 800 + "e-790"
    yield "9" * 309 + ".0"
    yield "9" * 308 + ".0"


def integers(r):
    yield from ("0", "-0", "1", "-1", "10", "[0,-1,10]", "9007199254740993", "-9007199254740993", "12345678901234567890",
                "12345678901234567890123456789012345678901234567890", "[1,1.0,1e0,true]", "18446744073709551616",
                "-9223372036854775809", "9223372036854775807", "9223372036854775808", "1000000000000000000000000")
    for n in (1, 2, 9, 15, 16, 17, 18, 19, 20, 21, 38, 100, 307, 308, 309, 310, 1000, 4299, 4300):
        digits = r.choice("123456789") + "".join(r.choice("0123456789") for _ in range(n - 1))
        yield digits
        yield "-" + digits
    long = "1" * 4301
    yield from (long, "-" + long, "1" * 5000, f"[{long}]", f'{{"a":{long}}}', f'{{"a":{long},"a":1}}', f"[{long},x]", f"[x,{long}]",
                f"[{long}", f"[1,{'9' * 4300},2]", f"-{'9' * 4300}", f"[{long}.0,{long}e-4300]", f"[{long}e]", f"[{long}.]", f"\n {long} ")


def number_errors():
    yield from ("01", "-01", "00", "-00", "1.", ".5", "-.5", "+1", "1e", "1e+", "1e-", "1.e5", "1.5e", "1.5e+", "-", "--1", "- 1", "0x10", "0b1",
                "0o7", "1_000", "1,5", "1f", "1L", "1n", "1\u0662", "\u0661", "1e\u0665", "1.\u0665", "\uff11", "1.2.3", "1e5.5", "1ee5", "1e+-5", "0.e1", "-e1", "e1", "-a",
                "[-]", "[1.]", "[1e]", "[01]", "[-01]", "[+1]", "[.5]", "[1 .5]", "[1. 5]", "[- 1]", '{"a":-}', '{"a":1.}', '{"a":01}', '{"a":1e}', '{"a":.1}', "1.0.", "0.0.0", "0-", "0-0", "1-1", "1+1")
    yield from ("NaN", "Infinity", "-Infinity", "[NaN,-Infinity]", '{"a":NaN}', "-NaN", "+Infinity", "+NaN", "nan", "inf", "Inf", "INFINITY", "NaNx", "NaN1", "NaNNaN",
                "- Infinity", "-Infinit", "-Infinity1", "Infinit", "InfinityInfinity", "-I", "I", "N", "Na", "-N", "[NaN", "[-Infinity", "[Na]", "[Infinity ,NaN ]",
                "-Inf", "-infinity", "NAN", "[Infinityx]", '{"NaN":NaN,"Infinity":Infinity,"-":-Infinity}', "1Infinity", "--Infinity")


# ---- text -------------------------------------------------------------------------------------------------

def strings(r):
    yield from (r'"\u00e9é"', r'"\uD83D\uDE00😀"', r'"\ud800"', r'"\udc00\ud800"', r'"\ud83d\u0041"', r'"\ud83d\ud83d\ude00"', r'"\ud83dx\ude00"',
                r'"\ud83d\n"', r'"\/"', '"/"', r'"\u0000\u001f\u007f\b\f\n\r\t\"\\"', '"\x7f\u2028\u2029\x80\x85\xa0\ufeff\ufffe\uffff"', "\"<>&'`\"",
                r'"\u0022\u005C\u002F\u0008\u000A"', '"\\x0a"', r'"\\x0a"', "'a'", '"abc', '"\\"', '"', '""', '"a" "b"', '"\\', '"\\u', '"\\u1', '"\\u12', '"\\u123',
                '"\\u1234', r'"\u12G4"', r'"\u12"', r'"\u 123"', r'"\u+123"', r'"\u-123"', r'"\u1_23"', '"\\u\uff10\uff11\uff12\uff13"', r'"\U00000041"', r'"\u{41}"',
                r'"\ud83d\u"', r'"\ud83d\u12"', r'"\ud83d\uZZZZ"', r'"\ud83d\ude0"', r'"\ud83d\ude0G"', r'"\ud83d\\ude00"', r'"\ud83d\ "', r'"\ud83d\\"', r'"\ud83d\""', '"\\ud83d', '"\\ud83d\\', '"\\ud83d\\u',
                '"\\ud83d\\ude', r'"\uD800\uDBFF\uDC00\uDFFF"', r'"\udbff\udfff\ud800\udc00\udbff\udc00\ud800\udfff"', r'"\uABCD\uabcd\uAbCd"', r'"\ufffe\uffff\ufeff"',
                '"\ufeff"', '"a\ufeffb"', '"\u00df\u017f\u0130\u0131"', '"e\u0301\u00e9"', '"\U0001f468\u200d\U0001f469\u200d\U0001f467"', r'"\\u0041"', r'"\\\u0041"', r'"\\\\u0041"')
    for c in range(0x20):
        yield f'"{chr(c)}"'
        yield f'"ab{chr(c)}c"'
        yield f'"\\{chr(c)}"'
        yield f'"\\u{c:04x}"'
    for c in range(0x20, 0x80):
        yield f'"{chr(c)}"'
        yield f'"\\{chr(c)}"'
        yield f'"x\\{chr(c)}1234y"'
    for c in (0x80, 0x9F, 0xA0, 0xFF, 0x100, 0x7FF, 0x800, 0xFFF, 0x1000, 0xD7FF, 0xE000, 0xFDD0, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10FFFF, 0x1F600, 0x2028, 0x2029, 0xFEFF):
        yield f'"{chr(c)}"'
        yield f'"a{chr(c) * 3}z"'
        if c < 0x10000:
            yield f'"\\u{c:04X}"'
    for c in (0xD800, 0xDBFF, 0xDC00, 0xDFFF):
        for d in (0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000, 0x41):
            yield f'"\\u{c:04x}\\u{d:04X}"'
            yield f'{{"\\u{c:04x}\\u{d:04X}":1,"\\u{d:04x}":2,"\\u{c:04x}":3}}'
    for position in range(4):
        for wrong in "gG_ +-.\"\\\u0660é":
            digits = list("12aF")
            digits[position] = wrong
            yield '"ab\\u' + "".join(digits) + 'cd"'
    for n in (1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000):
        yield '"' + "a" * n + '"'
        yield '"' + "a" * n + '\\n"'
        yield '"' + "a" * n + 'é"'
        yield '"' + "a" * n + '\t"'
        yield '"' + "a" * n
    for _ in range(120):
        yield '"' + "".join(piece(r) for _ in range(r.randrange(1, 30))) + '"'


def piece(r):
    dice = r.random()
    if dice < 0.3:
        return r.choice("abcdefghijklmnopqrstuvwxyz ABC/<&~'")
    if dice < 0.45:
        return r.choice(("\\n", "\\t", "\\\\", "\\/", "\\\"", "\\b", "\\f", "\\r", "\\u0000", "\\u001F", "\\u007f"))
    if dice < 0.65:
        return r.choice(("é", "\u2028", "\x7f", "山", "\ufeff", "\uffff", "\ue000", "😀", "𐀀", "\U0010ffff", "\x85"))
    if dice < 0.85:
        return f"\\u{r.choice((0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xD83D, 0xDE00)):{r.choice(('04x', '04X'))}}"
    return f"\\u{r.randrange(0x10000):04x}"


# ---- structure --------------------------------------------------------------------------------------------

def structure(r):
    yield from ('{"a":1,"a":2}', r'{"a":1,"b":0,"\u0061":3}', '{"a":{"x":1},"a":{"y":2}}', '{"__proto__":{"x":1},"constructor":2}', '{"10":1,"9":2,"1":3}', '{"":1}', "{}", "[]",
                '{"a":{},"b":[]}', '[3,1,{"b":1,"a":[]}]', '{"b":{"d":1,"c":{"z":1,"y":2}},"a":0}', '{"B":1,"a":2,"A":3,"_":4,"~":5," ":6}', r'{"aa":1,"a":2,"a ":3,"a\u0000":4}',
                r'{"\ud83d\ude00":1,"\uffff":2,"\ue000":3,"z":4}', r'{"𐀀":1,"\ufffd":2}', r'{"\ud800":1,"\ud800\udc00":2,"\udfff":3,"\ue000":4}', r'{"\ud800x":1,"\ud800":2,"\ud800\u0000":3}',
                r'{"é":1,"e\u0301":2,"f":3}', '{"a":[1,{"b":null}],"c":true,"d":false}', '[[],[[]],[[],[]]]', '[{},{"a":{}},[{}]]', '[1, 2,3 ,4 , 5]', '[null,true,false]',
                '{"a":1,"b":2,"a":3,"b":4,"c":5,"a":{"a":1,"a":2}}', '{"a":[1,2],"a":null,"a":"x"}', '{"a":{"b":{"c":1}},"a":{"b":{"d":2}}}', '{"":{"":{"":0}}}', '{"\\u0000":1,"":2,"\\u0001":3}',
                '{"\\n":1,"\\t":2,"!":3,"\\"":4,"#":5,"\\\\":6,"]":7,"[":8}', '{"é":1,"z":2,"Z":3,"É":4,"ê":5}', '{"ab":1,"a":2,"abc":3,"b":4,"":5}', '[[1,2],{"b":[3],"a":[4]}]')
    yield from ("[1, 2]", '"text"', "5", "-0.0", "null", "true", "false", "NaN", "{}", "[null]")
    for ws in ("", " ", "\t", "\n", "\r", " \t\n\r"):
        yield f'{ws}{{{ws}"a"{ws}:{ws}1{ws},{ws}"b"{ws}:{ws}[{ws}]{ws},{ws}"c"{ws}:{ws}{{{ws}}}{ws}}}{ws}'
        yield f"{ws}[{ws}1{ws},{ws}null{ws},{ws}[{ws}2{ws}]{ws}]{ws}"
        yield f"{ws}true{ws}"
        yield f"{ws}1{ws}"
        yield ws
    keys = ("a", "\\u0061", "b", "\\ud800", "\\ud83d\\ude00", "😀", "\\ue000", "\ue000", "\\uffff", "\U0010ffff", "\\udc00", "", "a\\u0000", "é", "e\u0301", "z", "10", "9", "\\n", "A", "\x7f", "~")
    for _ in range(110):
        chosen = [r.choice(keys) + r.choice(("", "", "x", "\\ud83d", "1")) for _ in range(r.randrange(2, 14))]
        yield "{" + ",".join(f'"{k}":{i}' for i, k in enumerate(chosen)) + "}"
    for n in (50, 200, 700):
        names = [f"k{r.randrange(n * 2)}" for _ in range(n)]
        yield "{" + ", ".join(f'"{k}": {i}' for i, k in enumerate(names)) + "}"
    for depth in (1, 2, 3, 10, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 200, 255, 256, 257, 300, 400):
        yield "[" * depth + "]" * depth
        yield '{"a":' * depth + "1" + "}" * depth
        yield '[{"a":' * (depth // 2) + "0.5" + "}]" * (depth // 2)
        yield "[" * depth + "1" + "]" * (depth - 1)
        yield "[" * depth + "]" * (depth + 1)
        yield '{"b":1,"a":{"z":[' * (depth // 3) + "]},\"c\":2}" * (depth // 3)
    for _ in range(120):
        yield document(r, 4)


def document(r, depth):
    w = lambda: r.choice(("", "", "", " ", "  ", "\n", "\r\n", "\t"))
    dice = r.random()
    if depth == 0 or dice < 0.35:
        return w() + r.choice((
            "null", "true", "false", "0", "-0", "-0.0", "1.0", "1e5", "1E400", "NaN", "-Infinity", str(r.getrandbits(90)), repr(r.random()), repr(r.gauss(0, 1) * 10 ** r.randrange(-20, 20)),
            '"' + "".join(piece(r) for _ in range(r.randrange(0, 8))) + '"',
        )) + w()
    if dice < 0.6:
        return w() + "[" + ",".join(document(r, depth - 1) for _ in range(r.randrange(0, 5))) + ("" if r.random() < 0.9 else w()) + "]" + w()
    member = lambda: w() + '"' + "".join(piece(r) for _ in range(r.randrange(0, 3))) + '"' + w() + ":" + document(r, depth - 1)
    members = [member() for _ in range(r.randrange(0, 6))]
    return w() + "{" + ",".join(members) + "}" + w()


def syntax_errors(r):
    yield from ("", "   ", "\n\n", "\x0b1", "\x0c1", "\xa01", "\u20281", "1\u3000", "\u30001", "True", "NULL", "nul", "tru", "fals", "falsee", "nulll", "truetrue", "undefined", "[1,]", "[,1]", "[,]", '{"a":1,}', "{,}", "{a:1}",
                "{1:2}", "{'a':1}", '{"a" 1}', '{"a":}', "[1 2]", "{}{}", "[] x", "1 2", "// c\n1", "/**/1", "#1", "\ufeff{}", "\ufeff", "\ufeff 1", " \ufeff1", "[\ufeff]", "{}\ufeff", "1\x00", "\x00", "\x001", "[1\x00]",
                "[", "{", "]", "}", "[[", "[{", "{[", '{"', '{"a', '{"a"', '{"a":', '{"a": ', '{"a":1', '{"a":1 ', '{"a":1,', '{"a":1, ', '{"a":1,"', '{"a":1,"b"', '{"a":1 "b":2}', '{"a":1;"b":2}', "[1", "[1 ", "[1,", "[1, ", "[1;2]", "[1}",
                '{"a":1]', "[1,,2]", '{"a":1,,"b":2}', '{"a"::1}', '{"a":1:2}', "{:1}", '{"a"}', '{"a","b"}', '{null:1}', '{true:1}', '{[]:1}', '{{}:1}', '{"a":1}}', "[1]]", "[1],", ",", ":", "'", "-", "+", "*", "&", "<xml/>",
                "[1,\n2,\n,3]", '{\n "a": 1,\n "b": \n}', '{\n "a": 1\n "b": 2\n}', '{"a":"\n"}', "[\r1,\r2,\rx]", "[\r\n1,\r\nx]", "[\u2028]", '["\u2028\u2028",x]', '["é😀",\n"山",x]', "\n\n  x", "[\n\n\n1 1]", '{"é":1,\n"😀":2,\n3}',
                "[\"😀😀😀\" 1]", "[\"\\ud83d\\ude00\" 1]", "[tru]", "[nul,1]", '{"a":fals}', "[1,2,3", '["a', '["a"', '["a",', '["a" "b"]', '{"a":[1,2}', '[{"a":1]', '{"a":{"b":[{"c":x}]}}', "[nan]", "[None]", '{"a":None}', '{"a":True}', '{"a": \'b\'}',
                '{"a":1}\n{"b":2}', '{"a":1}\n\n x', "null null", '"a"b', '"a"1', 'true1', "1true", "[1true]", '{"a"\n:\nx}', '{"a":1\n,\n}', '{"a":1 , }', "{ }x", "[ ]x", "{\n\n}\n\nx")
    documents = ('{"a": [1, 2.5e3, "x\\u00e9y", null], "b": {"c": true, "d": -0.0}}', '[{"k":"\\ud83d\\ude00","n":NaN},\n [false, -Infinity],\n "tail"]')
    for text in documents:
        for n in range(len(text)):
            yield text[:n]
    letters = '{}[]",:\\ntrufalsNI-+.0159eE \n\t\x00\x1fé😀u'
    for _ in range(420):
        text = document(r, 3)
        for _ in range(r.randrange(1, 3)):
            at = r.randrange(len(text) + 1)
            how = r.random()
            if how < 0.4:
                text = text[:at] + r.choice(letters) + text[at:]
            elif how < 0.7:
                text = text[:at] + text[at + 1:]
            else:
                text = text[:at] + r.choice(letters) + text[at + 1:]
        if len(text) < 600:
            yield text


# ---- bytes ------------------------------------------------------------------------------------------------

CODECS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


def byte_inputs(r):
    texts = ("{}", "[]", "1", "12", '""', "[1]", '{"a": 1}', "1.5e3", '"é"', '"😀山"', '{"😀": 1, "\ue000": 2, "é": NaN}', "null", "", " ", "x", '{"a":', '"\ufeff"', '"\\ud800"', '"a\u0100b"', '"\u0000"', '[1,\n x]', "\ufeff1")
    for text in texts:
        for codec in CODECS:
            yield text.encode(codec)
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        yield mark
        yield mark + b"1"
        yield mark + mark + b"1"
        yield mark + b"\x00"
        yield mark + b"1\x00"
        yield mark + b"\x001"
        yield mark + b"\x00\x001"
    surrogate_texts = ('"\ud800"', '"\udfff"', '"a\ud83d\ude00b"', '"\ude00\ud83d"', '{"\ud83d\ude00":1,"\ue000":2}', '{"\ud83d\ude00":1,"😀":2}', '{"\\ud83d\\ude00":1,"\ud83d\ude00":2}', '"\ud83d', '"\ud83d"\ud83d',
                       '"\\ud83d\ude00"', '"\ud83d\\ude00"', '{"\ud800":1,"\\ud800":2}', "\ud800")
    for text in surrogate_texts:
        for codec in CODECS:
            yield text.encode(codec, "surrogatepass")
    bad = (b"\xff", b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xc3(", b"\xe2\x82", b"\xe2(\xac", b"\xe2\x82(", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98", b"\xf0\x9f",
           b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xed\xa0", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xed\xbf\xbf", b"\xed\xc0\x80", b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80", b"\xed", b"\xed\xa0A")
    for b in bad:
        yield b'"' + b + b'"'
        yield b'["ab' + b + b'",1]'
        yield b'"' + b
        yield b
        yield b'{"k":"' + b + b'x' + b + b'"}'
        yield b'[x,"' + b + b'"]'
    for units in ([0xD800], [0xD800, 0x41], [0xDC00, 0xD800], [0xD83D, 0xDE00], [0xD83D, 0xD83D, 0xDE00], [0xFFFE], [0xFEFF], [0xFFFF], [0]):
        for order in "<>":
            body = b"".join(struct.pack(order + "H", u) for u in [0x22, *units, 0x22])
            yield body
            yield (b"\xff\xfe" if order == "<" else b"\xfe\xff") + body
            yield body[:-2]
            yield body[:-1]
            yield body + b"\x00"
    for units in ([0xD800], [0xD83D, 0xDE00], [0x10FFFF], [0x110000], [0xFFFFFFFF], [0xFFFE], [0x80000000], [0x1F600]):
        for order in "<>":
            body = b"".join(struct.pack(order + "I", u) for u in [0x22, *units, 0x22])
            yield body
            yield (b"\xff\xfe\x00\x00" if order == "<" else b"\x00\x00\xfe\xff") + body
            yield body[:-1]
            yield body[:-2]
            yield body[:-4]
    for n in range(6):
        for fill in (b"\x00", b"1", b"1\x00", b"\x001", b"\x00\x00\x001", b"1\x00\x00\x00", b" \x00", b"\x00 "):
            yield (fill * 6)[:n]
    for _ in range(120):
        data = bytearray(document(r, 2).encode(r.choice(CODECS), "surrogatepass")[:200])
        for _ in range(r.randrange(0, 3)):
            if data:
                data[r.randrange(len(data))] = r.choice((0, 0xFF, 0xED, 0xD8, 0xDC, 0x80, 0x22, r.randrange(256)))
        yield bytes(data)


# ---- whole entries ----------------------------------------------------------------------------------------

HASHED = ("timestamp", "entry_id", "event_type", "actor", "resource_type", "resource_id", "action", "details")
PLAIN = {
    "timestamp": '"2024-03-04T18:00:45.227073"', "entry_id": '"d3b5aa83-a2a4-493c-bbb4-aa0e9e24c926"', "event_type": '"inference_response"', "actor": '"Zo\u00eb M\u00fcller"', "resource_type": '"model"',
    "resource_id": '"credit-risk:2.3.0"', "action": '"predict"', "details": '{"score": 1.0, "b": [1e-07, 1e16], "a": {"z": null, "y": "\\u2028"}}',
}
SCALARS = ('""', '"x"', "null", "42", "-0", "-0.0", "1.50", "1e16", "true", "false", "NaN", "[]", "[1, {\"b\": 1, \"a\": 2}]", "{}", '{"b":1,"a":2}', '"山田太郎"', '"\\ud800"', '"a\\u0000b"', '"\\"\\\\"', '"ops🚀"', "123456789012345678901234567890", "1e400")


def entry_texts(r):
    """Entries as hand-written JSON objects, each field a JSON text of its own."""
    yield dict(PLAIN)
    for name in HASHED:
        for value in SCALARS:
            yield dict(PLAIN, **{name: value})
    for _ in range(150):
        entry = {name: (r.choice(SCALARS) if r.random() < 0.15 else '"' + "".join(piece(r) for _ in range(r.randrange(0, 12))) + '"') for name in HASHED}
        details = document(r, 4).strip()
        entry["details"] = json.dumps(details) if r.random() < 0.5 else details
        yield entry


def entry_vector(r, entry):
    names = list(HASHED)
    r.shuffle(names)
    text = "{" + ", ".join(f'"{n}": {entry[n]}' for n in names) + "}"
    value = json.loads(text)
    if isinstance(value["details"], str):
        try:
            value["details"] = json.loads(value["details"])
        except ValueError as e:
            return {"input": text.encode("utf-8").hex(), "error": type(e).__name__, "message": str(e)}
    canonical = json.dumps({n: value[n] for n in HASHED}, sort_keys=True).encode("ascii")
    return {"input": text.encode("utf-8").hex(), "canonical": canonical.hex(), "checksum": hashlib.sha256(canonical).hexdigest()[:16]}


# ---- files ------------------------------------------------------------------------------------------------

def write(name, vectors):
    header = {"made_by": "make_vectors.py", "python": f"{platform.python_implementation()} {platform.python_version()}", "vectors": len(vectors)}
    with open(os.path.join(HERE, name), "w", encoding="ascii", newline="\n") as f:
        for line in [header, *vectors]:
            f.write(json.dumps(line) + "\n")
    errors = sum("error" in v for v in vectors)
    print(f"{name}: {len(vectors)} vectors, {errors} of them rejections")


def collect(groups, encode):
    seen, vectors = set(), []
    for group, inputs in groups:
        for data in inputs:
            if data in seen:
                continue
            seen.add(data)
            outcome = judged(data)
            if outcome is not None:
                vectors.append({"group": group, "input": encode(data).hex(), **outcome})
    return vectors


def main():
    if sys.version_info[:2] != (3, 11):
        print("note: the committed files were made by CPython 3.11; messages differ between versions", file=sys.stderr)
    r = random.Random(311)
    texts = [("float", floats(r)), ("integer", integers(r)), ("number-error", number_errors()), ("string", strings(r)), ("structure", structure(r)), ("syntax-error", syntax_errors(r))]
    write("canonical.jsonl", collect(texts, lambda t: t.encode("utf-8")))
    write("bytes.jsonl", collect([("bytes", byte_inputs(r))], bytes))
    write("entries.jsonl", [entry_vector(r, e) for e in entry_texts(r)])


if __name__ == "__main__":
    main()
