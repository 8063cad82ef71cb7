//! Why a server could not start.

use std::{error::Error, io, net::SocketAddr};
use weir_pace::Suggestion;

use crate::config::ConfigError;

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The precise timer could not be created.
    #[error("cannot start the timer: {0}")]
    Timer(#[from] weir_pace::TimerError),
    /// The connections of chains to other servers could not be set up.
    #[error("upstream: {source}")]
    Upstream {
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A setting names a model that is not in the catalogue.
    #[error("{key}: unknown model `{name}`{suggestion}")]
    UnknownModel {
        /// The setting.
        key: String,
        /// The name.
        name: String,
        /// The nearest known name.
        suggestion: Suggestion,
    },
    /// A setting names a chain that is not in the catalogue.
    #[error("{key}: unknown chain `{name}`{suggestion}")]
    UnknownChain {
        /// The setting.
        key: String,
        /// The name.
        name: String,
        /// The nearest known name.
        suggestion: Suggestion,
    },
    /// The settings of a backend are not valid.
    #[error(transparent)]
    Settings(#[from] ConfigError),
    /// A backend could not start.
    #[error("{source}")]
    Backend {
        /// The backend.
        name: &'static str,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
}
