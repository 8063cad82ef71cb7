//! Loads scenarios: from files, built-in ones, and text.

use std::mem;
use std::path::Path;
use std::sync::Arc;

use weir_pace::{Document, Suggestion, TomlNode, read_settings};
use weir_wire::{ClientConfig, Timeouts, TlsRoots};

use crate::task::Templates;

use super::criteria::{Criteria, RawCriteria};
use super::error::{Invalid, ScenarioError, ScenarioProblem};
use super::headers::{self, Headers};
use super::load::Load;
use super::price::Prices;
use super::raw::{RawDuration, RawScenario, RawTimeouts};
use super::{Scenario, builtin, feed, user, variant};

impl Scenario {
    /// Loads the scenario of a file, or the built-in one of that name; a suffix `:NAME` selects a variant. `env` looks up
    /// environment variables.
    ///
    /// # Errors
    /// Fails if neither exists, or the scenario is not valid.
    pub fn load(name_or_path: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ScenarioError> {
        // The name of a file may contain a colon.
        let (base, _) = if Path::new(name_or_path).exists() {
            (name_or_path, None)
        } else {
            variant::split(name_or_path)
        };
        let path = Path::new(base);
        if builtin::text(base).is_some() && !path.is_file() {
            return Self::builtin(name_or_path, env);
        }
        if !path.exists() {
            return Err(unknown(base));
        }
        let text = weir_pace::read_text_file(path)
            .map_err(|source| ScenarioError::Read { path: path.to_owned(), source })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{name}{}", name_or_path.get(base.len()..).unwrap_or_default());
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse_in(folder, &name, base, &text, env)
    }

    /// Loads a built-in scenario.
    ///
    /// # Errors
    /// Fails if there is none of that name.
    pub fn builtin(name: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ScenarioError> {
        let (base, _) = variant::split(name);
        match builtin::text(base) {
            Some(text) => Self::parse(name, &format!("built-in scenario `{base}`"), text, env),
            None => Err(unknown(base)),
        }
    }

    /// Returns the names of the built-in scenarios.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        builtin::names()
    }

    /// Returns the text of a built-in scenario.
    ///
    /// # Errors
    /// Fails if there is none of that name.
    pub fn builtin_text(name: &str) -> Result<&'static str, ScenarioError> {
        builtin::text(name).ok_or_else(|| unknown(name))
    }

    /// Parses the text of a scenario. `name` may select a variant; `origin` is the name of the text in errors. Paths in it
    /// are relative to the current folder.
    ///
    /// # Errors
    /// Fails if the scenario is not valid.
    pub fn parse(
        name: &str,
        origin: &str,
        text: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ScenarioError> {
        Self::parse_in(Path::new(""), name, origin, text, env)
    }

    fn parse_in(
        folder: &Path,
        name: &str,
        origin: &str,
        text: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ScenarioError> {
        let document = Document::parse(origin, text).map_err(|diagnostic| {
            let problem = Box::new(ScenarioProblem::Syntax(diagnostic.message().to_owned()));
            ScenarioError::Invalid { diagnostic, problem }
        })?;
        let raw = read_settings(TomlNode::Root(document.root().get_ref())).map_err(Invalid::from);
        let checked = raw.and_then(|raw| check(name, raw, folder, env));
        checked.map_err(|invalid| invalid.in_document(&document))
    }
}

fn unknown(name: &str) -> ScenarioError {
    let known = builtin::names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    ScenarioError::Unknown {
        name: name.to_owned(),
        suggestion: Suggestion::nearest(name, builtin::names()),
        known,
    }
}

/// Checks a scenario as written. Paths in it are relative to `folder`.
pub(super) fn check(
    name: &str,
    mut raw: RawScenario,
    folder: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Scenario, Invalid> {
    let target = raw.url.as_ref().map(|url| url.parse()).transpose();
    let target = target.map_err(|error| Invalid::new("url", ScenarioProblem::Target(error)))?;
    variant::check(&raw)?;
    let feeds = Arc::new(feed::check(mem::take(&mut raw.feed), folder)?);
    let mut templates = Templates::new(Arc::clone(&feeds));
    let users = user::check(mem::take(&mut raw.user), &mut templates)?;
    variant::check_criteria(&raw, &users)?;

    let variants = variant::descriptions(&raw.variant);
    let raw = variant::apply(raw, variant::split(name).1)?;
    let load = Load::check(&raw.load)?;
    feed::check_users(&feeds, &load)?;
    let users = variant::taking_part(users, raw.classes.as_deref());
    let criteria = Criteria::check(&RawCriteria::of(&raw), &users)?;
    let secrets = templates.validate(|variable| headers::lookup(variable, env))?;
    let headers = Headers::check(&raw.headers, &raw.headers_env, raw.api_key_env.as_deref(), env)?;
    let tls = raw.ca_file.map_or(TlsRoots::Webpki, TlsRoots::CaFile);
    let client = ClientConfig { timeouts: timeouts(&raw.timeouts)?, tls, ..ClientConfig::default() };
    let scenario = Scenario {
        name: name.to_owned(),
        about: raw.about.unwrap_or_default(),
        variants,
        target,
        load,
        users,
        headers: headers.map,
        api_key: headers.api_key,
        prices: Prices::check(raw.price)?,
        secrets: [headers.secrets, secrets].concat(),
        client,
        templates: Arc::new(templates),
        time_scale: 1.0,
        notes: headers.notes,
        criteria,
    };
    scenario.check_search("load.search.limits")?;
    Ok(scenario)
}

fn timeouts(raw: &RawTimeouts) -> Result<Timeouts, Invalid> {
    let default = Timeouts::default();
    let or = |key: &str, given: Option<RawDuration>, default| match given {
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
