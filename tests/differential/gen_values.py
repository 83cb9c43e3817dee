"""Random values for the generator: text, JSON texts and whole entries, most of them good, many of them nasty."""

import hashlib
import json
import math
import random
import struct

HASHED = ("timestamp", "entry_id", "event_type", "actor", "resource_type", "resource_id", "action", "details")
EVENT_TYPES = ("data_access", "model_training", "model_evaluation", "model_promotion", "model_deployment", "inference_request", "inference_response", "configuration_change")
ACTORS = ("user_017", "serving-gateway", "Zoë Müller", "山田太郎", "ops🚀", "O'Brien \"ob\"", "анна", "a\\b", "")
ODD = "\x00\x01\x08\t\n\x0b\x0c\r\x1b\x1f\"\\/'<>&~\x7f\x80\x85\xa0é\xad\u0301\u0660\u200d\u2028\u2029\u3000山\ud7ff\ue000\ufdd0\ufeff\ufffd\ufffe\uffff𐀀😀\U0010ffff"


class Values:
    """Everything random comes from one seeded source."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.clock = 0

    # -- text -----------------------------------------------------------------------------------------------

    def odd_text(self, longest=12):
        r = self.r
        return "".join(r.choice(ODD) if r.random() < 0.5 else r.choice("abcXYZ019 _-.") for _ in range(r.randrange(longest)))

    def text(self):
        r = self.r
        dice = r.random()
        if dice < 0.75:
            return r.choice(ACTORS)
        if dice < 0.97:
            return self.odd_text()
        return self.odd_text(3) * r.randrange(1, 400)

    # -- JSON texts -----------------------------------------------------------------------------------------

    def double(self):
        """Any finite double, all bit patterns alike."""
        while True:
            x = struct.unpack("<d", self.r.getrandbits(64).to_bytes(8, "little"))[0]
            if math.isfinite(x):
                return x

    def number(self):
        r = self.r
        dice = r.randrange(14)
        if dice == 0:
            return str(r.randrange(-50, 1000))
        if dice == 1:
            return str(r.getrandbits(r.choice((31, 53, 54, 63, 64, 65, 128, 900))) * r.choice((1, -1)))
        if dice == 2:
            return repr(self.double())
        if dice == 3:
            return f"{self.double():.{r.randrange(0, 26)}{r.choice('eE')}}"
        if dice == 4:
            return repr(r.random())
        if dice == 5:
            return repr(r.gauss(0, 1) * 10 ** r.randrange(-20, 20))
        if dice == 6:
            return repr(float(r.randrange(10 ** r.randrange(1, 18))))
        if dice == 7:
            return r.choice(("-0", "-0.0", "0.0", "0e7", "-0E-3", "1.0", "1.50", "100.0", "1e2", "1E+2", "1e16", "1e15", "9999999999999999.0", "1e-4", "1e-5", "0.00001", "5e-324", "2e-324", "1e23", "1e22", "1e400", "-1e400", "1e-400", "1e99999999999"))
        if dice == 8:
            return r.choice(("NaN", "Infinity", "-Infinity"))
        if dice == 9:  # a decimal close to the middle between two doubles
            x = abs(self.double())
            mantissa, exponent = f"{x:.17e}".split("e")
            return f"{mantissa}{r.choice(('5', '50000000000000000000000001', '49999999999999999999999999', '0'))}e{exponent}"
        if dice == 10:
            return f"{r.randrange(10 ** r.randrange(1, 25))}.{r.randrange(10 ** 12):012}"
        if dice == 11:
            return f"0.{'0' * r.randrange(12)}{r.randrange(1, 10 ** 9)}"
        if dice == 12:
            return f"{r.randrange(1, 10 ** 20)}e{r.randrange(-345, 330)}"
        return repr(round(r.uniform(0, 1), r.randrange(1, 6)))

    def string(self):
        r = self.r
        if r.random() < 0.5:
            return '"' + "".join(r.choice("abcdefgh_ -") for _ in range(r.randrange(14))) + '"'
        out = []
        for _ in range(r.randrange(14)):
            dice = r.random()
            if dice < 0.4:
                out.append(r.choice("abcdefghijklmnop "))
            elif dice < 0.55:
                out.append(r.choice(("\\n", "\\t", "\\r", "\\b", "\\f", "\\\\", "\\/", '\\"', "\\u0000", "\\u001F", "\\u007f", "\\u0041", "\\u005C", "\\u0022")))
            elif dice < 0.75:
                out.append(r.choice("\x7f\x80\x85é\u2028\u2029山\ue000\ufeff\ufffe\uffff😀𐀀\U0010ffff/<'"))
            elif dice < 0.9:
                out.append(f"\\u{r.choice((0xD800, 0xD83D, 0xDBFF, 0xDC00, 0xDE00, 0xDFFF)):{r.choice(('04x', '04X'))}}")
            else:
                out.append(f"\\u{r.randrange(65536):04x}")
        return '"' + "".join(out) + '"'

    def space(self):
        return self.r.choice(("", "", "", "", " ", " ", "  ", "\n", "\t", "\r\n ")) if self.spaced else ""

    def value(self, depth):
        """The text of any JSON value."""
        r = self.r
        dice = r.random()
        if depth <= 0 or dice < 0.6:
            return r.choice((self.number, self.number, self.string, lambda: r.choice(("null", "true", "false"))))()
        if dice < 0.78:
            return "[" + ",".join(self.space() + self.value(depth - 1) + self.space() for _ in range(r.randrange(5))) + "]"
        return self.object(depth)

    def object(self, depth):
        r = self.r
        names = ("score", "group", "latency_ms", "a", "b", "é", "\\u00e9", "😀", "\\ud83d\\ude00", "\\ud800", "\ue000", "\\ue000", "\uffff", "", "10", "9", "A", "__proto__", "a\\u0000", "\\n")
        keys = [f'"{r.choice(names)}"' if r.random() < 0.8 else self.string() for _ in range(r.randrange(7))]
        body = ",".join(f"{self.space()}{k}{self.space()}:{self.space()}{self.value(depth - 1)}{self.space()}" for k in keys)
        return "{" + (body or self.space()) + "}"

    def details(self):
        """The JSON text of an entry's details: usually an object, written by hand as often as not."""
        r = self.r
        self.spaced = r.random() < 0.4
        dice = r.random()
        if dice < 0.35:
            return json.dumps({"score": r.random(), "latency_ms": round(r.gauss(40, 9), 3), "group": r.choice("ABCD"), "n": r.getrandbits(70), "who": r.choice(ACTORS)})
        if dice < 0.93:
            return self.space() + self.object(r.randrange(1, 5)) + self.space()
        if dice < 0.97:
            return self.space() + self.value(2) + self.space()
        if dice < 0.985:
            depth = r.choice((5, 40, 200, 430, 460))
            return r.choice(("[" * depth + "]" * depth, '{"a":' * depth + "1.0" + "}" * depth))
        if dice < 0.995:
            return json.dumps({"blob": "x" * r.choice((500, 3000, 9000)), "é": [0.1] * 50})
        return "1" * r.choice((4299, 4300)) if r.random() < 0.5 else '{"deep":' + "[" * 1300 + "]" * 1300 + "}"

    def broken_details(self):
        """A text that json.loads refuses (nearly always)."""
        r = self.r
        return r.choice((
            lambda: "", lambda: " ", lambda: "{'a':1}", lambda: "{\"a\":1,}", lambda: "nul", lambda: "\ufeff{}", lambda: "1" * 4301, lambda: '{"n":' + "9" * 5000 + ',"n":1}', lambda: "{} {}",
            lambda: "[1 2]", lambda: '"\\x"', lambda: '"\x01"', lambda: "01", lambda: "1.", lambda: "+1", lambda: '{"a" 1}', lambda: "[" * 2000, lambda: '{"a":"' + "é" * 9,
            lambda: self.cut(self.details()),
        ))()

    def cut(self, text):
        return text[: self.r.randrange(len(text))] if text else text

    # -- entries --------------------------------------------------------------------------------------------

    def timestamp(self):
        self.clock += self.r.randrange(1, 10 ** 8)
        c = self.clock
        text = f"2024-{1 + c // 10 ** 12 % 12:02}-{1 + c // 10 ** 10 % 28:02}T{c // 10 ** 9 % 24:02}:{c // 10 ** 7 % 60:02}:{c // 10 ** 6 % 60:02}.{c % 10 ** 6:06}"
        dice = self.r.random()
        return text + ("Z" if dice < 0.03 else "+02:00" if dice < 0.06 else "")

    def entry(self):
        """A good entry: names to text, details as JSON text, and the checksum that belongs to it."""
        r = self.r
        h = f"{r.getrandbits(128):032x}"
        entry = {
            "timestamp": self.timestamp() if r.random() < 0.97 else self.text(),
            "entry_id": f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}" if r.random() < 0.97 else self.text() + h[:6],
            "event_type": r.choice(EVENT_TYPES) if r.random() < 0.95 else self.text(),
            "actor": self.text(),
            "resource_type": r.choice(("model", "dataset", "configuration")),
            "resource_id": f"credit-risk:{r.randrange(3)}.{r.randrange(9)}" if r.random() < 0.9 else self.text(),
            "action": r.choice(("predict", "read", "train", "deploy")),
            "details": self.details(),
        }
        entry["checksum"] = checksum({**entry, "details": json.loads(entry["details"])})
        entry["written_at"] = entry["timestamp"]
        return entry

    def wrong_checksum(self, right):
        """Text, None, bytes or a number where the checksum should be."""
        r = self.r
        return r.choice((
            lambda: right.upper() if right.upper() != right else right[::-1], lambda: right + " ", lambda: " " + right, lambda: right + "\n", lambda: "", lambda: right[:15], lambda: right + "0",
            lambda: hashlib.sha256(right.encode()).hexdigest(), lambda: f"{r.getrandbits(64):016x}", lambda: None, lambda: right.encode(), lambda: r.getrandbits(50), lambda: 0.5, lambda: "é" + right[1:],
            lambda: "０" + right[1:], lambda: right + "\x00",
        ))()


def checksum(values):
    """Of eight Python values by name."""
    text = json.dumps({name: values[name] for name in HASHED}, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
