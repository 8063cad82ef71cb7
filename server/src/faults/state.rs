//! The faults of a server.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use http::Method;
use twox_hash::XxHash3_64;
use weir_pace::{Suggestion, matches_wildcard};

use super::{
    endpoints::{self, EndpointInfo},
    fault::{Effect, Fault},
    injection::Injection,
    rules::{RequestView, Rules},
    settings::{RawFaults, RuleSettings},
    spec::FaultSpec,
    window::Window,
};
use crate::{
    admission,
    api::{self, ApiDescription},
    config::{BackendSettings as _, ConfigError, invalid_setting},
    context::ServerContext,
    error::StartError,
    request::{FAULT_HEADER, Overrides, Problem, RequestContext},
};

/// The key of the rules in the settings.
pub(crate) const FAULT_TABLE: &str = "fault";
/// The name of the fault that refuses connections.
pub(crate) const REFUSE: &str = "refuse";
/// The value of the header that spares a request from all rules.
const NONE: &str = "none";

/// The faults of a server.
#[derive(Debug)]
pub(crate) struct Faults {
    settings: Arc<Vec<RuleSettings>>,
    rules: Rules,
    /// The names of listed keys, by the hashes of their secrets.
    keys: HashMap<u64, String>,
    /// The zero of all windows.
    start: Instant,
    described: OnceLock<Vec<ApiDescription>>,
    endpoints: OnceLock<Vec<EndpointInfo>>,
}

/// What a request asks for by its header.
enum Asked {
    /// The fault that the rules choose.
    ByRules,
    Nothing,
    This(Fault),
}

impl Faults {
    /// Checks that the models and keys of all rules exist.
    pub(crate) fn new(server: &ServerContext) -> Result<Self, StartError> {
        let settings = match server.config.backends.get::<RawFaults>(FAULT_TABLE) {
            Some(settings) => settings,
            None => Arc::new(RawFaults::default().check()?),
        };
        for (index, rule) in settings.iter().enumerate() {
            check_names(server, rule)
                .map_err(|(key, message)| placed(server, format!("{FAULT_TABLE}[{index}].{key}"), message))?;
        }
        let keys = server.config.admission.keys.iter();
        Ok(Self {
            rules: Rules::new(server.config.seed, &settings),
            settings,
            keys: keys.map(|key| (hash_of(key.secret.reveal()), key.name.clone())).collect(),
            start: server.clock.now(),
            described: OnceLock::new(),
            endpoints: OnceLock::new(),
        })
    }

    /// Checks that the endpoints of all rules exist.
    pub(crate) fn check_endpoints(
        &self,
        server: &ServerContext,
        described: &[ApiDescription],
    ) -> Result<(), StartError> {
        self.described.get_or_init(|| described.to_vec());
        for (index, rule) in self.settings.iter().enumerate().filter(|(_, rule)| rule.endpoint.is_some()) {
            endpoints::check(self.endpoints(), rule)
                .map_err(|message| placed(server, format!("{FAULT_TABLE}[{index}].endpoint"), message))?;
        }
        Ok(())
    }

    /// All endpoints; their description is read when it is first needed.
    fn endpoints(&self) -> &[EndpointInfo] {
        self.endpoints.get_or_init(|| endpoints::endpoints(self.described.get().map_or(&[], Vec::as_slice)))
    }

    /// The windows in which new connections are refused.
    pub(crate) fn refusals(&self) -> Refusals {
        let rules = self.settings.iter().filter(|rule| rule.fault.effect == Effect::Refuse);
        Refusals { start: self.start, windows: rules.filter_map(|rule| rule.window).collect() }
    }

    /// Whether a request may meet a fault or override something.
    pub(crate) fn may_concern(&self, call: &RequestContext) -> bool {
        !self.rules.is_empty() || Overrides::are_in(&call.parts.headers)
    }

    /// Reads what the request overrides, and returns the fault that it meets.
    pub(crate) async fn choose(&self, call: &mut RequestContext) -> Result<Option<Injection>, Problem> {
        let allowed = call.server.config.overrides;
        let overrides = Overrides::read(&call.parts.headers, allowed, call.is_from_loopback())?;
        let asked = asked(overrides.as_ref().and_then(|overrides| overrides.fault.as_deref()))?;
        call.overrides = overrides.map(Arc::new);
        let fault = match asked {
            Asked::Nothing => None,
            Asked::This(fault) => {
                if fault.needs_stream() && !self.wants_stream(call).await? {
                    let name = fault.info.name;
                    let message = format!("the fault `{name}` needs a stream, and the request asks for none");
                    return Err(Problem::header(&FAULT_HEADER, &message));
                }
                Some(fault)
            }
            Asked::ByRules if self.rules.is_empty() => None,
            Asked::ByRules => {
                let body = call.buffered_body().await?;
                let view = self.view(call, &body);
                self.rules.choose(&view).cloned()
            }
        };
        Ok(fault.map(|fault| Injection::new(fault, call)))
    }

    async fn wants_stream(&self, call: &mut RequestContext) -> Result<bool, Problem> {
        let body = call.buffered_body().await?;
        Ok(self.is_stream(call, body_members(&body).1))
    }

    fn is_stream(&self, call: &RequestContext, by_body: bool) -> bool {
        let query = call.parts.uri.query().unwrap_or_default();
        by_body
            || query.split('&').any(|pair| pair == "stream=true")
            || endpoints::always_streams(self.endpoints(), method_of(&call.parts.method), call.route.path)
    }

    fn view<'a>(&'a self, call: &'a RequestContext, body: &'a [u8]) -> RequestView<'a> {
        let (model, by_body) = body_members(body);
        let metrics = &call.server.metrics;
        RequestView {
            method: method_of(&call.parts.method),
            path: call.route.path,
            access: call.route.access,
            headers: &call.parts.headers,
            key: admission::presented(&call.parts.headers)
                .and_then(|secret| self.keys.get(&hash_of(secret)))
                .map(String::as_str),
            model: model.or_else(|| call.deployment().map(Cow::Borrowed)),
            body: Overrides::seeded(call.overrides.as_deref(), api::content_hash(body)),
            is_stream: self.is_stream(call, by_body),
            time: call.arrival.at.saturating_duration_since(self.start),
            // Without this one.
            in_flight: metrics.in_flight.get() - 1,
            waiting: metrics.llm_waiting.get(),
        }
    }
}

/// The hash of a secret, which is not stored itself.
fn hash_of(secret: &str) -> u64 {
    XxHash3_64::oneshot(secret.as_bytes())
}

/// HEAD is answered like GET.
fn method_of(method: &Method) -> &Method {
    if *method == Method::HEAD { &Method::GET } else { method }
}

/// The model that a body names, and whether it asks for a stream.
fn body_members(body: &[u8]) -> (Option<Cow<'_, str>>, bool) {
    let (mut model, mut is_stream) = (None, false);
    let whole = api::for_each_member(body, |name, value| match name {
        b"\"model\"" => model = text(value),
        b"\"stream\"" => is_stream = value == b"true",
        _ => {}
    });
    if whole.is_some() { (model, is_stream) } else { (None, false) }
}

/// A text in JSON.
fn text(json: &[u8]) -> Option<Cow<'_, str>> {
    let plain = json.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    match plain.filter(|text| !text.contains(&b'\\')) {
        Some(text) => std::str::from_utf8(text).ok().map(Cow::Borrowed),
        None => serde_json::from_slice::<String>(json).ok().map(Cow::Owned),
    }
}

fn asked(header: Option<&str>) -> Result<Asked, Problem> {
    let Some(text) = header else { return Ok(Asked::ByRules) };
    if text.trim() == NONE {
        return Ok(Asked::Nothing);
    }
    let fault = Fault::of(&FaultSpec::of_text(text));
    let fault = fault.map_err(|error| Problem::header(&FAULT_HEADER, &error.to_string()))?;
    if fault.effect == Effect::Refuse {
        let message =
            "the fault `refuse` concerns new connections: only rules in the settings can ask for it";
        return Err(Problem::header(&FAULT_HEADER, message));
    }
    Ok(Asked::This(fault))
}

/// Fails with the key and the cause if no request can match the rule's names.
fn check_names(server: &ServerContext, rule: &RuleSettings) -> Result<(), (&'static str, String)> {
    if let Some(pattern) = &rule.model {
        let names = || server.models.iter().map(|profile| &*profile.name);
        let is_known =
            names().any(|name| matches_wildcard(pattern, name)) || server.models.family(pattern).is_some();
        if !is_known {
            let suggestion = Suggestion::new(pattern, names());
            return Err(("model", format!("no model has a name like `{pattern}`{suggestion}")));
        }
    }
    if let Some(name) = &rule.key {
        let keys = &server.config.admission.keys;
        if !keys.iter().any(|key| key.name == *name) {
            let suggestion = Suggestion::new(name, keys.iter().map(|key| key.name.as_str()));
            return Err(("key", format!("no key has the name `{name}`{suggestion}")));
        }
    }
    Ok(())
}

/// The error of a setting with its place.
fn placed(server: &ServerContext, key: String, message: String) -> StartError {
    StartError::Settings(match server.config.sources.diagnostic(&key, &message) {
        Some(diagnostic) => ConfigError::Setting(diagnostic),
        None => invalid_setting(key, message),
    })
}

/// When new connections are refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusals {
    start: Instant,
    windows: Vec<Window>,
}

impl Refusals {
    /// The beginning and the end of the window that `now` is in, or of the next one.
    pub(crate) fn current_or_next(&self, now: Instant) -> Option<(Instant, Instant)> {
        let time: Duration = now.saturating_duration_since(self.start);
        let windows = self.windows.iter().filter_map(|window| window.current_or_next(time));
        let (begin, end) = windows.min()?;
        Some((weir_pace::instant_after(self.start, begin), weir_pace::instant_after(self.start, end)))
    }
}
