//! What an answer must be to count as completed.

use http::StatusCode;
use memchr::memmem;
use serde_json::Value;

use crate::record::{FailureKind, Problem, Sample};
use weir_results::{RequestLimits, units};

use super::pointer::Pointer;

/// So much of a value goes into what a failed check says.
const EXCERPT_CHARS: usize = 100;

/// The checks of a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Check {
    pub(crate) statuses: Statuses,
    /// Bytes that the body must hold.
    pub(crate) body_contains: Option<String>,
    /// What must stand at places of a JSON body.
    pub(crate) json: Vec<(Pointer, Needed)>,
    /// What its durations have to keep.
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

/// What must stand at a place of a JSON document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Needed {
    /// Anything, `null` included.
    Present,
    /// Nothing.
    Absent,
    /// This value; `1` is `1.0`.
    Equal(Value),
}

/// What a 429 means to a task.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum RateLimiting {
    #[default]
    Failure,
    /// Neither success nor failure: it is what the scenario came for.
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
    /// Checks the body.
    ///
    /// # Errors
    ///
    /// It does not hold what it must.
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
    ///
    /// Something else stands at one of its places than must.
    pub(crate) fn document(&self, document: &Value) -> Result<(), Problem> {
        self.json.iter().try_for_each(|(pointer, needed)| {
            let found = pointer.find(document);
            let detail = match (needed, found) {
                (Needed::Present, Some(_)) | (Needed::Absent, None) => return Ok(()),
                (Needed::Equal(wanted), Some(found)) if is_equal(wanted, found) => return Ok(()),
                (Needed::Present, None) => format!("the body has no `{pointer}`"),
                (Needed::Absent, Some(found)) => {
                    format!("the body has `{pointer}` ({}), which must not be there", excerpt(found))
                }
                (Needed::Equal(wanted), Some(found)) => {
                    format!("`{pointer}` is {}; {} is needed", excerpt(found), excerpt(wanted))
                }
                (Needed::Equal(wanted), None) => {
                    format!("the body has no `{pointer}`; {} is needed", excerpt(wanted))
                }
            };
            Err(Problem::new(FailureKind::Check, detail))
        })
    }

    /// Checks the durations of a request that passes otherwise.
    ///
    /// # Errors
    ///
    /// One of them breaks its limit.
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

/// Equality of values rather than of spellings: `1` and `1.0` are one number.
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
    fn statuses_pass_by_class_or_by_list() {
        let listed = Statuses::Listed(vec![200, 404]);
        let pass = |statuses: &Statuses| {
            [200, 201, 302, 404].map(|status| statuses.pass(StatusCode::from_u16(status).unwrap()))
        };
        assert_eq!(pass(&Statuses::Success), [true, true, false, false]);
        assert_eq!(pass(&listed), [true, false, false, true]);
    }

    #[test]
    fn a_failed_check_says_why() {
        let check = Check {
            body_contains: Some("ok".into()),
            limits: Some(RequestLimits::parse("e2e <= 5s, ttft < 1s").unwrap()),
            ..Check::default()
        };
        assert_eq!(check.body(b"{\"status\":\"ok\"}"), Ok(()));
        let told = check.body(b"no").unwrap_err();
        insta::assert_snapshot!(told.detail, @r#"the body does not contain "ok""#);
        let start = Instant::now();
        let after = |ms: u64| start + Duration::from_millis(ms);
        let sample = |ms: u64, first_content: Option<Instant>| Sample {
            intended: start,
            sent: Some(start),
            first_byte: None,
            ended: after(ms),
            bytes_sent: 0,
            answer: Answer { first_content, ..Answer::default() },
            verdict: Verdict::Completed,
        };
        assert_eq!(check.durations(&sample(5_000, Some(after(900)))), Ok(()));
        let late = check.durations(&sample(5_250, Some(after(900)))).unwrap_err();
        insta::assert_snapshot!(late.detail, @"e2e <= 5s does not hold: it was 5.25 s");
        let silent = check.durations(&sample(10, None)).unwrap_err();
        insta::assert_snapshot!(silent.detail, @"ttft < 1s does not hold: there is none");
        assert_eq!((told.kind, late.kind), (FailureKind::Check, FailureKind::Check));
    }

    #[test]
    fn a_document_is_checked_place_by_place() {
        let verdict = |pointer: &str, needed: Needed| {
            let check = Check { json: vec![(Pointer::parse(pointer).unwrap(), needed)], ..Check::default() };
            let document = json!({ "status": "ok", "n": 1, "list": [{ "a": 2 }], "none": null });
            check.document(&document).err().map(|problem| format!("{}: {}", problem.kind, problem.detail))
        };
        assert_eq!(verdict("/status", Needed::Equal(json!("ok"))), None);
        assert_eq!(verdict("/n", Needed::Equal(json!(1.0))), None);
        assert_eq!(verdict("/list", Needed::Equal(json!([{ "a": 2.0 }]))), None);
        assert_eq!(verdict("/none", Needed::Present), None);
        assert_eq!(verdict("/error", Needed::Absent), None);
        let told = [
            verdict("/status", Needed::Equal(json!("done"))),
            verdict("/list", Needed::Equal(json!([{ "a": 2, "b": 3 }]))),
            verdict("/state", Needed::Equal(json!("ok"))),
            verdict("/list/1", Needed::Present),
            verdict("/none", Needed::Absent),
            verdict("", Needed::Equal(json!("x".repeat(500)))),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        insta::assert_snapshot!(told.get(..5).unwrap().join("\n"), @r#"
        check: `/status` is "ok"; "done" is needed
        check: `/list` is [{"a":2}]; [{"a":2,"b":3}] is needed
        check: the body has no `/state`; "ok" is needed
        check: the body has no `/list/1`
        check: the body has `/none` (null), which must not be there
        "#);
        assert!(told[5].len() < 300, "{}", told[5]);
    }
}
