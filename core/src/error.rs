//! The one error of the façade: opaque, with predicates.

use std::fmt;

/// Why a source could not be opened or read as an audit log.
///
/// The kinds are asked for by predicate (`is_…`), so that more can be added without breaking a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    NotALog,
    CorruptInput,
    Unsupported,
    Unavailable,
    Cancelled,
}

impl Error {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    /// The source holds no byte.
    pub(crate) fn empty() -> Self {
        Self::new(Kind::Empty, "the file is empty (0 bytes)").with_hint(
            "Was the export finished? An empty log exported as JSON is `[]`, not an empty file.",
        )
    }

    /// The source was understood, but holds no audit log.
    pub(crate) fn not_a_log(message: impl Into<String>) -> Self {
        Self::new(Kind::NotALog, message)
    }

    /// The source is damaged beyond use.
    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        Self::new(Kind::CorruptInput, message)
    }

    /// The source is well-formed, but of a kind that is not read, or beyond a stated limit.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(Kind::Unsupported, message)
    }

    /// The bytes could not be had: absent, no permission, changed under the reader.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, message)
    }

    /// The host asked to stop.
    pub(crate) fn cancelled() -> Self {
        Self::new(Kind::Cancelled, "cancelled")
    }

    /// The same error with a sentence on what to try.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error, said of something inside.
    pub(crate) fn within(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// What to try, if there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether the source holds no byte at all.
    #[must_use]
    pub fn is_empty_input(&self) -> bool {
        self.kind == Kind::Empty
    }

    /// Whether the source was understood but is no audit log.
    #[must_use]
    pub fn is_not_a_log(&self) -> bool {
        self.kind == Kind::NotALog
    }

    /// Whether the source is damaged beyond use.
    #[must_use]
    pub fn is_corrupt_input(&self) -> bool {
        self.kind == Kind::CorruptInput
    }

    /// Whether the source is of a kind that is not read, or beyond a stated limit.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.kind == Kind::Unsupported
    }

    /// Whether the bytes could not be had.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.kind == Kind::Unavailable
    }

    /// Whether the host asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.kind == Kind::Cancelled
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        let hint = match e.kind() {
            std::io::ErrorKind::NotFound => "Are its name and its folder right?",
            std::io::ErrorKind::PermissionDenied => "Ask whoever owns it for leave to read it.",
            _ => "It may have been moved or changed while it was open. Open it again.",
        };
        Self::unavailable(format!("the file could not be read: {e}")).with_hint(hint)
    }
}
