//! What the key above a value says about it. Only words of the key are looked at, so that `clientEmail` and `client_email`
//! are one.

/// What a key says, inherited by what lies below it where that makes sense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    /// What its own words say.
    pub(super) role: Role,
    /// The key names a thing whose digits are nobody's number: a time, a version, a measure.
    pub(super) is_technical: bool,
    /// The key names an id, whose digits may be anything.
    pub(super) is_id: bool,
    /// The key speaks about a thing and does not hold it: a count, a name, a type.
    pub(super) is_about: bool,
    /// The key names a version or a build.
    pub(super) is_version: bool,
    /// A key above holds hyper-parameters.
    pub(super) is_tuning: bool,
    /// A key above holds what is said to a language model.
    pub(super) is_chat: bool,
    /// The key names a share, between 0 and 1.
    pub(super) is_rate: bool,
    /// The key names a way into a service, which looks like the path of a file.
    pub(super) is_route: bool,
    /// The key describes names and types, not values: a schema.
    pub(super) is_schema: bool,
}

/// What the value of a key ought to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    None,
    Phone,
    Card,
    Ssn,
    Iban,
    Ip,
    /// A name, a date of birth, a home, an official number or a protected trait of a person.
    Person,
    /// A password, or a key to something.
    Secret,
    /// A hash of what a model was given, or of a person.
    Hash,
    /// A hash of anything else.
    OtherHash,
    Authorization,
    Features,
    HyperParameter,
    Architecture,
    Prompt,
    Content,
}

/// A key with more bytes than this is data, not a name.
pub(super) const LONGEST: usize = 96;

impl Key {
    /// The key of this name, below another one.
    pub(super) fn below(&self, name: &[u8]) -> Self {
        let words = words(name);
        let role = role(&words, self);
        let has = |any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
        let last = words.last().map_or("", String::as_str);
        Self {
            role,
            is_technical: TECHNICAL.contains(&last),
            is_id: has(&["id", "uuid", "order", "isbn"]),
            is_about: ABOUT.contains(&last),
            is_version: has(&[
                "version",
                "versions",
                "build",
                "release",
                "driver",
                "sdk",
                "oid",
                "cuda",
                "firmware",
                "library",
                "libraries",
                "packages",
                "dependencies",
            ]) || (has(&["user"]) && last == "agent"),
            is_tuning: self.is_tuning || is_tuning(&words),
            is_chat: self.is_chat && role != Role::OtherHash
                || has(&["messages", "conversation", "dialogue", "chat"]),
            is_rate: has(&["dropout"]),
            is_route: has(&["route", "endpoint", "topic", "xpath", "url"]),
            is_schema: self.is_schema || has(&["schema", "dtypes", "columns", "types"]),
        }
    }

    /// The elements of an array are what the array is.
    pub(super) fn each(&self) -> Self {
        *self
    }
}

/// Last words of keys whose digits are nobody's number.
const TECHNICAL: [&str; 52] = [
    "ids",
    "guid",
    "ulid",
    "snowflake",
    "trace",
    "span",
    "seq",
    "sequence",
    "ts",
    "time",
    "timestamp",
    "at",
    "created",
    "updated",
    "micros",
    "ns",
    "ms",
    "us",
    "epoch",
    "hash",
    "digest",
    "checksum",
    "sha",
    "sha1",
    "sha256",
    "md5",
    "seed",
    "version",
    "build",
    "offset",
    "bytes",
    "size",
    "rows",
    "count",
    "n",
    "total",
    "stamp",
    "ticket",
    "invoice",
    "serial",
    "batch",
    "part",
    "sku",
    "cursor",
    "commit",
    "revision",
    "lat",
    "lon",
    "port",
    "lot",
    "article",
    "model",
];

/// The words of a key in lower case: `clientIP_v2` is `client`, `ip`, `v2`.
fn words(name: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(name);
    let chars: Vec<char> = text.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for (i, c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            is_open = false;
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| chars.get(i));
        let after = chars.get(i + 1);
        let is_hump = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_numeric())
                || (before.is_some_and(|b| b.is_uppercase())
                    && after.is_some_and(|a| a.is_lowercase())));
        if !is_open || is_hump {
            words.push(String::new());
            is_open = true;
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// Words of keys that speak about a thing and do not hold it.
const ABOUT: [&str; 46] = [
    "id",
    "ids",
    "count",
    "counts",
    "version",
    "versions",
    "name",
    "names",
    "type",
    "types",
    "policy",
    "changed",
    "expires",
    "expiry",
    "length",
    "len",
    "size",
    "status",
    "verified",
    "sent",
    "algorithm",
    "algo",
    "bits",
    "format",
    "schema",
    "shape",
    "importance",
    "importances",
    "drift",
    "strength",
    "rotation",
    "rotated",
    "enabled",
    "required",
    "valid",
    "tokens",
    "columns",
    "dtype",
    "dtypes",
    "mean",
    "std",
    "stats",
    "missing",
    "state",
    "hint",
    "limit",
];

fn role(words: &[String], above: &Key) -> Role {
    let Some(last) = words.last().map(String::as_str) else {
        return Role::None;
    };
    let has = |any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
    let joined = words.concat();
    if is_person(words, &joined) {
        return Role::Person;
    }
    let is_token = last == "tokens" && has(&["access", "auth", "refresh", "session"]);
    if ABOUT.contains(&last) && !is_token
        || words
            .first()
            .is_some_and(|w| matches!(w.as_str(), "has" | "is" | "num" | "n" | "max" | "min"))
    {
        // `num_layers` and `max_depth` are counts that tell much.
        return match tuned(&joined) {
            Role::None if has(&["hash"]) => Role::OtherHash,
            role => role,
        };
    }
    if is_hash(last) {
        let other = [
            "git",
            "commit",
            "model",
            "artifact",
            "image",
            "code",
            "file",
            "weights",
            "dataset",
            "container",
            "build",
            "tree",
            "block",
            "tls",
            "cert",
            "password",
            "config",
        ];
        return if has(&other) {
            Role::OtherHash
        } else {
            Role::Hash
        };
    }
    let plain = last.strip_suffix('s').unwrap_or(last);
    match plain {
        "phone" | "mobile" | "tel" | "telephone" | "caller" | "callee" | "msisdn" | "fax"
        | "cell" | "whatsapp" | "handy" | "sms" | "cellphone" => return Role::Phone,
        "card" | "pan" | "cc" | "creditcard" => return Role::Card,
        "ssn" => return Role::Ssn,
        "iban" => return Role::Iban,
        "ip" | "ipv4" | "ipv6" | "addr" | "host" | "peer" | "client" | "remote" | "server"
        | "node" | "gateway" | "hostname" => return Role::Ip,
        "password" | "passwd" | "pwd" | "passphrase" | "secret" | "apikey" | "pw" | "passcode"
        | "credential" => return Role::Secret,
        "authorization" => return Role::Authorization,
        "prompt" | "instruction" => return Role::Prompt,
        "feature" | "embedding" | "input" | "instance" | "tensor" | "x" | "vec" | "vector"
        | "sample" | "observation" => return Role::Features,
        _ => {}
    }
    if has(&["phone", "mobile", "telephone"]) && plain == "number" {
        return Role::Phone;
    }
    if has(&["card"]) && plain == "number" {
        return Role::Card;
    }
    if joined.contains("socialsecurity") {
        return Role::Ssn;
    }
    if joined.contains("forwardedfor") || (has(&["ip"]) && plain == "address") {
        return Role::Ip;
    }
    if has(&[
        "api",
        "secret",
        "access",
        "private",
        "signing",
        "encryption",
    ]) && plain == "key"
        || has(&["access", "auth", "refresh", "session"]) && plain == "token"
    {
        return Role::Secret;
    }
    if has(&["feature", "input", "embedding", "raw"])
        && matches!(plain, "vector" | "value" | "data")
    {
        return Role::Features;
    }
    if has(&["prompt"]) && matches!(plain, "text" | "template")
        || has(&["system", "user", "assistant"]) && plain == "message"
    {
        return Role::Prompt;
    }
    if above.is_chat && matches!(plain, "content" | "text") {
        return Role::Content;
    }
    tuned(&joined)
}

/// Keys under which somebody is described.
fn is_person(words: &[String], joined: &str) -> bool {
    let [.., before, last] = words else {
        return is_trait(joined);
    };
    let whose = [
        "first",
        "last",
        "full",
        "given",
        "family",
        "middle",
        "maiden",
        "patient",
        "customer",
        "applicant",
        "person",
        "employee",
        "borrower",
        "cardholder",
        "holder",
        "beneficiary",
        "insured",
        "contact",
    ];
    let where_to = [
        "home",
        "street",
        "postal",
        "mailing",
        "billing",
        "residential",
        "shipping",
    ];
    match last.as_str() {
        "name" => whose.contains(&before.as_str()),
        "address" => where_to.contains(&before.as_str()),
        "birth" => before == "of" || before == "date",
        "date" | "day" | "place" => before == "birth",
        "number" | "no" => {
            ["passport", "record", "insurance", "license", "licence"].contains(&before.as_str())
                && !joined.contains("vehicle")
        }
        "dob" | "surname" | "passport" | "ethnicity" | "religion" | "diagnosis" => true,
        _ => is_trait(joined),
    }
}

fn is_trait(joined: &str) -> bool {
    matches!(
        joined,
        "dob"
            | "birthdate"
            | "birthday"
            | "surname"
            | "forename"
            | "firstname"
            | "lastname"
            | "fullname"
            | "streetaddress"
            | "street"
            | "passport"
            | "nationalid"
            | "nationalinsurance"
            | "taxid"
            | "driverlicense"
            | "driverslicense"
            | "mrn"
            | "ethnicity"
            | "race"
            | "religion"
            | "diagnosis"
            | "diagnoses"
            | "disability"
            | "sexualorientation"
            | "nationality"
            | "maritalstatus"
    )
}

fn is_hash(word: &str) -> bool {
    matches!(
        word,
        "hash"
            | "hashes"
            | "digest"
            | "sha"
            | "sha1"
            | "sha256"
            | "sha512"
            | "md5"
            | "fingerprint"
            | "hmac"
    )
}

fn is_tuning(words: &[String]) -> bool {
    let joined = words.concat();
    matches!(
        joined.as_str(),
        "hyperparameters"
            | "hyperparameter"
            | "hyperparams"
            | "hyperparam"
            | "hparams"
            | "trainingconfig"
            | "trainingargs"
            | "optimizerconfig"
            | "searchspace"
    )
}

/// Keys that are a hyper-parameter or a part of an architecture by themselves.
fn tuned(joined: &str) -> Role {
    match joined {
        "learningrate"
        | "lr"
        | "initiallr"
        | "baselr"
        | "weightdecay"
        | "dropout"
        | "dropoutrate"
        | "nestimators"
        | "maxdepth"
        | "numleaves"
        | "minchildweight"
        | "minsamplesleaf"
        | "minsamplessplit"
        | "maxfeatures"
        | "subsample"
        | "colsamplebytree"
        | "regalpha"
        | "reglambda"
        | "l1ratio"
        | "epochs"
        | "numepochs"
        | "nepochs"
        | "trainbatchsize"
        | "warmupsteps"
        | "warmupratio"
        | "gradientclip"
        | "gradclip"
        | "maxgradnorm"
        | "optimizer"
        | "lrscheduler"
        | "labelsmoothing"
        | "adambeta1"
        | "adambeta2"
        | "beta1"
        | "beta2"
        | "boostingrounds"
        | "numboostround"
        | "earlystoppingrounds"
        | "lorar"
        | "loraalpha"
        | "lorarank" => Role::HyperParameter,
        "architecture" | "modelarchitecture" | "numlayers" | "nlayers" | "hiddenlayers"
        | "numhiddenlayers" | "hiddensize" | "hiddenunits" | "hiddendim" | "hiddenlayersizes"
        | "layersizes" | "numheads" | "nheads" | "attentionheads" | "numattentionheads"
        | "dmodel" | "kernelsize" | "vocabsize" | "embeddingdim" | "embeddingsize" | "embeddim"
        | "backbone" | "activationfunction" | "intermediatesize" | "numexperts"
        | "contextlength" | "dff" => Role::Architecture,
        _ => Role::None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Role, words};

    #[test]
    fn keys_are_cut_into_words() {
        for (name, expected) in [
            ("clientIP_v2", "client ip v2"),
            ("HTTPHeader", "http header"),
            ("systemPrompt", "system prompt"),
            ("x-forwarded-for", "x forwarded for"),
            ("größeÄnderung", "größe änderung"),
            ("", ""),
            ("__", ""),
        ] {
            assert_eq!(words(name.as_bytes()).join(" "), expected);
        }
    }

    #[test]
    fn a_key_says_what_its_value_ought_to_be() {
        for (name, expected) in [
            ("contact_phone", Role::Phone),
            ("phoneNumber", Role::Phone),
            ("phone_verified", Role::None),
            ("input_hash", Role::Hash),
            ("git_commit_hash", Role::OtherHash),
            ("hash_algorithm", Role::OtherHash),
            ("password_policy", Role::None),
            ("api_key", Role::Secret),
            ("api_key_id", Role::None),
            ("max_tokens", Role::None),
            ("max_depth", Role::HyperParameter),
            ("num_layers", Role::Architecture),
            ("prompt_tokens", Role::None),
            ("feature_names", Role::None),
            ("raw_features", Role::Features),
            ("feature_importance", Role::None),
        ] {
            assert_eq!(
                Key::default().below(name.as_bytes()).role,
                expected,
                "{name}"
            );
        }
    }
}
