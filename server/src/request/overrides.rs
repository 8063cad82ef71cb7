//! What a request overrides by its headers.

use http::{HeaderMap, HeaderName};
use serde::Deserialize;
use weir_pace::{Document, Latency, Seed, Suggestion, TomlNode, read_settings};

use super::{Problem, ProblemKind};
use crate::config::OverridesFrom;

/// The common beginning of all names.
const PREFIX: &str = "x-weir-";
/// The response mode, which any client may set.
pub(crate) const RESPONSE_MODE: HeaderName = HeaderName::from_static("x-weir-says");
/// The fault of the request.
pub(crate) const FAULT_HEADER: HeaderName = HeaderName::from_static("x-weir-fault");
/// The most tokens of an answer.
const TOKENS_MAX: u32 = 1_000_000;
/// Names that begin with the prefix.
const NAMES: [&str; 6] =
    ["x-weir-says", "x-weir-ttft", "x-weir-itl", "x-weir-tokens", "x-weir-fault", "x-weir-seed"];

/// What a request overrides: parts of its model's profile, the seed, and the faults of the settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Overrides {
    /// The time to first token, whatever the length of the prompt.
    pub(crate) ttft: Option<Latency>,
    /// The gaps between tokens.
    pub(crate) itl: Option<Latency>,
    /// The length of natural text.
    pub(crate) tokens: Option<u32>,
    /// The seed of content, delays and faults.
    pub(crate) seed: Option<Seed>,
    /// A fault, unchecked.
    pub(crate) fault: Option<String>,
}

/// A distribution, as a text of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LatencyValue {
    value: Latency,
}

impl Overrides {
    /// Whether there are headers with overrides, or with unknown names that look like some.
    pub(crate) fn are_in(headers: &HeaderMap) -> bool {
        headers.keys().any(|name| name.as_str().starts_with(PREFIX) && *name != RESPONSE_MODE)
    }

    /// Reads the headers of a request; fails if its client, which is on this machine or not, may not override anything.
    pub(crate) fn read(
        headers: &HeaderMap,
        allowed: OverridesFrom,
        is_from_loopback: bool,
    ) -> Result<Option<Self>, Problem> {
        let is_override = |name: &&HeaderName| name.as_str().starts_with(PREFIX) && **name != RESPONSE_MODE;
        let Some(first) = headers.keys().find(is_override) else { return Ok(None) };
        let is_allowed = match allowed {
            OverridesFrom::Anyone => true,
            OverridesFrom::Loopback => is_from_loopback,
            OverridesFrom::Nobody => false,
        };
        if !is_allowed {
            let message = format!(
                "header {first}: this client may not override anything: the setting `server.overrides` is \"{}\"",
                allowed.as_str()
            );
            let problem = Problem::new(ProblemKind::Forbidden, message);
            return Err(Problem { code: Some("invalid_header"), ..problem });
        }
        Self::of(headers).map(Some)
    }

    /// Returns the hash of what a request asks, with the seed that it overrides.
    pub(crate) fn seeded(overrides: Option<&Self>, body: u64) -> u64 {
        let seed = overrides.and_then(|overrides| overrides.seed);
        seed.map_or(body, |seed| seed.derive(body).get())
    }

    /// Reads the headers.
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut overrides = Self::default();
        for (name, value) in headers.iter().filter(|(name, _)| name.as_str().starts_with(PREFIX)) {
            let invalid = |message: String| Problem::header(name, &message);
            if headers.get_all(name).iter().count() > 1 {
                return Err(invalid("the header is given more than once".to_owned()));
            }
            let text =
                std::str::from_utf8(value.as_bytes()).map_err(|_| invalid("it is not UTF-8".to_owned()))?;
            let text = text.trim();
            match name.as_str() {
                "x-weir-ttft" => overrides.ttft = Some(latency(text).map_err(invalid)?),
                "x-weir-itl" => overrides.itl = Some(latency(text).map_err(invalid)?),
                "x-weir-tokens" => overrides.tokens = Some(tokens(text).map_err(invalid)?),
                "x-weir-seed" => overrides.seed = Some(seed(text).map_err(invalid)?),
                "x-weir-fault" => overrides.fault = Some(text.to_owned()),
                "x-weir-says" => {}
                unknown => {
                    let suggestion = Suggestion::new(unknown, NAMES);
                    return Err(invalid(format!("unknown override{suggestion}")));
                }
            }
        }
        Ok(overrides)
    }
}

/// A duration, or a distribution as in a model's profile.
fn latency(text: &str) -> Result<Latency, String> {
    if !text.starts_with('{') {
        return weir_pace::duration_text::parse(text)
            .map(Latency::constant)
            .map_err(|error| error.to_string());
    }
    let source = format!("value = {text}");
    let read = || {
        let document = Document::parse("header", &source).map_err(|_| None)?;
        let value: LatencyValue = read_settings(TomlNode::Root(document.root().get_ref())).map_err(Some)?;
        Ok(value.value)
    };
    read().map_err(|error: Option<weir_pace::SettingError>| match error {
        Some(error) => {
            let text = error.to_string();
            let inner = text.strip_prefix("value: ").or_else(|| text.strip_prefix("value."));
            format!("not a valid distribution: {}", inner.unwrap_or(&text))
        }
        None => {
            "expected a duration such as 250ms, or a distribution such as { p50 = \"200ms\", p95 = \"400ms\" }"
                .to_owned()
        }
    })
}

fn tokens(text: &str) -> Result<u32, String> {
    let tokens = text.parse().ok().filter(|tokens| (1..=TOKENS_MAX).contains(tokens));
    tokens.ok_or_else(|| format!("expected a whole number from 1 to {TOKENS_MAX}, found {text:?}"))
}

fn seed(text: &str) -> Result<Seed, String> {
    let seed = text.parse().map(Seed::new);
    seed.map_err(|_| format!("expected a whole number from 0 to {}, found {text:?}", u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn of(name: &str, value: &str) -> Result<Overrides, String> {
        let pair = (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        Overrides::of(&HeaderMap::from_iter([pair])).map_err(|problem| problem.message)
    }

    #[test]
    fn read_depends_on_the_client() {
        let headers =
            |name: &str| HeaderMap::from_iter([(name.parse::<HeaderName>().unwrap(), "1".parse().unwrap())]);
        for (allowed, is_from_loopback, is_read) in [
            (OverridesFrom::Loopback, true, true),
            (OverridesFrom::Loopback, false, false),
            (OverridesFrom::Anyone, false, true),
            (OverridesFrom::Nobody, true, false),
        ] {
            let read = Overrides::read(&headers("x-weir-seed"), allowed, is_from_loopback);
            assert_eq!(read.is_ok(), is_read, "{allowed:?}");
            let others = Overrides::read(&headers("x-weir-says"), allowed, is_from_loopback);
            assert_eq!(others, Ok(None), "{allowed:?}");
        }
        let refused = Overrides::read(&headers("x-weir-seed"), OverridesFrom::Loopback, false).unwrap_err();
        assert_eq!(refused.kind, ProblemKind::Forbidden);
        insta::assert_snapshot!(refused.message, @r#"header x-weir-seed: this client may not override anything: the setting `server.overrides` is "loopback""#);
    }

    #[test]
    fn of_valid_headers_yields_values() {
        let constant = |ms| Latency::constant(Duration::from_millis(ms));
        assert_eq!(of("x-weir-ttft", " 250ms ").unwrap().ttft, Some(constant(250)));
        let spread = of("x-weir-itl", "{ between = [\"1ms\", \"3ms\"] }").unwrap().itl.unwrap();
        assert_eq!(spread.mean(), Duration::from_millis(2));
        assert_eq!(of("x-weir-tokens", "12").unwrap().tokens, Some(12));
        assert_eq!(of("x-weir-seed", "7").unwrap().seed, Some(Seed::new(7)));
        assert_eq!(of("x-weir-fault", "stall; after=5").unwrap().fault.as_deref(), Some("stall; after=5"));
        assert_eq!(of("x-weir-says", "echo"), Ok(Overrides::default()));
    }

    #[test]
    fn of_invalid_headers_names_header_and_need() {
        let error = |name, value| of(name, value).unwrap_err();
        insta::assert_snapshot!(error("x-weir-ttft", "250"), @r#"header x-weir-ttft: 250 has no unit; write "250s" or "250ms" if that is what is meant"#);
        insta::assert_snapshot!(error("x-weir-ttft", "-1s"), @"header x-weir-ttft: -1s is negative; a duration must not be negative");
        insta::assert_snapshot!(error("x-weir-itl", "{ p50 = "), @r#"header x-weir-itl: expected a duration such as 250ms, or a distribution such as { p50 = "200ms", p95 = "400ms" }"#);
        insta::assert_snapshot!(error("x-weir-itl", "{ p50 = 3 }"), @"header x-weir-itl: not a valid distribution: 1 of p50, p90, p95 and p99 given: expected exactly two of them");
        insta::assert_snapshot!(error("x-weir-itl", "{ p51 = \"3ms\" }"), @"header x-weir-itl: not a valid distribution: p51: unknown key (did you mean `p50`?)");
        insta::assert_snapshot!(error("x-weir-tokens", "0"), @r#"header x-weir-tokens: expected a whole number from 1 to 1000000, found "0""#);
        insta::assert_snapshot!(error("x-weir-seed", "-1"), @r#"header x-weir-seed: expected a whole number from 0 to 18446744073709551615, found "-1""#);
        insta::assert_snapshot!(error("x-weir-token", "3"), @"header x-weir-token: unknown override (did you mean `x-weir-tokens`?)");
        let twice =
            ["1", "2"].map(|value| ("x-weir-seed".parse::<HeaderName>().unwrap(), value.parse().unwrap()));
        let mut headers = HeaderMap::new();
        for (name, value) in twice {
            headers.append(name, value);
        }
        let error = Overrides::of(&headers).unwrap_err().message;
        insta::assert_snapshot!(error, @"header x-weir-seed: the header is given more than once");
    }
}
