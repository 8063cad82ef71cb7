//! Why a server could not start.

use std::{error::Error, io, net::SocketAddr};

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
    /// The precise timer could not be made.
    #[error("cannot start the timer: {0}")]
    Timer(#[from] weir_pace::TimerError),
    /// The connections of chains to other servers could not be set up.
    #[error("upstream: {source}")]
    Upstream {
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A setting names a model that is not in the catalogue.
    #[error("{key}: \"{name}\" is not a known model{}", hint(nearest.as_deref()))]
    UnknownModel {
        /// The setting.
        key: String,
        /// The name.
        name: String,
        /// The known name that resembles it most.
        nearest: Option<String>,
    },
    /// A setting names a chain that is not in the catalogue.
    #[error("{key}: \"{name}\" is not a known chain{}", hint(nearest.as_deref()))]
    UnknownChain {
        /// The setting.
        key: String,
        /// The name.
        name: String,
        /// The known name that resembles it most.
        nearest: Option<String>,
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

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(" (did you mean \"{name}\"?)")).unwrap_or_default()
}
