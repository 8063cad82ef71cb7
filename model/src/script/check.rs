//! Checks raw scripts.

use std::{sync::Arc, time::Duration};

use super::{
    Action, Condition, Fallback, Rule, Script, ScriptedCall, ScriptedError,
    raw::{RawCall, RawDelay, RawError, RawFallback, RawRule, RawScript, RawTexts, RawWhen},
};
use crate::schema::Json;

/// Limits of a script, a rule and a text.
const RULES_MAX: usize = 256;
const TEXTS_MAX: usize = 64;
const CALLS_MAX: usize = 32;
const TEXT_BYTES: usize = 256 << 10;
const REGEX_BYTES: usize = 1 << 20;
const DELAY_MAX: Duration = Duration::from_secs(3_600);

/// An error in one key of a rule.
#[derive(Debug)]
pub(crate) struct RuleError {
    /// The rule, from 1; `None`: the script itself.
    pub(crate) rule: Option<usize>,
    pub(crate) key: &'static str,
    pub(crate) message: String,
}

/// A key and the error in it.
type KeyError = (&'static str, String);

/// Returns the script `name`; fails at the first invalid key.
pub(crate) fn check(name: &str, raw: RawScript) -> Result<Script, RuleError> {
    if raw.rule.len() > RULES_MAX {
        let message = format!("expected at most {RULES_MAX} rules, found {}", raw.rule.len());
        return Err(RuleError { rule: None, key: "rule", message });
    }
    let otherwise = match raw.otherwise {
        None | Some(RawFallback::Natural) => Fallback::Natural,
        Some(RawFallback::Echo) => Fallback::Echo,
        Some(RawFallback::Fixed(text)) => {
            let text = short("otherwise", text);
            Fallback::Fixed(text.map_err(|(key, message)| RuleError { rule: None, key, message })?.into())
        }
    };
    let rules = (1..).zip(raw.rule).map(|(number, raw)| {
        rule(raw).map_err(|(key, message)| RuleError { rule: Some(number), key, message })
    });
    Ok(Script { name: name.into(), rules: rules.collect::<Result<_, _>>()?, otherwise })
}

fn rule(raw: RawRule) -> Result<Rule, KeyError> {
    let delay = delay("delay", raw.delay)?.unwrap_or_default();
    let when = when(raw.when)?;
    let action = match (raw.say, raw.call, raw.refuse, raw.error) {
        (None, None, None, None) => {
            return Err(("say", "one of `say`, `call`, `refuse` and `error` is required".to_owned()));
        }
        (say, call, None, None) => Action::Say { texts: texts(say)?, calls: calls(call)? },
        (None, None, Some(text), None) => Action::Refuse(short("refuse", text)?),
        (None, None, None, Some(raw)) => Action::Fail(Arc::new(error(raw, delay)?)),
        (_, _, _, error) => {
            let key = if error.is_some() { "error" } else { "refuse" };
            return Err((
                key,
                "conflicts with the other keys: only `say` and `call` may be combined".to_owned(),
            ));
        }
    };
    Ok(Rule { when, action, delay })
}

fn when(raw: RawWhen) -> Result<Condition, KeyError> {
    Ok(Condition {
        user: raw.user.map(|text| short("when.user", text)).transpose()?,
        user_regex: regex("when.user_regex", raw.user_regex)?,
        model: raw.model,
        turn: raw.turn,
        tool: raw.tool,
        tool_result: raw.tool_result.map(|text| short("when.tool_result", text)).transpose()?,
        tool_result_regex: regex("when.tool_result_regex", raw.tool_result_regex)?,
    })
}

fn regex(key: &'static str, source: Option<String>) -> Result<Option<regex::Regex>, KeyError> {
    let compile = |source: String| {
        regex::RegexBuilder::new(&source).size_limit(REGEX_BYTES).build().map_err(|error| {
            let cause = error.to_string();
            let cause = cause.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            (key, format!("{source:?} is not a valid regular expression: {cause}"))
        })
    };
    source.map(compile).transpose()
}

fn texts(raw: Option<RawTexts>) -> Result<Vec<String>, KeyError> {
    let Some(RawTexts(texts)) = raw else { return Ok(Vec::new()) };
    if !(1..=TEXTS_MAX).contains(&texts.len()) {
        return Err(("say", format!("expected from 1 to {TEXTS_MAX} texts, found {}", texts.len())));
    }
    texts.into_iter().map(|text| short("say", text)).collect()
}

fn calls(raw: Option<Vec<RawCall>>) -> Result<Vec<ScriptedCall>, KeyError> {
    let Some(calls) = raw else { return Ok(Vec::new()) };
    if !(1..=CALLS_MAX).contains(&calls.len()) {
        return Err(("call", format!("expected from 1 to {CALLS_MAX} calls, found {}", calls.len())));
    }
    calls.into_iter().map(call).collect()
}

fn call(raw: RawCall) -> Result<ScriptedCall, KeyError> {
    let arguments = match raw.arguments {
        None => None,
        Some(json @ Json::Object(_)) => Some(short("call.arguments", json.to_string())?),
        // Unchanged, whether it is JSON or not.
        Some(Json::String(text)) => Some(short("call.arguments", text)?),
        Some(json @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_))) => {
            let message = format!("expected a table or text, found {json}");
            return Err(("call.arguments", message));
        }
    };
    if raw.tool.is_empty() {
        return Err(("call.tool", "expected the name of a tool, found an empty text".to_owned()));
    }
    Ok(ScriptedCall { tool: raw.tool.into(), arguments })
}

fn error(raw: RawError, wait: Duration) -> Result<ScriptedError, KeyError> {
    if !(400..600).contains(&raw.status) {
        return Err(("error.status", format!("expected a status from 400 to 599, found {}", raw.status)));
    }
    Ok(ScriptedError {
        status: raw.status,
        kind: raw.kind,
        code: raw.code,
        message: short("error.message", raw.message.unwrap_or_else(|| "an error from a script".to_owned()))?,
        retry_after: delay("error.retry_after", raw.retry_after)?,
        delay: wait,
    })
}

fn delay(key: &'static str, raw: Option<RawDelay>) -> Result<Option<Duration>, KeyError> {
    match raw {
        Some(RawDelay(delay)) if delay > DELAY_MAX => {
            Err((key, format!("expected at most 1h, found {}s", delay.as_secs())))
        }
        raw => Ok(raw.map(|RawDelay(delay)| delay)),
    }
}

fn short(key: &'static str, text: String) -> Result<String, KeyError> {
    if text.len() <= TEXT_BYTES {
        return Ok(text);
    }
    Err((key, format!("expected at most {TEXT_BYTES} bytes, found {}", text.len())))
}
