//! `[[fault]]` in the settings: raw rules, and their checks.

use std::{fmt, num::NonZeroU64, time::Duration};

use http::{HeaderName, Method};
use serde::Deserialize;

use super::{
    counts::Turns,
    fault::{Effect, Fault},
    spec::{FaultSpec, SpecError, SpecForm},
    window::Window,
};
use crate::config::{BackendSettings, ConfigError, Span, invalid_setting};

/// Maximum rules.
const RULES_MAX: usize = 256;

/// All rules as users write them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct RawFaults(Vec<RawRule>);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    #[serde(rename = "do")]
    fault: FaultSpec,
    share: Option<f64>,
    model: Option<String>,
    key: Option<String>,
    endpoint: Option<String>,
    header: Option<String>,
    at: Option<Span>,
    #[serde(rename = "for")]
    length: Option<Span>,
    until: Option<Span>,
    every: Option<Span>,
    first: Option<u64>,
    every_nth: Option<u64>,
    per: Option<String>,
    in_flight: Option<RawRise>,
    waiting: Option<RawRise>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRise {
    from: u32,
    to: u32,
}

/// A checked rule. Whether its model, key and endpoint exist is checked by the server.
#[derive(Clone, Debug)]
pub(crate) struct RuleSettings {
    pub(super) fault: Fault,
    /// The probability that the fault is applied to a request that meets all conditions.
    pub(super) share: f64,
    /// A pattern of the requested model's name.
    pub(super) model: Option<String>,
    /// The name of a listed key.
    pub(super) key: Option<String>,
    pub(super) endpoint: Option<EndpointPattern>,
    pub(super) header: Option<HeaderPattern>,
    pub(super) window: Option<Window>,
    pub(super) turns: Option<(Turns, Kind)>,
    pub(super) load: Option<LoadRise>,
}

/// Which endpoints a rule concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EndpointPattern {
    pub(super) method: Option<Method>,
    /// A pattern of the route's path.
    pub(super) path: String,
}

/// A header that a request must have.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct HeaderPattern {
    pub(super) name: HeaderName,
    /// A pattern of its value.
    pub(super) value: Option<String>,
}

impl fmt::Debug for HeaderPattern {
    /// Without the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeaderPattern").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Which requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All that match the rule.
    All,
    /// Those of one key.
    Key,
    /// Those of one model.
    Model,
    /// Those with the same body.
    Body,
    /// Those with the same value of a header.
    Header(HeaderName),
}

/// A probability that rises with the load: from 0 at `from` to the rule's share at `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LoadRise {
    pub(super) load: Load,
    from: u32,
    to: u32,
}

/// What the load of the server is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Load {
    /// Requests in flight.
    InFlight,
    /// LLM calls that wait.
    Waiting,
}

impl LoadRise {
    /// The factor of the share at this load.
    pub(super) fn factor(&self, load: i64) -> f64 {
        let (from, to) = (f64::from(self.from), f64::from(self.to));
        ((load as f64 - from) / (to - from)).clamp(0.0, 1.0)
    }
}

impl RuleSettings {
    /// Whether the rule applies to every request of its scope.
    pub(super) fn is_unconditional(&self) -> bool {
        let Self { fault: _, share, model, key, endpoint, header, window, turns, load } = self;
        *share >= 1.0
            && (model.is_none() && key.is_none() && endpoint.is_none() && header.is_none())
            && (window.is_none() && turns.is_none() && load.is_none())
    }
}

impl BackendSettings for RawFaults {
    type Checked = Vec<RuleSettings>;

    fn over(self, below: Self) -> Self {
        if self.0.is_empty() { below } else { self }
    }

    fn check(self) -> Result<Vec<RuleSettings>, ConfigError> {
        let Self(raw) = self;
        if raw.len() > RULES_MAX {
            let message = format!("expected at most {RULES_MAX} rules, found {}", raw.len());
            return Err(invalid_setting("fault", message));
        }
        let rules = raw.into_iter().enumerate().map(|(index, raw)| rule(&format!("fault[{index}]"), raw));
        let rules = rules.collect::<Result<Vec<_>, _>>()?;
        check_order(&rules)?;
        Ok(rules)
    }
}

/// The first matching rule wins: none may follow one that always matches.
fn check_order(rules: &[RuleSettings]) -> Result<(), ConfigError> {
    let concerns_requests = |rule: &&RuleSettings| rule.fault.effect != Effect::Refuse;
    let rules = || rules.iter().enumerate().filter(|(_, rule)| concerns_requests(rule));
    for (index, rule) in rules() {
        let hides = |earlier: &RuleSettings| {
            earlier.is_unconditional() && (!earlier.fault.needs_stream() || rule.fault.needs_stream())
        };
        if let Some((by, _)) = rules().take_while(|(other, _)| *other < index).find(|(_, other)| hides(other))
        {
            return Err(invalid_setting(
                format!("fault[{index}].do"),
                format!("no request can meet this fault: the rule fault[{by}] before it has no condition"),
            ));
        }
    }
    Ok(())
}

fn rule(place: &str, raw: RawRule) -> Result<RuleSettings, ConfigError> {
    let fault = Fault::of(&raw.fault).map_err(|error| spec_error(place, &raw.fault, error))?;
    check_refusal(place, &fault, &raw)?;
    let error = |key: &str, message: String| invalid_setting(format!("{place}.{key}"), message);
    let share = raw.share.unwrap_or(1.0);
    if !(share > 0.0 && share <= 1.0) {
        return Err(error("share", format!("expected a share above 0 and at most 1, found {share}")));
    }
    for (key, text) in [("model", &raw.model), ("key", &raw.key)] {
        if text.as_ref().is_some_and(String::is_empty) {
            return Err(error(key, "expected a name, found an empty text".to_owned()));
        }
    }
    let load = match (raw.in_flight, raw.waiting) {
        (None, None) => None,
        (Some(rise), None) => Some((Load::InFlight, rise, "in_flight")),
        (None, Some(rise)) => Some((Load::Waiting, rise, "waiting")),
        (Some(_), Some(_)) => return Err(error("waiting", "conflicts with `in_flight`".to_owned())),
    };
    let load = load.map(|(load, RawRise { from, to }, key)| {
        if from >= to {
            return Err(error(key, format!("expected `from` below `to`, found {from} and {to}")));
        }
        Ok(LoadRise { load, from, to })
    });
    Ok(RuleSettings {
        fault,
        share,
        window: window(place, raw.at, raw.length, raw.until, raw.every)?,
        turns: turns(place, raw.first, raw.every_nth, raw.per.as_deref())?,
        model: raw.model,
        key: raw.key,
        endpoint: raw.endpoint.map(|text| endpoint(place, &text)).transpose()?,
        header: raw.header.map(|text| header(place, &text)).transpose()?,
        load: load.transpose()?,
    })
}

/// The key of a wrong part: within the table, or of the whole text.
fn spec_error(place: &str, spec: &FaultSpec, error: SpecError) -> ConfigError {
    match (spec.form(), &error.part) {
        (SpecForm::Table, Some(part)) => invalid_setting(format!("{place}.do.{part}"), error.message),
        (SpecForm::Text, _) | (SpecForm::Table, None) => {
            invalid_setting(format!("{place}.do"), error.to_string())
        }
    }
}

/// Refused connections have no request: only time can be a condition.
fn check_refusal(place: &str, fault: &Fault, raw: &RawRule) -> Result<(), ConfigError> {
    if fault.effect != Effect::Refuse {
        return Ok(());
    }
    let given = [
        ("share", raw.share.is_some()),
        ("model", raw.model.is_some()),
        ("key", raw.key.is_some()),
        ("endpoint", raw.endpoint.is_some()),
        ("header", raw.header.is_some()),
        ("first", raw.first.is_some()),
        ("every_nth", raw.every_nth.is_some()),
        ("in_flight", raw.in_flight.is_some()),
        ("waiting", raw.waiting.is_some()),
    ];
    if let Some((key, _)) = given.into_iter().find(|(_, is_given)| *is_given) {
        let message = "conflicts with the fault `refuse`, which depends on time only: expected `at`, `for`, `until` and `every`";
        return Err(invalid_setting(format!("{place}.{key}"), message));
    }
    if raw.length.is_none() && raw.until.is_none() {
        let message = "the fault `refuse` has no end: expected `for` or `until`";
        return Err(invalid_setting(format!("{place}.do"), message));
    }
    Ok(())
}

fn window(
    place: &str,
    at: Option<Span>,
    length: Option<Span>,
    until: Option<Span>,
    every: Option<Span>,
) -> Result<Option<Window>, ConfigError> {
    let error = |key: &str, message: String| Err(invalid_setting(format!("{place}.{key}"), message));
    let text = weir_pace::duration_text::format;
    let is_given = at.is_some() || length.is_some() || until.is_some() || every.is_some();
    let at = at.map_or(Duration::ZERO, |span| span.0);
    let length = match (length, until) {
        (None, None) => None,
        (Some(Span(Duration::ZERO)), None) => {
            return error("for", "expected a duration above zero, found 0".to_owned());
        }
        (Some(length), None) => Some(length.0),
        (None, Some(until)) if until.0 <= at => {
            return error(
                "until",
                format!("expected a time after `at` ({}), found {}", text(at), text(until.0)),
            );
        }
        (None, Some(until)) => Some(until.0.saturating_sub(at)),
        (Some(_), Some(_)) => return error("until", "conflicts with `for`".to_owned()),
    };
    let every = match (every, length) {
        (None, _) => None,
        (Some(_), None) => {
            return error("every", "the window has no end: expected `for` or `until` as well".to_owned());
        }
        (Some(every), Some(length)) if every.0 <= length => {
            let (length, every) = (text(length), text(every.0));
            return error(
                "every",
                format!("expected more than the length of the window ({length}), found {every}"),
            );
        }
        (Some(every), Some(_)) => Some(every.0),
    };
    Ok(is_given.then_some(Window { at, length, every }))
}

fn turns(
    place: &str,
    first: Option<u64>,
    every_nth: Option<u64>,
    per: Option<&str>,
) -> Result<Option<(Turns, Kind)>, ConfigError> {
    let error = |key: &str, message: &str| Err(invalid_setting(format!("{place}.{key}"), message));
    let zero = "expected a whole number of at least 1, found 0";
    let turns = match (first, every_nth) {
        (None, None) if per.is_some() => {
            return error("per", "has no effect without `first` or `every_nth`");
        }
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return error("every_nth", "conflicts with `first`"),
        (Some(first), None) => match NonZeroU64::new(first) {
            Some(first) => Turns::First(first),
            None => return error("first", zero),
        },
        (None, Some(n)) => match NonZeroU64::new(n) {
            Some(n) => Turns::EveryNth(n),
            None => return error("every_nth", zero),
        },
    };
    let kind = match per {
        None => Kind::All,
        Some("key") => Kind::Key,
        Some("model") => Kind::Model,
        Some("body") => Kind::Body,
        Some(other) => match other.strip_prefix("header:").map(|name| name.trim().parse::<HeaderName>()) {
            Some(Ok(name)) => Kind::Header(name),
            Some(Err(_)) | None => {
                let message = format!("expected key, model, body or header:NAME, found {other:?}");
                return error("per", &message);
            }
        },
    };
    Ok(Some((turns, kind)))
}

/// A path or a pattern of paths, with or without a method.
fn endpoint(place: &str, text: &str) -> Result<EndpointPattern, ConfigError> {
    let error = || {
        let message =
            format!("expected a path such as \"/v1/chat/completions\" or \"POST /v1/*\", found {text:?}");
        invalid_setting(format!("{place}.endpoint"), message)
    };
    let (method, path) = match text.trim().split_once(' ') {
        Some((method, path)) => (Some(method), path.trim()),
        None => (None, text.trim()),
    };
    let method = match method {
        None => None,
        Some("GET") => Some(Method::GET),
        Some("POST") => Some(Method::POST),
        Some("DELETE") => Some(Method::DELETE),
        Some(_) => return Err(error()),
    };
    if !path.starts_with('/') && !path.starts_with('*') {
        return Err(error());
    }
    Ok(EndpointPattern { method, path: path.to_owned() })
}

/// `NAME` or `NAME: PATTERN`.
fn header(place: &str, text: &str) -> Result<HeaderPattern, ConfigError> {
    let (name, value) = match text.split_once(':') {
        Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
        None => (text.trim(), None),
    };
    let name = name.parse().map_err(|_| {
        let message = format!("expected a header such as \"x-test\" or \"x-test: slow*\", found {text:?}");
        invalid_setting(format!("{place}.header"), message)
    })?;
    Ok(HeaderPattern { name, value })
}
