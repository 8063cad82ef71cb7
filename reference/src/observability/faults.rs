//! The errors of late.

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Errors that are told; older ones are only counted.
const FAULTS_MAX: usize = 100;
/// Characters of a message that are kept: it may quote what a client sent.
const MESSAGE_CHARS_MAX: usize = 300;

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Since 1970.
    pub(super) at: Duration,
    pub(super) kind: FaultKind,
    pub(super) message: String,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// A run was refused or failed.
    Run,
    /// A trace was dropped.
    Export,
}

/// The errors of late, and how many there were in all.
#[derive(Debug, Default)]
pub(super) struct Faults {
    recent: VecDeque<Fault>,
    total: u64,
}

impl FaultKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Export => "export",
        }
    }
}

impl Faults {
    pub(super) fn note(&mut self, kind: FaultKind, message: &str) {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        if self.recent.len() == FAULTS_MAX {
            self.recent.pop_front();
        }
        let message = message.chars().take(MESSAGE_CHARS_MAX).collect();
        self.recent.push_back(Fault { at, kind, message });
        self.total += 1;
    }

    /// Those that are kept, the newest first.
    pub(super) fn recent(&self) -> impl Iterator<Item = &Fault> {
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
    fn old_errors_and_long_messages_are_cut() {
        let mut faults = Faults::default();
        for index in 0..=FAULTS_MAX {
            faults.note(FaultKind::Run, &format!("{index} {}", "é".repeat(1_000)));
        }
        let recent: Vec<_> = faults.recent().collect();
        assert_eq!((recent.len(), faults.total()), (100, 101));
        assert!(recent[0].message.starts_with("100 ") && recent[99].message.starts_with("1 "));
        assert_eq!(recent[0].message.chars().count(), MESSAGE_CHARS_MAX);
    }
}
