//! Checks tasks and hooks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use weir_pace::{Amount, Latency, SettingProblem, Suggestion};

use crate::task::{
    Blueprint, Body, Captures, Check, ExpectedValue, Pointer, RateLimiting, Reading, RetryPolicy, Statuses,
    Templates, Tools, is_capture_name,
};
use weir_results::RequestLimits;

use super::error::{Invalid, ScenarioProblem};
use super::headers;
use super::raw::{RawCapture, RawCheck, RawHook, RawTask};
use super::request::{self, json};
use super::retry::check_retry;

/// A task or a hook of a user class.
#[derive(Clone, Debug)]
pub(crate) struct TaskSpec {
    pub(crate) name: String,
    /// The weight that decides how often the task is drawn; unused for hooks.
    pub(crate) weight: u32,
    /// The think time after this task, instead of that of the class.
    pub(crate) think: Option<Latency>,
    pub(crate) blueprint: Blueprint,
    pub(crate) check: Check,
    pub(crate) captures: Captures,
    pub(crate) rate_limiting: RateLimiting,
    /// When a failed request is attempted again.
    pub(crate) retry: Option<RetryPolicy>,
    /// Set if its requests are turns of conversations.
    pub(crate) session: Option<Session>,
}

/// A conversation: consecutive requests, each with all messages before it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Session {
    pub(crate) turns: Amount,
    /// The pause between a response and the next turn.
    pub(crate) pause: Latency,
    /// The tools of an agent.
    pub(crate) tools: Option<Tools>,
}

pub(super) fn check_task(key: &str, raw: RawTask, templates: &mut Templates) -> Result<TaskSpec, Invalid> {
    let weight = weight(raw.weight, key)?;
    let tools = check_tools(raw.tools, raw.max_loops).map_err(|invalid| invalid.within(key))?;
    let turns = raw.turns.or(tools.as_ref().map(|_| Amount::constant(1)));
    let pause = raw.pause;
    let hook = RawHook { name: raw.name, request: raw.request, check: raw.check, capture: raw.capture };
    let task = check_hook(key, hook, templates)?;
    let rate_limiting = if raw.expect_429 { RateLimiting::Expected } else { RateLimiting::Failure };
    let session =
        check_session(turns, pause, tools, &task.blueprint).map_err(|invalid| invalid.within(key))?;
    let retry = raw.retry.map(check_retry).transpose().map_err(|invalid| invalid.within(key))?;
    Ok(TaskSpec { weight, think: raw.think, rate_limiting, retry, session, ..task })
}

fn check_session(
    turns: Option<Amount>,
    pause: Option<Latency>,
    tools: Option<Tools>,
    blueprint: &Blueprint,
) -> Result<Option<Session>, Invalid> {
    let Some(turns) = turns else {
        let needed = "`turns` (turns = 5), without which `pause` has no effect";
        let without_turns = |_| Err(Invalid::new("turns", ScenarioProblem::Missing { needed }));
        return pause.map_or(Ok(None), without_turns);
    };
    if turns.fixed() == Some(0) {
        return Err(Invalid::range("turns", &0, "a number of 1 or more"));
    }
    if !blueprint.body.as_ref().is_some_and(Body::can_converse) {
        let because = "a conversation needs a `prompt` or `prompt_tokens`, \
                       and openai.chat, openai.responses or anthropic.messages";
        return Err(Invalid::new("turns", ScenarioProblem::Conflict { other: "request", because }));
    }
    Ok(Some(Session { turns, pause: pause.unwrap_or(Latency::ZERO), tools }))
}

/// The default of `max_loops`, the most requests of one turn.
const LOOPS_DEFAULT: i64 = 10;

/// The largest value of `max_loops`.
const LOOPS_MAX: i64 = 1_000;

/// The largest answer of a tool.
const TOOL_BYTES_MAX: usize = 64 << 10;

/// The largest number of tools.
const TOOLS_MAX: usize = 256;

fn check_tools(
    tools: Option<BTreeMap<String, toml::Value>>,
    max_loops: Option<i64>,
) -> Result<Option<Tools>, Invalid> {
    let Some(tools) = tools else {
        let needed =
            "`tools` (tools = { get_weather = \"18 degrees\" }), without which `max_loops` has no effect";
        let without_tools = |_| Err(Invalid::new("max_loops", ScenarioProblem::Missing { needed }));
        return max_loops.map_or(Ok(None), without_tools);
    };
    let loops = max_loops.unwrap_or(LOOPS_DEFAULT);
    let loops_max =
        u32::try_from(loops).ok().filter(|_| (1..=LOOPS_MAX).contains(&loops)).ok_or_else(|| {
            Invalid::range("max_loops", &loops, format!("a number of requests from 1 to {LOOPS_MAX}"))
        })?;
    if tools.len() > TOOLS_MAX {
        return Err(Invalid::range("tools", &tools.len(), format!("at most {TOOLS_MAX} tools")));
    }
    let answer = |(name, answer): (String, toml::Value)| {
        let key = format!("tools.{name}");
        let text = match answer {
            toml::Value::String(text) => text,
            other => json::from_toml(other, &key)?.to_string(),
        };
        if text.len() > TOOL_BYTES_MAX {
            let expected = format!("an answer of at most {TOOL_BYTES_MAX} bytes");
            return Err(Invalid::range(key, &format!("{} bytes", text.len()), expected));
        }
        Ok((name, text))
    };
    let answers = tools.into_iter().map(answer).collect::<Result<_, Invalid>>()?;
    Ok(Some(Tools { answers, loops_max }))
}

pub(super) fn check_hook(key: &str, raw: RawHook, templates: &mut Templates) -> Result<TaskSpec, Invalid> {
    let request = request::check(raw.request, &format!("{key}.request"), templates)?;
    let reading = &request.blueprint.reading;
    let check = check_checks(raw.check, reading).map_err(|invalid| invalid.within(key))?;
    let captures = check_captures(raw.capture, reading).map_err(|invalid| invalid.within(key))?;
    Ok(TaskSpec {
        name: raw.name.unwrap_or(request.title),
        weight: 1,
        think: None,
        blueprint: request.blueprint,
        check,
        captures,
        rate_limiting: RateLimiting::Failure,
        retry: None,
        session: None,
    })
}

pub(super) fn weight(weight: Option<u32>, key: &str) -> Result<u32, Invalid> {
    match weight {
        None => Ok(1),
        Some(0) => Err(Invalid::range(format!("{key}.weight"), &0, "a number of 1 or more")),
        Some(weight) => Ok(weight),
    }
}

fn check_checks(raw: RawCheck, reading: &Reading) -> Result<Check, Invalid> {
    if raw.body_contains.is_some() {
        needs_body(reading, "check.body_contains")?;
    }
    if !raw.json.is_empty() {
        needs_body(reading, "check.json")?;
    }
    let statuses = raw.status.0.into_iter().map(status).collect::<Result<Vec<_>, _>>()?;
    let json = raw.json.into_iter().map(|(pointer, expected)| {
        let key = format!("check.json.{pointer}");
        let pointer = Pointer::parse(&pointer).map_err(|error| Invalid::new(key.clone(), error))?;
        Ok((pointer, check_expected(expected, &key)?))
    });
    Ok(Check {
        statuses: if statuses.is_empty() { Statuses::Success } else { Statuses::Listed(statuses) },
        body_contains: raw.body_contains,
        json: json.collect::<Result<_, Invalid>>()?,
        limits: limits(raw.over.map(|span| span.0), raw.limits.as_deref())?,
    })
}

/// Combines `over` and `limits`.
fn limits(over: Option<Duration>, texts: Option<&str>) -> Result<Option<RequestLimits>, Invalid> {
    let over = over.map(RequestLimits::of_e2e);
    let others = texts.map(RequestLimits::parse).transpose();
    let others = others.map_err(|error| Invalid::new("check.limits", error))?;
    Ok(match (over, others) {
        (Some(over), Some(others)) => Some(over.and(others)),
        (over, others) => over.or(others),
    })
}

/// Fails if the body is a stream, which is not kept for checks.
fn needs_body(reading: &Reading, key: &str) -> Result<(), Invalid> {
    let other = match reading {
        Reading::Stream { key, .. } => *key,
        Reading::ByContentType(_) => "request.events",
        Reading::Opaque | Reading::Plain(_) => return Ok(()),
    };
    let because = "the body of a stream is not kept";
    Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }))
}

/// Checks an expected value: a table has `exists` or `equals`; anything else is the value itself.
fn check_expected(expected: toml::Value, key: &str) -> Result<ExpectedValue, Invalid> {
    let toml::Value::Table(table) = expected else {
        return Ok(ExpectedValue::Equal(json::from_toml(expected, key)?));
    };
    let mut members = table.into_iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        let needed = "a value, { exists = true } or { equals = … }";
        return Err(Invalid::new(key, ScenarioProblem::Missing { needed }));
    };
    let key = format!("{key}.{name}");
    match (name.as_str(), value) {
        ("exists", toml::Value::Boolean(true)) => Ok(ExpectedValue::Present),
        ("exists", toml::Value::Boolean(false)) => Ok(ExpectedValue::Absent),
        ("exists", other) => Err(Invalid::unexpected(key, "true or false", &other)),
        ("equals", value) => Ok(ExpectedValue::Equal(json::from_toml(value, &key)?)),
        (other, _) => {
            let suggestion = Suggestion::new(other, ["exists", "equals"]);
            Err(Invalid::new(key, SettingProblem::UnknownKey(suggestion)))
        }
    }
}

fn status(status: i64) -> Result<u16, Invalid> {
    u16::try_from(status)
        .ok()
        .filter(|status| (200..600).contains(status))
        .ok_or_else(|| Invalid::range("check.status", &status, "a final HTTP status (200 to 599)"))
}

fn check_captures(raw: BTreeMap<String, RawCapture>, reading: &Reading) -> Result<Captures, Invalid> {
    let mut captures = Captures::default();
    for (name, capture) in raw {
        let key = format!("capture.{name}");
        if !is_capture_name(&name) {
            let because = "templates refer to it by this name; use letters, digits and _, without a digit at the start, \
                           and no name that templates already have";
            return Err(Invalid::new(key, ScenarioProblem::Name { name, because }));
        }
        match (capture.json, capture.header) {
            (Some(pointer), None) => {
                let key = format!("{key}.json");
                needs_body(reading, &key)?;
                let pointer = Pointer::parse(&pointer).map_err(|error| Invalid::new(key, error))?;
                captures.json.push((Arc::from(name), pointer));
            }
            (None, Some(header)) => {
                let header = headers::header_name(&header, &format!("{key}.header"))?;
                captures.headers.push((Arc::from(name), header));
            }
            (Some(_), Some(_)) => {
                let because = "a value is captured from either the body or a header";
                let problem = ScenarioProblem::Conflict { other: "header", because };
                return Err(Invalid::new(format!("{key}.json"), problem));
            }
            (None, None) => {
                let needed = "`json` (a pointer, json = \"/access_token\") or `header` (a name)";
                return Err(Invalid::new(key, ScenarioProblem::Missing { needed }));
            }
        }
    }
    Ok(captures)
}
