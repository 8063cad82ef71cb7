//! What an answer must be to count as completed.

use std::time::Duration;

use http::StatusCode;
use memchr::memmem;

use crate::record::{FailureKind, Problem};

/// The checks of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) statuses: Statuses,
    /// Bytes that the body must hold.
    pub(crate) body_contains: Option<String>,
    /// The longest e2e that passes.
    pub(crate) over: Option<Duration>,
}

/// The statuses that pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Statuses {
    /// Any 2xx.
    #[default]
    Success,
    Listed(Vec<u16>),
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

    /// Checks the service time.
    ///
    /// # Errors
    ///
    /// It is over the limit.
    pub(crate) fn e2e(&self, e2e: Duration) -> Result<(), Problem> {
        match self.over {
            Some(limit) if e2e > limit => {
                let text = weir_pace::duration_text::format(limit);
                let detail = format!("took {:.3} s; the limit is {text}", e2e.as_secs_f64());
                Err(Problem::new(FailureKind::Check, detail))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            over: Some(Duration::from_secs(5)),
            ..Check::default()
        };
        assert_eq!(check.body(b"{\"status\":\"ok\"}"), Ok(()));
        assert_eq!(check.e2e(Duration::from_secs(5)), Ok(()));
        let told = check.body(b"no").unwrap_err();
        insta::assert_snapshot!(told.detail, @r#"the body does not contain "ok""#);
        let late = check.e2e(Duration::from_millis(5_250)).unwrap_err();
        insta::assert_snapshot!(late.detail, @"took 5.250 s; the limit is 5s");
        assert_eq!((told.kind, late.kind), (FailureKind::Check, FailureKind::Check));
    }
}
