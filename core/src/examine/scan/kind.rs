//! What the scan looks for.

/// A kind of thing that a log should perhaps not hold, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    PrivateKey,
    AwsKey,
    GithubToken,
    SlackToken,
    Jwt,
    ApiToken,
    BearerToken,
    UrlPassword,
    Password,
    Email,
    Phone,
    PaymentCard,
    UsSsn,
    Iban,
    IpAddress,
    PersonalField,
    TextForHash,
    FeatureVector,
    HyperParameter,
    Architecture,
    Prompt,
    FilePath,
    StackTrace,
    GuessableHash,
}

impl Kind {
    /// The code used in reports.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::PrivateKey => "private-key",
            Self::AwsKey => "aws-key",
            Self::GithubToken => "github-token",
            Self::SlackToken => "slack-token",
            Self::Jwt => "jwt",
            Self::ApiToken => "api-token",
            Self::BearerToken => "bearer-token",
            Self::UrlPassword => "url-password",
            Self::Password => "password",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::PaymentCard => "payment-card",
            Self::UsSsn => "us-ssn",
            Self::Iban => "iban",
            Self::IpAddress => "ip-address",
            Self::PersonalField => "personal-field",
            Self::TextForHash => "text-for-hash",
            Self::FeatureVector => "feature-vector",
            Self::HyperParameter => "hyper-parameter",
            Self::Architecture => "architecture",
            Self::Prompt => "prompt",
            Self::FilePath => "file-path",
            Self::StackTrace => "stack-trace",
            Self::GuessableHash => "guessable-hash",
        }
    }

    /// The group of kinds that it belongs to.
    pub(crate) const fn group(self) -> &'static str {
        match self {
            Self::PrivateKey
            | Self::AwsKey
            | Self::GithubToken
            | Self::SlackToken
            | Self::Jwt
            | Self::ApiToken
            | Self::BearerToken
            | Self::UrlPassword
            | Self::Password => "secret",
            Self::Email
            | Self::Phone
            | Self::PaymentCard
            | Self::UsSsn
            | Self::Iban
            | Self::IpAddress
            | Self::PersonalField
            | Self::TextForHash
            | Self::FeatureVector => "personal",
            Self::HyperParameter
            | Self::Architecture
            | Self::Prompt
            | Self::FilePath
            | Self::StackTrace => "proprietary",
            Self::GuessableHash => "hash",
        }
    }

    /// Whether an example of it shows neither its first nor its last character, nor its marks.
    pub(crate) fn is_secret(self) -> bool {
        self <= Self::Password
    }
}
