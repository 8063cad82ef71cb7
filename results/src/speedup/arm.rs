//! The two ways in which a chain is run.

use serde::{Deserialize, Serialize};

/// One of the two ways in which a chain is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// One step after the other (`X-Enable-Parallel: false`).
    Sequential,
    /// Every step as soon as its inputs are ready (`X-Enable-Parallel: true`).
    Parallel,
}

impl Arm {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Sequential => Self::Parallel,
            Self::Parallel => Self::Sequential,
        }
    }

    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Parallel => "parallel",
        }
    }
}
