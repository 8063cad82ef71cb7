//! What to measure, and what may go wrong with it.

use std::io;

use http::HeaderMap;
use weir_pace::{Seed, TimerError};
use weir_wire::{ClientConfig, SetupError};

use weir_results::PAIRS_MAX;

/// More runs are not started together.
pub(super) const AT_ONCE_MAX: u32 = 256;

/// How to compare the two ways of running a chain.
#[derive(Clone, Debug)]
pub struct SpeedupOptions {
    /// Pairs of blocks, 1 to 1 000; eight by default. Two give an interval, more narrow it.
    pub pairs: u32,
    /// Runs of the chain that each block starts together, 1 to 256; two by default.
    pub at_once: u32,
    /// What the order of blocks is drawn from.
    pub seed: Seed,
    /// What the delays of a server started for this run are multiplied by; only reported.
    pub time_scale: f64,
    /// Sent with each run: a key, for one.
    pub headers: HeaderMap,
    /// Timeouts and certificate authorities.
    pub client: ClientConfig,
}

impl Default for SpeedupOptions {
    fn default() -> Self {
        Self {
            pairs: 8,
            at_once: 2,
            seed: Seed::new(1),
            time_scale: 1.0,
            headers: HeaderMap::new(),
            client: ClientConfig::default(),
        }
    }
}

impl SpeedupOptions {
    pub(super) fn check(&self) -> Result<(), SpeedupError> {
        let limits = [("pairs", self.pairs, PAIRS_MAX), ("at_once", self.at_once, AT_ONCE_MAX)];
        match limits.into_iter().find(|(_, value, max)| !(1..=*max).contains(value)) {
            Some((field, value, max)) => Err(SpeedupError::OutOfRange { field, value, max }),
            None => Ok(()),
        }
    }
}

/// Why a speedup could not be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpeedupError {
    /// An option is too small or too large.
    #[error("{field}: {value} is out of range; 1 to {max} is possible")]
    OutOfRange {
        /// The option.
        field: &'static str,
        /// What it was.
        value: u32,
        /// The most that it may be.
        max: u32,
    },
    /// The name cannot be that of a chain.
    #[error("chain: {name:?} is not a name; letters, digits, `_`, `-` and `.` make one")]
    ChainName {
        /// What was given.
        name: String,
    },
    /// The client could not be set up.
    #[error("cannot set up the client: {0}")]
    Client(#[from] SetupError),
    /// The threads' runtime could not be started.
    #[error("cannot start a runtime: {0}")]
    Runtime(#[source] io::Error),
    /// The clock could not be started.
    #[error("cannot start a clock: {0}")]
    Clock(#[from] TimerError),
    /// No connection came about.
    #[error("cannot reach {target}: {reason}")]
    Unreachable {
        /// The target's URL, without anything secret.
        target: String,
        /// What the first attempt met.
        reason: String,
    },
    /// The target answered, but not one of the first runs went well.
    #[error("{target} does not run the chain {chain}: {reason}")]
    Refused {
        /// The target's URL, without anything secret.
        target: String,
        /// The chain.
        chain: String,
        /// What the first run met.
        reason: String,
    },
}
