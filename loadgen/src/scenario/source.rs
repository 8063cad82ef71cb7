//! From a name or a text to a checked scenario.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use weir_wire::{ClientConfig, Timeouts, TlsRoots};

use crate::task::Templates;

use super::criteria::{Criteria, RawCriteria};
use super::error::{Invalid, ScenarioError, ScenarioProblem};
use super::headers::Headers;
use super::nearest::{Suggestion, unknown_field};
use super::raw::{RawScenario, RawTimeouts};
use super::{Load, Scenario, Start, builtin, user};

impl Scenario {
    /// The scenario of a file, or the built-in one of that name. `env` looks up environment variables.
    ///
    /// # Errors
    ///
    /// Neither exists, or what it says is wrong.
    pub fn load(name_or_path: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ScenarioError> {
        let path = Path::new(name_or_path);
        if builtin::text(name_or_path).is_some() && !path.exists() {
            return Self::builtin(name_or_path, env);
        }
        if !path.exists() {
            let known = builtin::names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(ScenarioError::Unknown { name: name_or_path.to_owned(), known });
        }
        let text = fs::read_to_string(path)
            .map_err(|source| ScenarioError::Read { path: path.to_owned(), source })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Self::parse(&name, name_or_path, &text, env)
    }

    /// A built-in scenario.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub fn builtin(name: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ScenarioError> {
        match builtin::text(name) {
            Some(text) => Self::parse(name, &format!("built-in scenario `{name}`"), text, env),
            None => {
                let known = builtin::names().collect::<Vec<_>>().join(", ");
                Err(ScenarioError::Unknown { name: name.to_owned(), known })
            }
        }
    }

    /// The names of the built-in scenarios.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        builtin::names()
    }

    /// A scenario from its text; `origin` is where errors say that it is from.
    ///
    /// # Errors
    ///
    /// What it says is wrong.
    pub fn parse(
        name: &str,
        origin: &str,
        text: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ScenarioError> {
        let raw = read_toml(text).map_err(|invalid| invalid.of(origin))?;
        check(name, raw, env).map_err(|invalid| invalid.of(origin))
    }
}

fn read_toml(text: &str) -> Result<RawScenario, Invalid> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        match unknown_field(error.message()) {
            Some((key, known)) => Invalid::new(
                format!("line {line}: {key}"),
                ScenarioProblem::UnknownKey(Suggestion::of(key, known)),
            ),
            None => Invalid::new(format!("line {line}"), ScenarioProblem::Form(error.message().to_owned())),
        }
    })
}

/// Reads the table at `key`.
pub(super) fn read_table<T: DeserializeOwned>(table: toml::Table, key: &str) -> Result<T, Invalid> {
    table.try_into().map_err(|error: toml::de::Error| match unknown_field(error.message()) {
        Some((field, known)) => {
            Invalid::new(format!("{key}.{field}"), ScenarioProblem::UnknownKey(Suggestion::of(field, known)))
        }
        None => Invalid::new(key, ScenarioProblem::Form(error.message().to_owned())),
    })
}

fn check(name: &str, raw: RawScenario, env: &dyn Fn(&str) -> Option<String>) -> Result<Scenario, Invalid> {
    let target = raw
        .url
        .map(|url| url.parse())
        .transpose()
        .map_err(|error| Invalid::new("url", ScenarioProblem::Target(error)))?;
    let load = Load::check(&raw.load)?;
    if let (Start::Open(_), Some(class)) = (&load.start, thinking(&raw.user)) {
        let because = "arrivals at a rate do not think; remove it, or give `users`";
        let problem = ScenarioProblem::Conflict { other: "load.rate", because };
        return Err(Invalid::new(format!("user.{class}.think"), problem));
    }
    let mut templates = Templates::default();
    let users = user::check(raw.user, &mut templates)?;
    let headers = Headers::check(&raw.headers, &raw.headers_env, raw.api_key_env.as_deref(), env)?;
    let tls = raw.ca_file.map_or(TlsRoots::Webpki, TlsRoots::CaFile);
    let client = ClientConfig { timeouts: timeouts(&raw.timeouts)?, tls, ..ClientConfig::default() };
    let mut scenario = Scenario {
        name: name.to_owned(),
        about: raw.about.unwrap_or_default(),
        target,
        load,
        users,
        headers: headers.map,
        secrets: headers.secrets,
        client,
        templates: Arc::new(templates),
        time_scale: 1.0,
        notes: headers.notes,
        criteria: Criteria::default(),
    };
    let criteria = RawCriteria { thresholds: raw.thresholds, goodput: raw.goodput, bands: raw.bands };
    scenario.criteria = Criteria::check(criteria, &scenario)?;
    Ok(scenario)
}

/// A class that has a think time.
fn thinking(users: &BTreeMap<String, super::raw::RawUser>) -> Option<&str> {
    users.iter().find(|(_, class)| class.think.is_some()).map(|(name, _)| name.as_str())
}

fn timeouts(raw: &RawTimeouts) -> Result<Timeouts, Invalid> {
    let default = Timeouts::default();
    let or = |key: &str, given: Option<super::raw::Span>, default| match given {
        Some(span) if span.0.is_zero() => {
            Err(Invalid::range(format!("timeouts.{key}"), &"0s", "a duration of more than zero"))
        }
        given => Ok(given.map_or(default, |span| span.0)),
    };
    Ok(Timeouts {
        connect: or("connect", raw.connect, default.connect)?,
        tls: or("tls", raw.tls, default.tls)?,
        headers: or("headers", raw.headers, default.headers)?,
        idle: or("idle", raw.idle, default.idle)?,
        total: raw.total.map(|span| or("total", Some(span), span.0)).transpose()?.or(default.total),
    })
}
