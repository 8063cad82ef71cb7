//! Why a server could not start.

use std::{error::Error, io, net::SocketAddr};
use weir_pace::Diagnostic;

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
    #[error("{diagnostic}")]
    UnknownModel {
        /// The name.
        name: String,
        /// The setting and what to write instead.
        diagnostic: Diagnostic,
    },
    /// A setting names a chain that is not in the catalogue.
    #[error("{diagnostic}")]
    UnknownChain {
        /// The name.
        name: String,
        /// The setting and what to write instead.
        diagnostic: Diagnostic,
    },
    /// The settings of a backend are not valid.
    #[error(transparent)]
    Settings(#[from] ConfigError),
    /// Two endpoints conflict.
    #[error("the endpoints conflict: {0}")]
    Endpoints(String),
    /// A backend could not start.
    #[error("{source}")]
    Backend {
        /// The backend.
        name: &'static str,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StartError {
    /// The error of a setting with its place, if it is known.
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Self::Settings(error) => error.diagnostic(),
            Self::UnknownModel { diagnostic, .. } | Self::UnknownChain { diagnostic, .. } => Some(diagnostic),
            Self::Listen { .. }
            | Self::Timer(_)
            | Self::Upstream { .. }
            | Self::Endpoints(_)
            | Self::Backend { .. } => None,
        }
    }
}
