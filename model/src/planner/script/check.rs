//! From what users write to rules.

use std::{sync::Arc, time::Duration};

use super::{
    Act, Otherwise, Rule, Script, ScriptedCall, ScriptedError, When,
    raw::{RawCall, RawError, RawOtherwise, RawRule, RawScript, RawTexts, RawWhen},
};
use crate::{profile::RawDelay, schema::Json};

/// What a script, a rule and a text may hold.
const RULES_MAX: usize = 256;
const TEXTS_MAX: usize = 64;
const CALLS_MAX: usize = 32;
const TEXT_BYTES: usize = 256 << 10;
const REGEX_BYTES: usize = 1 << 20;
const DELAY_MAX: Duration = Duration::from_secs(3_600);

/// What is wrong with one key of a rule.
#[derive(Debug)]
pub(crate) struct BadRule {
    /// The rule, from 1; `None`: the script itself.
    pub(crate) rule: Option<usize>,
    pub(crate) key: &'static str,
    pub(crate) message: String,
}

/// A key, and what is wrong with it.
type Bad = (&'static str, String);

/// The script `name`.
pub(crate) fn check(name: &str, raw: RawScript) -> Result<Script, BadRule> {
    if raw.rule.len() > RULES_MAX {
        let message = format!("expected at most {RULES_MAX} rules, found {}", raw.rule.len());
        return Err(BadRule { rule: None, key: "rule", message });
    }
    let otherwise = match raw.otherwise {
        None | Some(RawOtherwise::Natural) => Otherwise::Natural,
        Some(RawOtherwise::Echo) => Otherwise::Echo,
        Some(RawOtherwise::Fixed(text)) => {
            let text = short("otherwise", text);
            Otherwise::Fixed(text.map_err(|(key, message)| BadRule { rule: None, key, message })?.into())
        }
    };
    let rules = (1..).zip(raw.rule).map(|(number, raw)| {
        rule(raw).map_err(|(key, message)| BadRule { rule: Some(number), key, message })
    });
    Ok(Script { name: name.into(), rules: rules.collect::<Result<_, _>>()?, otherwise })
}

fn rule(raw: RawRule) -> Result<Rule, Bad> {
    let delay = delay("delay", raw.delay)?.unwrap_or_default();
    let when = when(raw.when)?;
    let act = match (raw.say, raw.call, raw.refuse, raw.error) {
        (None, None, None, None) => {
            return Err(("say", "one of `say`, `call`, `refuse` and `error` is required".to_owned()));
        }
        (say, call, None, None) => Act::Say { texts: texts(say)?, calls: calls(call)? },
        (None, None, Some(text), None) => Act::Refuse(short("refuse", text)?),
        (None, None, None, Some(raw)) => Act::Fail(Arc::new(error(raw, delay)?)),
        (_, _, _, error) => {
            let key = if error.is_some() { "error" } else { "refuse" };
            return Err((
                key,
                "conflicts with the other keys: only `say` and `call` may be combined".to_owned(),
            ));
        }
    };
    Ok(Rule { when, act, delay })
}

fn when(raw: RawWhen) -> Result<When, Bad> {
    Ok(When {
        user: raw.user.map(|text| short("when.user", text)).transpose()?,
        user_regex: regex("when.user_regex", raw.user_regex)?,
        model: raw.model,
        turn: raw.turn,
        tool: raw.tool,
        tool_result: raw.tool_result.map(|text| short("when.tool_result", text)).transpose()?,
        tool_result_regex: regex("when.tool_result_regex", raw.tool_result_regex)?,
    })
}

fn regex(key: &'static str, source: Option<String>) -> Result<Option<regex::Regex>, Bad> {
    let compile = |source: String| {
        regex::RegexBuilder::new(&source).size_limit(REGEX_BYTES).build().map_err(|error| {
            let cause = error.to_string();
            let cause = cause.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            (key, format!("{source:?} is not a valid regular expression: {cause}"))
        })
    };
    source.map(compile).transpose()
}

fn texts(raw: Option<RawTexts>) -> Result<Vec<String>, Bad> {
    let Some(RawTexts(texts)) = raw else { return Ok(Vec::new()) };
    if !(1..=TEXTS_MAX).contains(&texts.len()) {
        return Err(("say", format!("expected from 1 to {TEXTS_MAX} texts, found {}", texts.len())));
    }
    texts.into_iter().map(|text| short("say", text)).collect()
}

fn calls(raw: Option<Vec<RawCall>>) -> Result<Vec<ScriptedCall>, Bad> {
    let Some(calls) = raw else { return Ok(Vec::new()) };
    if !(1..=CALLS_MAX).contains(&calls.len()) {
        return Err(("call", format!("expected from 1 to {CALLS_MAX} calls, found {}", calls.len())));
    }
    calls.into_iter().map(call).collect()
}

fn call(raw: RawCall) -> Result<ScriptedCall, Bad> {
    let arguments = match raw.arguments {
        None => None,
        Some(json @ Json::Object(_)) => Some(short("call.arguments", json.to_string())?),
        // As it stands, JSON or not.
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

fn error(raw: RawError, wait: Duration) -> Result<ScriptedError, Bad> {
    if !(400..600).contains(&raw.status) {
        return Err(("error.status", format!("expected a status from 400 to 599, found {}", raw.status)));
    }
    Ok(ScriptedError {
        status: raw.status,
        kind: raw.kind,
        code: raw.code,
        message: short(
            "error.message",
            raw.message.unwrap_or_else(|| "an error that a script wants".to_owned()),
        )?,
        retry_after: delay("error.retry_after", raw.retry_after)?,
        delay: wait,
    })
}

fn delay(key: &'static str, raw: Option<RawDelay>) -> Result<Option<Duration>, Bad> {
    match raw {
        Some(RawDelay(delay)) if delay > DELAY_MAX => {
            Err((key, format!("expected at most 1h, found {}s", delay.as_secs())))
        }
        raw => Ok(raw.map(|RawDelay(delay)| delay)),
    }
}

fn short(key: &'static str, text: String) -> Result<String, Bad> {
    if text.len() <= TEXT_BYTES {
        return Ok(text);
    }
    Err((key, format!("expected at most {TEXT_BYTES} bytes, found {}", text.len())))
}
