#!/usr/bin/env python3
"""Makes `corpus.jsonl`, the labelled values by which the scan is measured: `make_corpus.py SEED POSITIVES NEGATIVES > FILE`.

Needs Faker 40.63.0, whose values follow the rules of many countries and not those of the detectors; the committed file is
`make_corpus.py 2026 40 2400` (positives for each kind, negatives in all). A line is `{"details": …, "fields": …, "kinds": […]}`:
what an entry holds, and every kind that ought to be named in it. The negatives are mostly hard ones.
"""

import base64
import hashlib
import ipaddress
import json
import random
import re
import string
import sys

from faker import Faker

LOCALES = ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE", "en_IN", "ja_JP"]
IBAN_LOCALES = ["de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "en_GB", "sv_SE", "de_AT", "fi_FI", "no_NO", "de_CH"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.fakers = {}
        for i, locale in enumerate(sorted(set(LOCALES + IBAN_LOCALES))):
            self.fakers[locale] = Faker(locale)
            self.fakers[locale].seed_instance(seed * 100 + i)
        self.en = self.fakers["en_US"]

    def any(self, locales=LOCALES):
        return self.fakers[self.r.choice(locales)]

    def hex(self, n):
        return "".join(self.r.choice("0123456789abcdef") for _ in range(n))

    def digits(self, n, first="123456789"):
        return self.r.choice(first) + "".join(self.r.choice(string.digits) for _ in range(n - 1))

    def alnum(self, n, alphabet=string.ascii_letters + string.digits):
        return "".join(self.r.choice(alphabet) for _ in range(n))

    def pick(self, *choices):
        return self.r.choice(choices)

    def put(self, value, keys, sentences=()):
        """A value under a key, in a sentence, in a list or deeper in the details."""
        r = self.r
        roll = r.random()
        if sentences and roll < 0.4:
            text = r.choice(sentences).replace("{}", str(value))
            return {r.choice(["message", "note", "comment", "reason", "justification", "description", "error", "summary"]): text}
        key = r.choice(keys)
        if roll < 0.55:
            return {r.choice(["request", "context", "meta", "payload", "subject"]): {key: value, "ok": True}}
        if roll < 0.62 and isinstance(value, str):
            return {key + "s": [value]}
        return {key: value, r.choice(["attempt", "count", "stage"]): r.randint(1, 9)}

    # ---- personal ----

    def email(self):
        f = self.any(["en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "en_GB", "sv_SE"])
        value = self.pick(f.email, f.company_email, f.ascii_free_email, f.ascii_safe_email)()
        if self.r.random() < 0.2:
            value = value.replace("@", self.pick("+audit@", ".ml@", "_2@"))
        if self.r.random() < 0.1:
            value = value.title()
        if self.r.random() < 0.15:
            return {"fields": {"actor": value}, "details": {"ok": True}}
        return self.put(value, ["email", "contact", "requested_by", "user", "approver", "owner", "reviewer", "notify", "value"], [
            "Access was granted to {} until Friday", "escalated to {}, no answer", "<{}>", "mail={};status=sent",
            "Bitte an {} weiterleiten.", "see the thread with {}.", "user '{}' not found", "https://portal.example.com/u?mail={}&x=1",
        ])

    def phone(self):
        roll = self.r.random()
        f = self.any(["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE", "en_IN"])
        keyed = ["phone", "phone_number", "mobile", "tel", "contact_phone", "caller", "msisdn", "fax", "cell", "whatsapp"]
        said = ["call {} after the review", "Phone: {}", "tel. {}", "the applicant left the number {} (mobile: {})", "called back on {}"]
        if roll < 0.35:
            return self.put(f.phone_number(), keyed, said[:3])
        if roll < 0.7:
            area, exchange, line = self.r.randint(201, 989), self.r.randint(200, 999), self.r.randint(0, 9999)
            value = self.pick(f"({area}) {exchange}-{line:04}", f"{area}-{exchange}-{line:04}", f"+1 {area} {exchange} {line:04}",
                              f"+1-{area}-{exchange}-{line:04}", f"{area}.{exchange}.{line:04}")
            return self.put(value, keyed + ["contact", "value", "recipient"], said + ["the customer can be reached at {} until noon"])
        country = self.pick("44 20", "49 30", "33 1", "91 98", "81 3", "55 11", "34 91", "39 06", "48 22", "31 20", "46 8")
        rest = self.digits(8)
        value = f"+{country} " + self.pick(rest, rest[:4] + " " + rest[4:], rest[:2] + " " + rest[2:4] + " " + rest[4:6] + " " + rest[6:])
        value = self.pick(value, value.replace(" ", ""), value.replace(" ", "-"), value.replace("+", "00"))
        keys = keyed if value.startswith("00") else keyed + ["contact", "recipient", "value"]
        return self.put(value, keys, said[:3] if value.startswith("00") else said)

    def payment_card(self):
        value = self.any().credit_card_number(self.pick("visa", "visa16", "mastercard", "amex", "discover", "jcb16", "diners"))
        if len(value) == 16 and self.r.random() < 0.5:
            value = self.pick(" ", "-").join(value[i:i + 4] for i in range(0, 16, 4))
        elif len(value) == 15 and self.r.random() < 0.5:
            value = f"{value[:4]} {value[4:10]} {value[10:]}"
        if value.isdigit() and self.r.random() < 0.15:
            return {"details": {self.pick("card_number", "pan", "credit_card"): int(value)}}
        return self.put(value, ["card", "card_number", "pan", "payment", "cc", "credit_card", "value", "account"], [
            "charged to {} on file", "card {} was declined", "pan={}", "Zahlung mit Karte {}", "the applicant's card number is {}.",
        ])

    def us_ssn(self):
        value = self.en.ssn()
        roll = self.r.random()
        if roll < 0.15:
            return self.put(value.replace("-", ""), ["ssn", "social_security_number", "applicant_ssn"])
        if roll < 0.25:
            return self.put(value.replace("-", " "), ["ssn", "social_security", "tax_ssn"])
        return self.put(value, ["ssn", "social", "subject", "applicant", "patient_ref", "value", "national_id"], [
            "SSN {} did not match", "verified with social security number {}", "applicant ({}) was denied", "lookup {} returned two rows",
        ])

    def iban(self):
        value = self.any(IBAN_LOCALES).iban()
        if self.r.random() < 0.5:
            value = " ".join(value[i:i + 4] for i in range(0, len(value), 4))
        return self.put(value, ["iban", "account", "bank_account", "payout_to", "value", "debtor"], [
            "payout to {} failed", "IBAN: {}", "refund {} is pending.", "Konto {} gesperrt", "account={};currency=EUR",
        ])

    def ip_address(self):
        f = self.en
        if self.r.random() < 0.3:
            value = f.ipv6()
            value = self.pick(value, str(ipaddress.ip_address(value)), str(ipaddress.ip_address("2001:db8::" + self.hex(4) + ":" + self.hex(4))))
        else:
            value = self.pick(f.ipv4_public, f.ipv4_private, f.ipv4)()
            while value.split(".")[0] in ("0", "127", "255"):
                value = f.ipv4_public()
            if self.r.random() < 0.2:
                value += f":{self.r.randint(1024, 65000)}"
        return self.put(value, ["ip", "client_ip", "remote_addr", "source_ip", "host", "peer", "x_forwarded_for", "client"], [
            "request from {} was throttled", "connection to {} timed out", "login from {}", "client {} sent 3 requests",
        ] + (["http://{}/predict returned 502"] if ":" not in value else []))

    def text_for_hash(self):
        f = self.any(["en_US", "de_DE", "fr_FR", "es_ES", "en_GB"])
        value = self.pick(
            lambda: f.sentence(nb_words=9),
            lambda: f"{f.name()}, {f.city()}, born {f.date()}",
            lambda: f"age {self.r.randint(18, 90)}, income {self.r.randint(20, 200)}000, {self.pick('single', 'married')}",
            lambda: json.dumps({"age": self.r.randint(18, 90), "income": self.r.randint(20000, 90000)}),
            lambda: ", ".join(f"{self.r.random():.3f}" for _ in range(6)),
            lambda: f"{f.first_name()} {f.last_name()} asked for a loan of {self.r.randint(1, 90)}000",
        )()
        key = self.pick("input_hash", "feature_hash", "input_feature_hash", "payload_hash", "subject_hash", "request_sha256", "user_digest", "content_hash")
        return {"details": {key: value, "features": self.r.randint(3, 60)}}

    def feature_vector(self):
        n = self.r.randint(6, 40)
        numbers = self.pick(
            lambda: [round(self.r.gauss(0, 1), 4) for _ in range(n)],
            lambda: [self.r.randint(0, 500) for _ in range(n)],
            lambda: [[round(self.r.random(), 3) for _ in range(n)] for _ in range(self.r.randint(1, 3))],
        )()
        key = self.pick("features", "embedding", "input", "inputs", "feature_vector", "instances", "x", "raw_features", "input_vector", "embeddings", "input_tensor", "feature_values")
        if self.r.random() < 0.25:
            f = self.en
            fields = {"age": self.r.randint(18, 90), "income": self.r.randint(20000, 200000), "tenure_months": self.r.randint(0, 300),
                      "utilisation": round(self.r.random(), 3), "late_payments": self.r.randint(0, 9), "zip": f.postcode()}
            names = self.r.sample(sorted(fields), self.r.randint(4, 6))
            return {"details": {self.pick("features", "inputs", "raw_features", "feature_values"): {k: fields[k] for k in names}, "model": "credit-risk"}}
        if self.r.random() < 0.3:
            return {"details": {"request": {key: numbers}, "latency_ms": round(self.r.random() * 90, 2)}}
        return {"details": {key: numbers, "canary": False}}

    def personal_field(self):
        f = self.any()
        en = self.en
        key, value = self.pick(
            (self.pick("first_name", "given_name", "firstName"), f.first_name()), (self.pick("last_name", "surname", "family_name", "lastName"), f.last_name()),
            (self.pick("full_name", "customer_name", "patient_name", "applicant_name", "fullName"), f.name()), (self.pick("dob", "date_of_birth", "birth_date", "birthdate"), en.date()),
            (self.pick("street_address", "home_address", "billing_address", "street"), f.street_address()), (self.pick("passport_number", "passport"), en.passport_number()),
            (self.pick("mrn", "medical_record_number"), self.digits(8)), (self.pick("diagnosis", "ethnicity", "religion", "marital_status"), self.pick("type 2 diabetes", "hispanic", "buddhist", "divorced")),
            (self.pick("driver_license", "national_id", "tax_id"), self.pick(self.digits(11), self.alnum(9, string.ascii_uppercase + string.digits))),
        )
        return {"details": {self.pick("applicant", "subject", "record"): {key: value, "segment": 3}} if self.r.random() < 0.4 else {key: value, "stage": "intake"}}

    # ---- secrets ----

    def private_key(self):
        kind = self.pick("RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "DSA PRIVATE KEY")
        body = base64.b64encode(self.r.randbytes(self.r.randint(90, 240))).decode()
        lines = "\n".join(body[i:i + 64] for i in range(0, len(body), 64))
        value = f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n"
        if self.r.random() < 0.3:
            value = value.replace("\n", "\\n")
        if self.r.random() < 0.2:
            value = value[:len(value) // 2]
        return self.put(value, ["key", "tls_key", "config", "signing_key", "env", "body"], ["loaded config: tls.key={}", "could not parse {}"])

    def aws_key(self):
        value = self.pick("AKIA", "ASIA") + self.alnum(16, string.ascii_uppercase + "234567")
        return self.put(value, ["aws_access_key_id", "access_key_id", "key", "credentials", "value"], ["using {} for the bucket", "AWS_ACCESS_KEY_ID={}", "signature of {} does not match"])

    def github_token(self):
        value = self.pick(*(p + self.alnum(36) for p in ("ghp_", "gho_", "ghs_", "ghu_", "ghr_")), "github_pat_" + self.alnum(22) + "_" + self.alnum(59))
        return self.put(value, ["github_token", "auth", "ci", "value", "credentials"], ["git clone failed with {}", "GITHUB_TOKEN={}", "remote: token {} expired"])

    def slack_token(self):
        value = self.pick("xoxb-", "xoxp-", "xoxa-2-", "xoxs-") + self.digits(12) + "-" + self.digits(12) + "-" + self.alnum(24)
        return self.put(value, ["slack", "notifier", "bot", "value"], ["slack said invalid_auth for {}", "SLACK_BOT_TOKEN={}"])

    def jwt_text(self):
        def part(o):
            return base64.urlsafe_b64encode(json.dumps(o).encode()).decode().rstrip("=")
        head = {"alg": self.pick("HS256", "RS256", "ES256"), "typ": "JWT"}
        claims = {"sub": self.digits(10), "name": self.en.name(), "iat": self.r.randint(1_600_000_000, 1_800_000_000)}
        return ".".join([part(head), part(claims), base64.urlsafe_b64encode(self.r.randbytes(32)).decode().rstrip("=")])

    def jwt(self):
        value = self.jwt_text()
        return self.put(value, ["id_token", "jwt", "assertion", "auth", "value"], ["Authorization: Bearer {}", "token {} has expired", "session={}; Path=/"])

    def api_token(self):
        low = string.ascii_lowercase + string.digits
        value = self.pick(
            "sk_live_" + self.alnum(24), "rk_live_" + self.alnum(24), "AIza" + self.alnum(35, string.ascii_letters + string.digits + "_-"),
            "sk-" + self.alnum(48), "sk-proj-" + self.alnum(64), "sk-ant-api03-" + self.alnum(80), "hf_" + self.alnum(34, string.ascii_letters),
            "npm_" + self.alnum(36), "glpat-" + self.alnum(20), "SG." + self.alnum(22) + "." + self.alnum(43), "dop_v1_" + self.hex(64), "pypi-AgEIcHlwaS5vcmc" + self.alnum(60),
            "xapp-1-" + self.alnum(11, string.ascii_uppercase + string.digits) + "-" + self.digits(13) + "-" + self.alnum(40, low),
        )
        return self.put(value, ["provider", "auth", "value", "credentials", "llm"], ["provider rejected {}", "401 for {}", "called with {} twice"])

    def bearer_token(self):
        value = self.pick(self.alnum(40), self.hex(40), self.alnum(32) + "==", str(self.en.uuid4()))
        text = self.pick("Bearer ", "bearer ", "Authorization: Bearer ") + value
        return self.put(text, ["authorization", "auth_header", "header", "curl"], ["curl -H '{}' https://scoring.example.com/predict", "sent {}"])

    def url_password(self):
        f = self.any(["en_US", "de_DE", "fr_FR"])
        scheme = self.pick("postgres", "postgresql", "mysql", "mongodb+srv", "redis", "amqp", "https", "http", "ftp", "snowflake")
        user = self.pick("app", "svc_ml", "reader", "root", f.user_name(), "")if scheme == "redis" else self.pick("app", "svc_ml", "reader", f.user_name())
        password = f.password(length=self.r.randint(8, 20), special_chars=False)
        value = f"{scheme}://{user}:{password}@{self.pick('db', 'cache-1', 'warehouse', 'git')}.{f.domain_name()}{self.pick('', ':5432')}/{self.pick('audit', 'features', '0')}"
        return self.put(value, ["dsn", "database_url", "source", "uri", "connection", "upstream"], ["could not connect to {}", "reading from {}", "DATABASE_URL={}"])

    def password(self):
        f = self.any(["en_US", "de_DE", "fr_FR"])
        value = self.pick(f.password(length=self.r.randint(8, 18)), f.password(length=12, special_chars=False), self.hex(32), self.alnum(40), f.word() + str(self.r.randint(10, 9999)) + "!")
        if self.r.random() < 0.3:
            value = f.password(length=14, special_chars=False)
            text = self.pick("login failed with password={}", "Server=db;User=app;Password={};", "mysql --user app --password={} audit",
                             "DB_PASSWORD={} was set", "config: api_key={}", "client_secret: {}", "pwd={}").replace("{}", value)
            return {"details": {self.pick("message", "command", "env", "config", "error"): text}}
        return self.put(value, ["password", "db_password", "passwd", "client_secret", "api_key", "secret_key", "apikey", "auth_token", "access_token", "passphrase", "apiKey", "clientSecret"])

    # ---- proprietary ----

    def hyper_parameter(self):
        r = self.r
        single = {"learning_rate": r.choice([1e-3, 3e-4, 0.05]), "weight_decay": 0.01, "dropout": 0.1, "n_estimators": r.randint(50, 900), "max_depth": r.randint(2, 12),
                  "num_leaves": r.randint(15, 255), "epochs": r.randint(1, 90), "train_batch_size": 32, "warmup_steps": 500, "lr": 0.001, "subsample": 0.8,
                  "colsample_bytree": 0.7, "reg_lambda": 1.0, "min_child_weight": 3, "gradient_clip": 1.0, "learningRate": 0.002, "optimizer": r.choice(["adam", "sgd", "AdamW"])}
        if r.random() < 0.45:
            names = r.sample(sorted(single), r.randint(2, 5))
            inner = {k: single[k] for k in names}
            inner.update(r.choice([{}, {"gamma": 0.2}, {"c": 1.5}, {"seed": 7}]))
            return {"details": {self.pick("hyperparameters", "hyper_params", "hparams", "hyperparams"): inner, "duration_s": r.randint(10, 9000)}}
        names = r.sample(sorted(single), r.randint(1, 3))
        return {"details": {**{k: single[k] for k in names}, "duration_s": r.randint(10, 9000)}}

    def architecture(self):
        r = self.r
        single = {"architecture": r.choice(["resnet50", "transformer-encoder", "xgboost 2x gated MLP", "bert-base"]), "num_layers": r.randint(2, 48), "hidden_size": r.choice([128, 768, 4096]),
                  "num_heads": r.randint(2, 32), "hidden_units": [256, 128, 64], "d_model": 512, "layer_sizes": [64, 32, 16], "kernel_size": 3, "vocab_size": 32000,
                  "embedding_dim": 256, "backbone": "efficientnet-b4", "attention_heads": 12, "hidden_layers": 4, "activation_function": r.choice(["relu", "gelu"]), "n_layers": 6}
        names = r.sample(sorted(single), r.randint(1, 3))
        inner = {k: single[k] for k in names}
        return {"details": inner if r.random() < 0.6 else {self.pick("model", "config", "model_card"): inner}}

    def prompt(self):
        f = self.any(["en_US", "de_DE", "fr_FR", "en_GB"])
        text = self.pick(
            lambda: f"You are a {self.pick('careful', 'helpful')} underwriting assistant. Never reveal the score threshold. {f.sentence(12)}",
            lambda: f"Summarise the following complaint in three sentences: {f.paragraph(3)}",
            lambda: f"### Instruction:\n{f.sentence(10)}\n### Response:",
            lambda: f.paragraph(2),
            lambda: f"Classify the sentiment of: {f.sentence(8)}",
        )()
        roll = self.r.random()
        if roll < 0.3:
            return {"details": {"messages": [{"role": "system", "content": text}, {"role": "user", "content": f.sentence(11)}], "model": "assistant"}}
        return {"details": {self.pick("prompt", "system_prompt", "user_prompt", "prompt_text", "prompt_template", "system_message", "instructions", "llm_prompt", "systemPrompt"): text, "tokens": self.r.randint(9, 900)}}

    def file_path(self):
        f = self.en
        user = f.user_name()
        name = self.pick("train.py", "model.pkl", "features_v2.parquet", "weights.pt", "export.csv", "scorer.onnx", "settings.yaml", "notes 2.xlsx")
        value = self.pick(
            f"/home/{user}/projects/credit/{name}", f"/Users/{user}/Documents/{name}", f"/mnt/data/{f.word()}/{name}", f"/opt/ml/{f.word()}/{name}", f"/var/lib/{f.word()}/{name}",
            f"C:\\Users\\{user}\\models\\{name}", f"D:\\data\\{f.word()}\\{name}", f"\\\\nas01\\share\\{f.word()}\\{name}", f"file:///srv/models/{f.word()}/{name}", f"~/projects/{f.word()}/{name}",
            f"/dbfs/mnt/{f.word()}/{name}", f"/tmp/{f.word()}/{name}", f"/etc/{f.word()}/{self.pick('app.conf', 'secrets.yaml')}",
        )
        return self.put(value, ["path", "file", "artifact", "checkpoint", "source", "output", "loaded_from", "value"], [
            "cannot open {}", "wrote 3 rows to {}", "saved as '{}'", "python {} --dry-run" if " " not in value else "saved as \"{}\"",
        ])

    def stack_trace(self):
        f = self.en
        user, mod, fn, line = f.user_name(), f.word(), f.word() + "_" + f.word(), self.r.randint(3, 900)
        error = self.pick("ValueError: could not convert string to float", "KeyError: 'income'", "RuntimeError: shapes do not match")
        value = self.pick(
            f'Traceback (most recent call last):\n  File "/home/{user}/app/{mod}.py", line {line}, in {fn}\n    return self.model(x)\n{error}',
            f'Traceback (most recent call last):\n  File "/srv/app/{mod}.py", line {line}, in <module>\n    main()\n  File "/srv/app/{mod}.py", line {line + 9}, in main\n    {fn}()\n{error}',
            f"java.lang.IllegalStateException: no model\n\tat com.example.{mod}.Scorer.{fn}(Scorer.java:{line})\n\tat com.example.Main.main(Main.java:12)",
            f"Error: no such model\n    at {fn} (/srv/app/dist/{mod}.js:{line}:17)\n    at async Server.handle (/srv/app/dist/server.js:88:5)",
            f"thread 'main' panicked at src/{mod}.rs:{line}:9:\nindex out of bounds\nstack backtrace:\n   0: rust_begin_unwind\n   1: core::panicking::panic_fmt",
            f"panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.{mod}(...)\n\t/go/src/app/main.go:{line} +0x1d",
            f"System.NullReferenceException: Object reference not set\n   at Example.{mod.title()}.{fn.title()}(String x) in C:\\src\\{mod}.cs:line {line}\n   at Example.Program.Main()",
        )
        return {"details": {self.pick("error", "exception", "traceback", "stack", "detail", "message", "stderr"): value, "retry": False}}

    def guessable_hash(self):
        key = self.pick("input_hash", "feature_hash", "input_feature_hash", "features_hash", "subject_hash", "user_hash", "customer_hash", "payload_hash", "patient_hash", "hash", "inputHash", "request_hash", "email_hash")
        value = self.hex(self.pick(8, 10, 12, 16, 16, 16, 20, 24, 32))
        return {"details": {key: value, self.pick("features", "canary", "n"): self.r.randint(2, 40)}}

    # ---- nothing ----

    def negative(self):
        return self.pick(*NEGATIVES)(self)


def _(function):
    NEGATIVES.append(function)
    return function


NEGATIVES = []


@_
def versions(m):
    v = ".".join(str(m.r.randint(0, 30)) for _ in range(4))
    return m.pick(
        {"details": {m.pick("version", "model_version", "build", "release", "driver_version", "library_version", "sdk"): v}},
        {"details": {"message": f"upgraded to {m.pick('v', 'version ', 'release ', 'build ')}{v}"}},
        {"fields": {"resource_id": f"credit-risk:{v}"}, "details": {}},
        {"details": {"from": f"{m.r.randint(0, 9)}.{m.r.randint(0, 30)}.{m.r.randint(0, 9)}", "to": f"{m.r.randint(0, 9)}.{m.r.randint(0, 30)}.{m.r.randint(0, 9)}-rc1"}},
        {"details": {"user_agent": f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{m.r.randint(90, 140)}.0.0.0 Safari/537.36"}},
        {"details": {"user_agent": m.pick("curl/8.4.0", "python-requests/2.31.0", "Go-http-client/1.1", f"scorer/{v}")}},
        {"details": {"cuda": "12.4.131", "driver": f"535.104.{m.r.randint(1, 99)}", "oid": "1.3.6.1.4.1.311"}},
        {"details": {"note": f"see section {m.r.randint(1, 9)}.{m.r.randint(1, 9)}.{m.r.randint(1, 9)}.{m.r.randint(1, 9)} of the manual"}},
    )


@_
def times(m):
    s = m.r.randint(1_500_000_000, 1_900_000_000)
    return m.pick(
        {"details": {"created": s}}, {"details": {"ts": s * 1000 + 123}}, {"details": {"started_ns": s * 10**9 + m.r.randint(0, 10**9 - 1)}},
        {"details": {m.pick("created_at", "value", "at"): str(s)}}, {"details": {"epoch_ms": str(s * 1000 + m.r.randint(0, 999))}},
        {"details": {"trained_at": m.en.iso8601()}}, {"details": {"window": f"{m.en.date()}/{m.en.date()}"}},
        {"details": {"note": f"between {m.en.time()} and {m.en.time()} UTC on {m.en.date()}"}},
        {"details": {"when": m.en.date(pattern="%d.%m.%Y")}}, {"details": {"when": m.en.date(pattern="%m-%d-%Y")}}, {"details": {"when": m.en.date(pattern="%m/%d/%Y %H:%M")}},
        {"details": {"stamp": m.en.date(pattern="%Y%m%d%H%M%S")}}, {"details": {"run": m.en.date(pattern="run-%Y-%m-%d-%H-%M-%S")}},
        {"details": {"offset": m.pick("+05:30", "+0530", "-08:00"), "duration": f"00:{m.r.randint(0, 59):02}:{m.r.randint(0, 59):02}.{m.r.randint(0, 999):03}"}},
        {"details": {"micros": s * 10**6 + m.r.randint(0, 10**6 - 1)}}, {"details": {"version": m.en.date(pattern="%Y.%m.%d.%H")}},
    )


@_
def identifiers(m):
    return m.pick(
        {"details": {m.pick("request_id", "run", "correlation_id", "value"): m.en.uuid4()}},
        {"details": {"message": f"retry of {m.en.uuid4()} after 3 attempts"}},
        {"details": {"trace_id": m.hex(32), "span_id": m.hex(16)}}, {"details": {"ulid": "01" + m.alnum(24, "0123456789ABCDEFGHJKMNPQRSTVWXYZ")}},
        {"details": {m.pick("message_id", "snowflake", "tweet_id"): m.digits(m.pick(18, 19))}}, {"details": {"event_id": int(m.digits(18))}},
        {"details": {m.pick("order_id", "order", "case_id", "ticket", "invoice"): m.digits(m.r.randint(6, 16))}},
        {"details": {"message": f"order {m.digits(8)} was shipped"}}, {"details": {"ids": [int(m.digits(9)) for _ in range(3)]}},
        {"details": {"run_id": f"run-{m.digits(8)}-{m.hex(6)}", "experiment": m.r.randint(1, 90)}},
        {"details": {"batch": f"{m.digits(4)}-{m.digits(4)}-{m.digits(2)}"}}, {"details": {"part": f"{m.digits(3)}-{m.digits(2)}-{m.digits(5)}"}},
        {"details": {"isbn": f"978-{m.digits(1)}-{m.digits(2)}-{m.digits(6)}-{m.digits(1)}"}}, {"details": {"zip": f"{m.digits(5)}-{m.digits(4)}"}},
        {"details": {"vat": "DE" + m.digits(9)}}, {"fields": {"resource_id": m.en.uuid4()}, "details": {}}, {"fields": {"entry_id": f"evt-{m.digits(10)}"}, "details": {}},
        {"details": {"mac": m.en.mac_address()}}, {"details": {"serial": f"{m.alnum(4, string.ascii_uppercase + string.digits)}-{m.digits(4)}-{m.digits(4)}"}},
        {"details": {"case": f"2026-{m.digits(4)}-{m.digits(4)}"}}, {"details": {"doi": f"10.{m.digits(4)}/journal.{m.digits(7)}"}},
    )


@_
def failing_check_digits(m):
    card = m.any().credit_card_number("visa16")
    card = card[:-1] + str((int(card[-1]) + m.r.randint(1, 9)) % 10)
    iban = m.any(IBAN_LOCALES).iban()
    iban = iban[:2] + f"{(int(iban[2:4]) + m.r.randint(1, 80) - 2) % 97 + 2:02}" + iban[4:]
    area = m.pick(0, 666, m.r.randint(900, 999))
    return m.pick(
        {"details": {m.pick("value", "reference", "account"): card}}, {"details": {"note": "ref " + " ".join(card[i:i + 4] for i in range(0, 16, 4))}},
        {"details": {m.pick("code", "reference", "value"): iban}} if not valid_iban(iban) else {"details": {}},
        {"details": {m.pick("part", "value", "code"): f"{area:03}-{m.r.randint(1, 99):02}-{m.r.randint(1, 9999):04}"}}, {"details": {"value": f"{m.r.randint(1, 665):03}-00-{m.r.randint(1, 9999):04}"}},
        {"details": {"address": f"{m.r.randint(256, 999)}.{m.r.randint(0, 255)}.{m.r.randint(0, 255)}.1"}}, {"details": {"message": f"bound to {m.pick('0.0.0.0', '127.0.0.1')}:{m.r.randint(1024, 9999)}"}},
        {"details": {"mask": m.pick("255.255.255.0", "255.255.0.0")}},
    )


def valid_iban(text):
    moved = text[4:] + text[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


@_
def hashes(m):
    full = hashlib.sha256(m.r.randbytes(8)).hexdigest()
    return m.pick(
        {"details": {m.pick("input_hash", "feature_hash", "payload_hash", "sha256", "digest"): full}}, {"details": {"image": f"registry.example.com/scorer@sha256:{full}"}},
        {"details": {m.pick("commit", "git_sha", "revision", "parent"): m.hex(40)}}, {"details": {"input_hash": f"sha256:{full}"}}, {"details": {"content_hash": base64.b64encode(m.r.randbytes(32)).decode()}},
        {"details": {m.pick("input_hash", "feature_hash", "subject_hash"): m.pick(None, "", "n/a", "pending", "none", "not computed", "unavailable", "hash not available")}},
        {"details": {m.pick("git_commit_hash", "commit_hash", "model_hash", "artifact_hash", "image_hash", "code_hash"): m.hex(m.pick(8, 12, 40))}},
        {"details": {"etag": f'"{m.hex(32)}"', "parts": 4}}, {"details": {m.pick("run", "short", "node", "pod"): m.hex(m.pick(8, 12, 16))}},
        {"details": {"hash_algorithm": "sha256", "hash_bits": 256}}, {"details": {"fingerprint": ":".join(m.hex(2) for _ in range(16))}},
        {"details": {"hashed": True, "rehash": False}}, {"details": {"hash_policy": "Hash every input before it is logged"}},
    )


@_
def metrics(m):
    r = m.r
    return m.pick(
        {"details": {"auc": r.random(), "f1": round(r.random(), 4), "n": r.randint(1000, 9_000_000)}}, {"details": {"confusion_matrix": [[r.randint(0, 999) for _ in range(4)] for _ in range(4)]}},
        {"details": {"quantiles": [round(r.random(), 3) for _ in range(11)]}}, {"details": {"loss_history": [round(r.random(), 5) for _ in range(30)]}}, {"details": {"thresholds": [0.1 * i for i in range(10)]}},
        {"details": {"feature_importance": {"age": 0.31, "income": 0.22, "tenure": 0.1, "utilisation": r.random()}}}, {"details": {"feature_names": ["age", "income", "tenure", "utilisation"], "features": 30}},
        {"details": {"input_shape": [32, 224, 224, 3], "features": r.randint(3, 90)}}, {"details": {"histogram": [r.randint(0, 99) for _ in range(20)]}}, {"details": {"score": r.random(), "latency_ms": round(r.random() * 90, 3)}},
        {"details": {"by_group": {"18-29": r.random(), "30-44": r.random(), "45-64": r.random(), "65+": r.random()}}}, {"details": {"text": f"score {r.random()} at {r.random():.16f}"}},
        {"details": {"bytes": r.randint(10**9, 10**15), "rows": r.randint(10**6, 10**10)}}, {"details": {"ratio": "3/4", "range": "100-200-300", "band": f"{r.randint(300, 600)}-{r.randint(601, 850)}"}},
        {"details": {"lat": f"+{r.random() * 89:.6f}", "lon": f"-{r.random() * 179:.6f}"}}, {"details": {"sensor": {"temperature": 21.5, "humidity": 40}}}, {"details": {"probabilities": [0.1, 0.2, 0.7]}},
        {"details": {"drift": {"psi": r.random(), "features": ["age", "income"]}}}, {"details": {"price": f"{r.randint(1, 999)},{r.randint(100, 999)}.{r.randint(10, 99)} EUR"}}, {"details": {"delta": f"+{r.randint(1, 99999)}"}},
        {"details": {"features": {"count": 30, "schema": 4, "missing": 2, "version": 7}}}, {"details": {"roc": {"fpr": [0.0, 0.1, 0.3, 1.0], "tpr": [0.0, 0.6, 0.9, 1.0]}}},
    )


@_
def names_of_secrets(m):
    return m.pick(
        {"details": {m.pick("password", "client_secret", "api_key", "token"): m.pick("***", "********", "<redacted>", "[REDACTED]", "REDACTED", "", None, "xxxxxxxx", "(hidden)", "[FILTERED]")}},
        {"details": {"password_changed_at": m.en.iso8601(), "password_policy": "min-12-chars", "password_length": 16}}, {"details": {"secret_name": "prod/db/reader", "secret_version": "AWSCURRENT"}},
        {"details": {"password": m.pick("${DB_PASSWORD}", "{{ db_password }}", "vault:secret/data/db#password", "env:DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf", "projects/ml/secrets/db/versions/3")}},
        {"details": {"api_key_id": m.en.uuid4(), "token_type": "Bearer"}}, {"details": {"max_tokens": 512, "prompt_tokens": m.r.randint(10, 900), "completion_tokens": 12, "tokens": 900}},
        {"details": {"message": m.pick("the bearer of this letter may enter", "private key was rotated", "password reset was requested", "the API key expired yesterday", "bearer authentication is required", "no secret is stored here", "the password must be changed: see the policy")}},
        {"details": {"public_key": "-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(m.r.randbytes(60)).decode() + "\n-----END PUBLIC KEY-----"}}, {"details": {"certificate": "-----BEGIN CERTIFICATE-----\n" + base64.b64encode(m.r.randbytes(90)).decode() + "\n-----END CERTIFICATE-----"}},
        {"details": {"cursor": base64.b64encode(json.dumps({"page": m.r.randint(1, 99)}).encode()).decode()}}, {"details": {"has_password": True, "secret": False}},
        {"details": {"url": f"https://{m.en.user_name()}@git.example.com/org/repo.git"}}, {"details": {"url": m.pick("https://user:***@db.example.com/x", "postgres://app:${PASSWORD}@db/x", "postgres://app:<password>@db/x")}},
        {"details": {"library": m.pick("sk-learn", "scikit-learn 1.5", "task-force-for-risk-2026", "risk-assessment-2026-final-report-v2"), "x": "AKIAfriend"}},
        {"details": {"password_strength": "strong enough for the policy", "secret_rotation": "every 90 days"}},
    )


@_
def addresses_that_are_none(m):
    return m.pick(
        {"details": {"repo": f"git@github.com:{m.en.user_name()}/{m.en.word()}.git"}}, {"details": {"package": f"@{m.en.word()}/{m.en.word()}@{m.r.randint(1, 9)}.2.0"}}, {"details": {"mention": f"thanks @{m.en.user_name()} for the review"}},
        {"details": {"icon": "logo@2x.png"}}, {"details": {"worker": f"celery@worker-{m.r.randint(1, 99)}"}}, {"details": {"formula": "a @ b.T"}}, {"details": {"price": "3 @ 4.50"}}, {"details": {"node": f"rabbit@node{m.r.randint(1, 9)}.cluster.local"}},
        {"fields": {"actor": m.pick("serving-gateway", "training-pipeline", "zoe@", "@zoe", "user_042", "анна.петрова", "svc_retrain", "DOMAIN\\svc_ml")}, "details": {}},
        {"details": {"email_sent": True, "email_count": 3, "phone_verified": True}}, {"details": {"email": m.pick(None, "", "<redacted>", "unknown", "***@***", m.hex(64))}}, {"details": {"phone": m.pick(None, "", "unknown", "verified", "***")}},
        {"details": {"ip_version": 6, "ip": m.pick("unknown", "-", None, "masked")}}, {"details": {"call": m.pick("std::vector::push_back", "core::panicking::panic_fmt", "a::b", "ml::score::run")}}, {"details": {"time": "12:34:56", "ratio": "16:9", "score": "1:2:3:4"}},
        {"details": {"cidr": m.pick("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12")}}, {"details": {"host": m.pick("db-1.internal", "localhost", "scoring.example.com:8443", "node-17")}},
    )


@_
def places_that_are_no_files(m):
    return m.pick(
        {"details": {"route": m.pick("/api/v1/predict", "/health", "/v2/models/credit-risk/infer", "/metrics", "/")}}, {"details": {"url": f"https://scoring.example.com/home/{m.en.word()}/{m.en.word()}"}}, {"details": {"uri": f"s3://bucket/{m.en.word()}/{m.en.word()}.parquet"}},
        {"details": {"model": "model/credit-risk/2.3.0"}}, {"details": {"mime": m.pick("application/json", "text/csv; charset=utf-8")}}, {"details": {"unit": "km/h", "and": "and/or", "na": "n/a"}}, {"details": {"image": "registry/app:1.2.3"}},
        {"details": {"class": m.pick("sklearn.ensemble.RandomForestClassifier", "torch.nn.Linear")}}, {"details": {"uri": "models:/credit/3", "dataset": "warehouse.credit.applications_2026"}}, {"details": {"request": "GET /api/v1/users/17 HTTP/1.1"}},
        {"details": {"error": m.pick("ValueError: bad input", "File not found", "timeout after 30 s", "line 3 is not valid JSON", "at least one feature is missing", "KeyError", "HTTP 502 from upstream")}}, {"details": {"xpath": "/log/entries/entry[3]"}},
        {"details": {"regex": "\\d+\\.\\d+", "escape": "a\\nb"}}, {"details": {"date": m.en.date(pattern="%m/%d/%Y")}}, {"details": {"topic": "/topics/audit-log/partitions/3"}},
    )


@_
def words(m):
    f = m.any(["en_US", "de_DE", "fr_FR", "es_ES", "ja_JP", "pl_PL"])
    return m.pick(
        {"details": {m.pick("note", "reason", "comment", "summary"): f.sentence(m.r.randint(4, 16))}}, {"details": {"purpose": m.pick("retraining", "evaluation", "audit", "debugging")}},
        {"details": {m.pick("reviewer", "team"): f.job()}}, {"details": {"tags": [f.word() for _ in range(4)]}}, {"details": {"company": f.company()}}, {"details": {"decision": m.pick("approved", "denied"), "explanation": f.sentence(9)}},
        {"details": {"columns": ["email", "phone", "ssn", "iban", "card_number", "password"]}}, {"details": {"prompt_id": f"p-{m.r.randint(1, 99)}", "prompt_version": "v3", "prompt_hash": hashlib.sha256(f.word().encode()).hexdigest()}}, {"details": {"prompt": m.pick("v3", "default", "p-0017", "credit-summary")}},
        {"details": {"architecture": m.pick("arm64", "x86_64", "amd64"), "os": "linux"}}, {"details": {"features": m.r.randint(1, 90), "input": "batch", "embedding": "none"}}, {"details": {"layer": "presentation", "network": "vpc-0a1b"}},
        {"details": {"model": "gradient boosting with calibrated output", "framework": "xgboost"}}, {"details": {"activation": "pending", "optimizer_state": "saved"}}, {"details": {"message": "email, phone and card number were removed before logging"}},
        {"details": {"street": "redacted", "age_group": "30-44", "country": f.country_code() if hasattr(f, 'country_code') else "DE"}}, {"details": {"schema": {"ssn": "string", "iban": "string", "ip": "string", "phone": "string"}}},
        {"details": {"query": f"SELECT count(*) FROM audit_log WHERE actor = '{f.last_name()}'", "rows": 3}},
    )


@_
def names_of_things(m):
    return m.pick(
        {"details": {m.pick("model_name", "feature_name", "name", "display_name", "dataset_name", "file_name"): m.pick("credit-risk", "income", "Applications 2026", m.en.word())}}, {"details": {"client_name": "serving-gateway", "last_model_name": m.en.word()}},
        {"details": {m.pick("first_name", "dob", "street", "passport_number"): m.pick(None, "", "<redacted>", "***", "n/a", m.hex(64))}}, {"details": {"address": m.pick("0x7ffd12ab", "queue-3", "sha256 of the key")}},
        {"details": {"race": False, "birth_year_bucket": "1980s", "age_group": "30-44"}}, {"details": {"by_ethnicity": {"a": 0.31, "b": m.r.random()}}}, {"details": {"columns": ["first_name", "dob", "diagnosis"], "n": m.r.randint(1, 999)}},
        {"details": {"first": m.en.word(), "last": m.en.word(), "full": True}}, {"details": {"schema": {"first_name": "string", "dob": "date"}}}, {"details": {"name_count": m.r.randint(1, 9), "street_count": 3}},
    )


# Forms that follow no rule that a scan could know, or that only look like what they are not. One positive in twelve, and one
# negative in thirty, is of these.
HARD = {
    "email": lambda m: {"note": m.pick("write to {} at {} dot com", "{}[at]{}.com", "{}＠{}.com").replace("{}", m.en.user_name(), 1).replace("{}", m.en.word())},
    "phone": lambda m: {m.pick("contact", "value", "recipient", "reach"): m.any(["de_DE", "fr_FR", "it_IT", "pl_PL", "sv_SE", "en_GB"]).phone_number()},
    "payment_card": lambda m: m.pick({"reference": int(m.en.credit_card_number("visa16"))}, {"order_id": m.en.credit_card_number("mastercard")}, {"note": "paid with " + m.en.credit_card_number("maestro")}),
    "us_ssn": lambda m: m.pick({"subject": m.en.ssn().replace("-", " ")}, {"id": m.en.ssn().replace("-", "")}, {"subject": int(m.en.ssn().replace("-", "")) }),
    "iban": lambda m: m.pick({"text": "an " + m.any(IBAN_LOCALES).iban().lower() + " überwiesen"}, {"value": ".".join(m.any(IBAN_LOCALES).iban()[i:i + 4] for i in (0, 4, 8, 12, 16))}),
    "ip_address": lambda m: {m.pick("value", "seen", "origin_value"): f"{m.r.randint(1, 9)}.{m.r.randint(1, 30)}.{m.r.randint(1, 30)}.{m.r.randint(1, 254)}"},
    "personal_field": lambda m: m.pick({"note": f"{m.any().name()} called about the denial"}, {m.pick("user", "subject", "who"): m.any().name()}, {"residence": m.en.street_address()}),
    "text_for_hash": lambda m: {m.pick("input_hash", "subject_hash", "user_hash"): m.pick(m.en.name(), m.any().last_name(), m.en.date(), str(m.r.randint(1, 99)))},
    "feature_vector": lambda m: {m.pick("data", "row", "sample", "values", "vec"): [round(m.r.gauss(0, 1), 4) for _ in range(m.r.randint(8, 40))]},
    "api_token": lambda m: {m.pick("provider", "auth"): m.pick("tok_", "key-", "v1.", "pat.") + m.alnum(40)},
    "bearer_token": lambda m: {"header": "Authorization: " + m.pick("Token ", "ApiKey ", "Digest ") + m.alnum(40)},
    "url_password": lambda m: {"dsn": f"app/{m.alnum(10)}@//db.example.com:1521/audit"},
    "password": lambda m: {m.pick("pw", "pass", "login", "password_hint"): m.en.password(length=12)},
    "hyper_parameter": lambda m: {m.pick("alpha", "gamma", "C", "max_iter", "eta", "tol"): round(m.r.random(), 3)},
    "architecture": lambda m: {"note": m.pick("two hidden layers of 64 units with ReLU", "a transformer with 12 heads", "gated MLP behind the trees")},
    "prompt": lambda m: {m.pick("text", "query", "question", "turn"): m.pick("Explain why this applicant was denied, but do not mention the postcode.", "Act as a lawyer and " + m.en.sentence(8))},
    "file_path": lambda m: {m.pick("artifact", "script"): m.pick(f"models/{m.en.word()}/model.pkl", f"../{m.en.word()}/train.py", f"src/{m.en.word()}.py", f"/{m.en.word()}/{m.en.word()}.bin")},
    "stack_trace": lambda m: {"error": m.pick(f"app.rb:{m.r.randint(3, 99)}:in `run': undefined method (NoMethodError)", f"#0 /srv/app/index.php({m.r.randint(3, 99)}): run()", f"{m.en.word()}.go:{m.r.randint(3, 99)} +0x1d")},
    "guessable_hash": lambda m: {m.pick("input_checksum", "feature_key", "pseudonym", "subject_hash"): m.pick(m.hex(16), base64.b64encode(m.r.randbytes(8)).decode())},
}


def look_alikes(m):
    return m.pick(
        {"details": {m.pick("part", "lot", "model", "article"): m.en.ssn()}},
        {"details": {m.pick("part", "lot", "model", "article"): f"{m.r.randint(200, 989)}-{m.r.randint(200, 999)}-{m.r.randint(0, 9999):04}"}}, {"details": {m.pick("value", "tag", "schema_rev"): ".".join(str(m.r.randint(40, 200)) for _ in range(4))}},
        {"details": {"input_hash": m.pick("hash is missing here", "see the feature store", "computed by the gateway")}}, {"details": {"prompt": m.pick("default credit summary", "complaint triage prompt two", "the standard one")}},
        {"details": {"input": [m.r.randint(1, 9), 3, 224, m.r.randint(100, 300)]}}, {"details": {"epochs": m.r.randint(1, 9), "calendar": "unix"}}, {"details": {"momentum": m.r.random(), "asset": "DAX"}}, {"details": {"dropout": m.r.randint(1, 90), "cohort": "students"}},
        {"details": {"route": f"/data/{m.en.word()}/{m.en.word()}"}}, {"details": {"message": f"mounted at /{m.pick('home', 'export', 'content')}/{m.en.word()} of the API"}}, {"details": {"layers": m.r.randint(1, 30), "image": "scorer:1.2"}}, {"details": {"secret": m.pick("santa-2026", "ingredient", "shopper-7")}},
        {"details": {"id": f"{m.pick('build', 'job')}@{m.en.word()}.{m.pick('io', 'run', 'app')}"}}, {"details": {"content_hash": m.hex(16), "of": "the report file"}}, {"details": {"fax": "none since 2019 07 01"}}, {"details": {"token": f"eyJ{m.alnum(20)}.eyJ{m.alnum(20)}"}},
        {"details": {"message": f"the password=required flag was set for {m.en.word()}"}},
    )


POSITIVES = ["email", "phone", "payment_card", "us_ssn", "iban", "ip_address", "personal_field", "text_for_hash", "feature_vector", "private_key", "aws_key", "github_token", "slack_token",
             "jwt", "api_token", "bearer_token", "url_password", "password", "hyper_parameter", "architecture", "prompt", "file_path", "stack_trace", "guessable_hash"]


SECRETS = ["private-key", "aws-key", "github-token", "slack-token", "jwt", "api-token", "bearer-token", "url-password", "password"]
PREFIXES = r"AKIA|ASIA|gh[posur]_|github_pat_|xox|xapp|[sr]k_live_|sk-|AIza|hf_|npm_|glpat|SG\.|dop_v1|pypi|eyJ|BEGIN|://"


def main():
    seed, positives, negatives = (int(a) for a in sys.argv[1:4])
    maker = Maker(seed)
    lines = []

    def add(made, kinds):
        if "details" not in made:
            made = {"details": made}
        line = (json.dumps({"details": made["details"], "fields": made.get("fields", {}), "kinds": kinds}, ensure_ascii=False))
        if kinds and kinds[0] in SECRETS:
            # Invented as they are, those who watch repositories for secrets must not be alarmed by them.
            line = re.sub(PREFIXES, lambda m: f"\\u{ord(m[0][0]):04x}" + m[0][1:], line)
        lines.append(line)

    for kind in POSITIVES:
        for _i in range(positives):
            is_hard = kind in HARD and maker.r.random() < 1 / 12
            made = HARD[kind](maker) if is_hard else getattr(maker, kind)()
            add(made, [kind.replace("_", "-")])
    seen = set()
    while len(seen) < negatives:
        made = look_alikes(maker) if maker.r.random() < 1 / 30 else maker.negative()
        text = json.dumps(made, sort_keys=True)
        # Some of them have few forms.
        if text not in seen:
            seen.add(text)
            add(made, [])
    print("\n".join(lines))


if __name__ == "__main__":
    main()
