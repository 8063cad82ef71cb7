//! The errors of late.

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Errors that are listed; older ones are only counted.
const FAULTS_MAX: usize = 100;
/// Characters of a message that are kept: it may quote what a client sent.
const MESSAGE_CHARS_MAX: usize = 300;

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordedError {
    /// Since 1970.
    pub(super) at: Duration,
    pub(super) kind: ErrorKind,
    pub(super) message: String,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorKind {
    /// A run was refused or failed.
    Run,
    /// A trace was dropped.
    Export,
}

/// The errors of late, and how many there were in all.
#[derive(Debug, Default)]
pub(super) struct RecentErrors {
    recent: VecDeque<RecordedError>,
    total: u64,
}

impl ErrorKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Export => "export",
        }
    }
}

impl RecentErrors {
    pub(super) fn note(&mut self, kind: ErrorKind, message: &str) {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        if self.recent.len() == FAULTS_MAX {
            self.recent.pop_front();
        }
        let message = message.chars().take(MESSAGE_CHARS_MAX).collect();
        self.recent.push_back(RecordedError { at, kind, message });
        self.total += 1;
    }

    /// Those that are kept, the newest first.
    pub(super) fn recent(&self) -> impl Iterator<Item = &RecordedError> {
        self.recent.iter().rev()
    }

    pub(super) const fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn add_bounds_errors_and_messages() {
        let mut recent_errors = RecentErrors::default();
        for index in 0..=FAULTS_MAX {
            recent_errors.note(ErrorKind::Run, &format!("{index} {}", "é".repeat(1_000)));
        }
        let recent: Vec<_> = recent_errors.recent().collect();
        assert_eq!((recent.len(), recent_errors.total()), (100, 101));
        assert!(recent[0].message.starts_with("100 ") && recent[99].message.starts_with("1 "));
        assert_eq!(recent[0].message.chars().count(), MESSAGE_CHARS_MAX);
    }
}
