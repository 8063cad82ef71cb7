//! The message of a request that exceeds a limit.

use std::time::Duration;

use super::{
    go_duration::go_duration,
    limit::{LimitExceeded, LimitKind},
};

impl LimitExceeded {
    /// Returns OpenAI's message; the model is known for requests that are refused by their tokens.
    pub fn message(&self, model: Option<&str>) -> String {
        let Self { kind, limit, period, used, requested, retry_after } = *self;
        let subject = match model {
            Some(model) => format!("{model} in organization weir"),
            None => "organization weir".to_owned(),
        };
        let rate = rate(kind, period);
        match retry_after {
            Some(wait) => format!(
                "Rate limit reached for {subject} on {rate}: Limit {limit}, Used {used}, Requested {requested}. \
                 Please try again in {}.",
                go_duration(wait)
            ),
            None => format!(
                "Request too large for {subject} on {rate}: Limit {limit}, Requested {requested}. The input or \
                 output tokens must be reduced in order to run successfully."
            ),
        }
    }
}

/// The name of a limit: `tokens per min (TPM)`.
fn rate(kind: LimitKind, period: Duration) -> String {
    let initials = match kind {
        LimitKind::Requests => "RP",
        LimitKind::Tokens => "TP",
        LimitKind::InputTokens => "ITP",
        LimitKind::OutputTokens => "OTP",
    };
    let units = kind.units();
    let (unit, initial) = match period.as_secs() {
        1 => ("sec", 'S'),
        60 => ("min", 'M'),
        3_600 => ("hour", 'H'),
        86_400 => ("day", 'D'),
        seconds => return format!("{units} per {seconds}s"),
    };
    format!("{units} per {unit} ({initials}{initial})")
}

impl LimitKind {
    /// The name of what a limit counts.
    pub const fn units(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::InputTokens => "input tokens",
            Self::OutputTokens => "output tokens",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_names_limit_use_and_time() {
        let exceeded = LimitExceeded {
            kind: LimitKind::Tokens,
            limit: 30_000,
            period: Duration::from_secs(60),
            used: 29_000,
            requested: 1_600,
            retry_after: Some(Duration::from_millis(1_200)),
        };
        insta::assert_snapshot!(exceeded.message(Some("gpt-4o-mini")), @"Rate limit reached for gpt-4o-mini in organization weir on tokens per min (TPM): Limit 30000, Used 29000, Requested 1600. Please try again in 1.2s.");
        let large = LimitExceeded { requested: 34_000, retry_after: None, ..exceeded };
        insta::assert_snapshot!(large.message(Some("gpt-4o-mini")), @"Request too large for gpt-4o-mini in organization weir on tokens per min (TPM): Limit 30000, Requested 34000. The input or output tokens must be reduced in order to run successfully.");
        let ten_seconds = Duration::from_secs(10);
        let requests = LimitExceeded { kind: LimitKind::Requests, period: ten_seconds, ..exceeded };
        insta::assert_snapshot!(requests.message(None), @"Rate limit reached for organization weir on requests per 10s: Limit 30000, Used 29000, Requested 1600. Please try again in 1.2s.");
    }
}
