//! Which fault a request meets: the first rule whose conditions all hold.

use std::{borrow::Cow, time::Duration};

use http::{HeaderMap, Method};
use twox_hash::XxHash3_64;
use weir_model::TurnTable;
use weir_pace::{Seed, matches_wildcard};

use super::{
    counts::Counts,
    fault::{Effect, Fault},
    settings::{EndpointPattern, HeaderPattern, Kind, Load, RuleSettings},
};
use crate::request::Access;

/// The rules of a server, and what they have counted.
#[derive(Debug)]
pub(super) struct Rules {
    seed: Seed,
    /// Without those that concern connections.
    rules: Vec<Rule>,
    /// How often each request was made: it decides anew each time.
    turns: TurnTable,
}

#[derive(Debug)]
struct Rule {
    settings: RuleSettings,
    counts: Option<(Counts, Kind)>,
}

/// What the conditions of rules depend on.
#[derive(Debug)]
pub(super) struct RequestView<'a> {
    pub(super) method: &'a Method,
    /// The path of its route.
    pub(super) path: &'static str,
    pub(super) access: Access,
    pub(super) headers: &'a HeaderMap,
    /// The name of its key, if it is listed.
    pub(super) key: Option<&'a str>,
    /// The name of the requested model.
    pub(super) model: Option<Cow<'a, str>>,
    /// The hash of what it asks.
    pub(super) body: u64,
    /// Whether it asks for a stream.
    pub(super) is_stream: bool,
    /// The time since the start of the server.
    pub(super) time: Duration,
    /// Other requests in flight, and LLM calls that wait.
    pub(super) in_flight: i64,
    pub(super) waiting: i64,
}

impl Rules {
    pub(super) fn new(seed: Seed, settings: &[RuleSettings]) -> Self {
        let rules = settings.iter().filter(|settings| settings.fault.effect != Effect::Refuse);
        let rules = rules.map(|settings| Rule {
            settings: settings.clone(),
            counts: settings.turns.clone().map(|(turns, kind)| (Counts::new(turns), kind)),
        });
        Self { seed: seed.named("faults"), rules: rules.collect(), turns: TurnTable::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns the fault of the first rule whose conditions hold. Counts the request in the rules before it, and in it.
    pub(super) fn choose(&self, request: &RequestView<'_>) -> Option<&Fault> {
        // Drawn once, so that the rules of a request decide by the same turn.
        let mut drawn = None;
        let mut seed = || {
            *drawn.get_or_insert_with(|| {
                let request_seed = self.seed.named(request.path).derive(request.body);
                request_seed.derive(self.turns.next(request_seed.get()).label())
            })
        };
        let chosen = self.rules.iter().enumerate().find(|(index, rule)| {
            rule.settings.concerns(request)
                && rule.counts.as_ref().is_none_or(|(counts, kind)| counts.count(kind_of(kind, request)))
                && {
                    let share = rule.settings.share_at(request);
                    share >= 1.0 || share > 0.0 && seed().derive(*index as u64).unit() < share
                }
        });
        chosen.map(|(_, rule)| &rule.settings.fault)
    }
}

impl RuleSettings {
    /// Whether all conditions hold that depend on nothing random and on no count.
    fn concerns(&self, request: &RequestView<'_>) -> bool {
        let is_endpoint = match &self.endpoint {
            None => request.access == Access::RateLimited,
            Some(endpoint) => endpoint.matches(request.method, request.path),
        };
        is_endpoint
            && (request.is_stream || !self.fault.needs_stream())
            && self.window.is_none_or(|window| window.contains(request.time))
            && self.key.as_deref().is_none_or(|key| request.key == Some(key))
            && self.model.as_ref().is_none_or(|pattern| {
                request.model.as_ref().is_some_and(|model| matches_wildcard(pattern, model))
            })
            && self.header.as_ref().is_none_or(|header| header.matches(request.headers))
    }

    /// The probability under the load of this moment.
    fn share_at(&self, request: &RequestView<'_>) -> f64 {
        let Some(rise) = &self.load else { return self.share };
        let load = match rise.load {
            Load::InFlight => request.in_flight,
            Load::Waiting => request.waiting,
        };
        self.share * rise.factor(load)
    }
}

impl EndpointPattern {
    pub(super) fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|only| only == method) && matches_wildcard(&self.path, path)
    }
}

impl HeaderPattern {
    fn matches(&self, headers: &HeaderMap) -> bool {
        headers.get_all(&self.name).iter().any(|value| match &self.value {
            None => true,
            Some(pattern) => value.to_str().is_ok_and(|value| matches_wildcard(pattern, value)),
        })
    }
}

/// The hash of the kind of a request.
fn kind_of(kind: &Kind, request: &RequestView<'_>) -> u64 {
    let hash = |text: &[u8]| XxHash3_64::oneshot(text);
    match kind {
        Kind::All => 0,
        Kind::Key => hash(request.key.unwrap_or_default().as_bytes()),
        Kind::Model => hash(request.model.as_deref().unwrap_or_default().as_bytes()),
        Kind::Body => request.body,
        Kind::Header(name) => {
            hash(request.headers.get(name).map(http::HeaderValue::as_bytes).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests;
