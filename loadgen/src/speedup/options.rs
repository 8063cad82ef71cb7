//! The options of a speedup measurement, and its errors.

use std::io;

use http::HeaderMap;
use weir_pace::{Seed, TimerError};
use weir_wire::{ClientConfig, SetupError};

use weir_results::PAIRS_MAX;

/// The largest `at_once`.
pub(super) const AT_ONCE_MAX: u32 = 256;

/// Options of the comparison of parallel with sequential execution.
#[derive(Clone, Debug)]
pub struct SpeedupOptions {
    /// The number of pairs of blocks, 1 to 1 000 (8). Two give a confidence interval; more make it narrower.
    pub pairs: u32,
    /// The number of concurrent runs of the chain in each block, 1 to 256 (2).
    pub at_once: u32,
    /// The seed of the order of blocks.
    pub seed: Seed,
    /// The factor of the delays of a server that was started for this run; only reported.
    pub time_scale: f64,
    /// Headers of each run, such as a key.
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
    #[error("{field}: {value} is out of range; expected 1 to {max}")]
    OutOfRange {
        /// The option.
        field: &'static str,
        /// Its value.
        value: u32,
        /// The largest valid value.
        max: u32,
    },
    /// The name of the chain is not valid.
    #[error("chain: {name:?} is not a valid name; expected letters, digits, `_`, `-` and `.`")]
    ChainName {
        /// The given name.
        name: String,
    },
    /// The client cannot be set up.
    #[error("cannot set up the client: {0}")]
    Client(#[from] SetupError),
    /// The runtime cannot be started.
    #[error("cannot start a runtime: {0}")]
    Runtime(#[source] io::Error),
    /// The clock cannot be started.
    #[error("cannot start a clock: {0}")]
    Clock(#[from] TimerError),
    /// No connection could be opened.
    #[error("cannot reach {target}: {reason}")]
    Unreachable {
        /// The URL of the target, without secrets.
        target: String,
        /// The error of the first attempt.
        reason: String,
    },
    /// The target answered, but all of the first runs failed.
    #[error("{target} does not run the chain {chain}: {reason}")]
    Refused {
        /// The URL of the target, without secrets.
        target: String,
        /// The chain.
        chain: String,
        /// The error of the first run.
        reason: String,
    },
}
