//! The conditions for a request to count as completed.

use http::StatusCode;
use memchr::memmem;
use serde_json::Value;

use crate::record::{FailureKind, Problem, Sample};
use weir_results::{RequestLimits, units};

use super::pointer::Pointer;

/// The longest excerpt of a value in a message, in characters.
const EXCERPT_CHARS: usize = 100;

/// The checks of a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Check {
    pub(crate) statuses: Statuses,
    /// A text that the body must contain.
    pub(crate) body_contains: Option<String>,
    /// The expected values of a JSON body.
    pub(crate) json: Vec<(Pointer, ExpectedValue)>,
    /// The limits on its durations.
    pub(crate) limits: Option<RequestLimits>,
}

/// The statuses that pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Statuses {
    /// Any 2xx.
    #[default]
    Success,
    Listed(Vec<u16>),
}

/// The expected value at a pointer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExpectedValue {
    /// Any value, including `null`.
    Present,
    /// No value.
    Absent,
    /// This value; `1` equals `1.0`.
    Equal(Value),
}

/// The meaning of status 429 for a task.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum RateLimiting {
    #[default]
    Failure,
    /// Neither completed nor failed: the scenario expects it.
    Expected,
}

impl Statuses {
    pub(crate) fn pass(&self, status: StatusCode) -> bool {
        match self {
            Self::Success => status.is_success(),
            Self::Listed(listed) => listed.contains(&status.as_u16()),
        }
    }
}

impl Check {
    /// Checks the text of the body.
    ///
    /// # Errors
    /// Fails if the body does not contain the expected text.
    pub(crate) fn body(&self, body: &[u8]) -> Result<(), Problem> {
        match &self.body_contains {
            Some(needle) if memmem::find(body, needle.as_bytes()).is_none() => {
                Err(Problem::new(FailureKind::Check, format!("the body does not contain {needle:?}")))
            }
            _ => Ok(()),
        }
    }

    /// Checks a JSON body.
    ///
    /// # Errors
    /// Fails if a value is not the expected one.
    pub(crate) fn document(&self, document: &Value) -> Result<(), Problem> {
        self.json.iter().try_for_each(|(pointer, expected)| {
            let found = pointer.find(document);
            let detail = match (expected, found) {
                (ExpectedValue::Present, Some(_)) | (ExpectedValue::Absent, None) => return Ok(()),
                (ExpectedValue::Equal(expected), Some(found)) if is_equal(expected, found) => return Ok(()),
                (ExpectedValue::Present, None) => format!("the body has no `{pointer}`"),
                (ExpectedValue::Absent, Some(found)) => {
                    format!("the body must not have `{pointer}`, which is {}", excerpt(found))
                }
                (ExpectedValue::Equal(expected), Some(found)) => {
                    format!("`{pointer}` is {}; expected {}", excerpt(found), excerpt(expected))
                }
                (ExpectedValue::Equal(expected), None) => {
                    format!("the body has no `{pointer}`; expected {}", excerpt(expected))
                }
            };
            Err(Problem::new(FailureKind::Check, detail))
        })
    }

    /// Checks the durations of a request that passes all other checks.
    ///
    /// # Errors
    /// Fails if a duration breaks its limit.
    pub(crate) fn durations(&self, sample: &Sample) -> Result<(), Problem> {
        let Some(limits) = &self.limits else { return Ok(()) };
        let durations = sample.durations();
        let Some(broken) = limits.first_broken(&durations) else { return Ok(()) };
        let measured = broken
            .measured(&durations)
            .map_or("there is none".to_owned(), |measured| format!("it was {}", units::duration(measured)));
        Err(Problem::new(FailureKind::Check, format!("{broken} does not hold: {measured}")))
    }
}

/// Compares values, not their text: `1` equals `1.0`.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has = |(name, value)| other.get(name).is_some_and(|other| is_equal(value, other));
            one.len() == other.len() && one.iter().all(has)
        }
        (one, other) => one == other,
    }
}

fn excerpt(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(&text)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::*;
    use crate::record::{Answer, Verdict};

    #[test]
    fn pass_success_or_listed_status() {
        let listed = Statuses::Listed(vec![200, 404]);
        let pass = |statuses: &Statuses| {
            [200, 201, 302, 404].map(|status| statuses.pass(StatusCode::from_u16(status).unwrap()))
        };
        assert_eq!(pass(&Statuses::Success), [true, true, false, false]);
        assert_eq!(pass(&listed), [true, false, false, true]);
    }

    #[test]
    fn body_and_durations_failed_check_is_explained() {
        let check = Check {
            body_contains: Some("ok".into()),
            limits: Some(RequestLimits::parse("e2e <= 5s, ttft < 1s").unwrap()),
            ..Check::default()
        };
        assert_eq!(check.body(b"{\"status\":\"ok\"}"), Ok(()));
        let missing = check.body(b"no").unwrap_err();
        insta::assert_snapshot!(missing.detail, @r#"the body does not contain "ok""#);
        let start = Instant::now();
        let after = |ms: u64| start + Duration::from_millis(ms);
        let sample = |ms: u64, first_content: Option<Instant>| Sample {
            intended: start,
            sent: Some(start),
            first_byte: None,
            ended: after(ms),
            bytes_sent: 0,
            sending: crate::record::Sending::default(),
            answer: Answer { first_content, ..Answer::default() },
            verdict: Verdict::Completed,
        };
        assert_eq!(check.durations(&sample(5_000, Some(after(900)))), Ok(()));
        let late = check.durations(&sample(5_250, Some(after(900)))).unwrap_err();
        insta::assert_snapshot!(late.detail, @"e2e <= 5s does not hold: it was 5.25 s");
        let empty = check.durations(&sample(10, None)).unwrap_err();
        insta::assert_snapshot!(empty.detail, @"ttft < 1s does not hold: there is none");
        assert_eq!((missing.kind, late.kind), (FailureKind::Check, FailureKind::Check));
    }

    #[test]
    fn document_each_pointer_is_checked() {
        let error = |pointer: &str, expected: ExpectedValue| {
            let check =
                Check { json: vec![(Pointer::parse(pointer).unwrap(), expected)], ..Check::default() };
            let document = json!({ "status": "ok", "n": 1, "list": [{ "a": 2 }], "none": null });
            check.document(&document).err().map(|problem| format!("{}: {}", problem.kind, problem.detail))
        };
        assert_eq!(error("/status", ExpectedValue::Equal(json!("ok"))), None);
        assert_eq!(error("/n", ExpectedValue::Equal(json!(1.0))), None);
        assert_eq!(error("/list", ExpectedValue::Equal(json!([{ "a": 2.0 }]))), None);
        assert_eq!(error("/none", ExpectedValue::Present), None);
        assert_eq!(error("/error", ExpectedValue::Absent), None);
        let errors = [
            error("/status", ExpectedValue::Equal(json!("done"))),
            error("/list", ExpectedValue::Equal(json!([{ "a": 2, "b": 3 }]))),
            error("/state", ExpectedValue::Equal(json!("ok"))),
            error("/list/1", ExpectedValue::Present),
            error("/none", ExpectedValue::Absent),
            error("", ExpectedValue::Equal(json!("x".repeat(500)))),
        ];
        let errors: Vec<String> = errors.into_iter().flatten().collect();
        insta::assert_snapshot!(errors.get(..5).unwrap().join("\n"), @r#"
        check: `/status` is "ok"; expected "done"
        check: `/list` is [{"a":2}]; expected [{"a":2,"b":3}]
        check: the body has no `/state`; expected "ok"
        check: the body has no `/list/1`
        check: the body must not have `/none`, which is null
        "#);
        assert!(errors[5].len() < 300, "{}", errors[5]);
    }
}
