//! Settings of the chain-execution backend: its connectors.

use std::collections::BTreeMap;

use serde::Deserialize;
use weir_server::{BackendSettings, ConfigError};

/// `[connectors]`: the model behind each connector, by its name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Connectors(pub(super) BTreeMap<String, String>);

impl BackendSettings for Connectors {
    type Checked = Self;

    fn over(self, below: Self) -> Self {
        Self(below.0.into_iter().chain(self.0).collect())
    }

    fn check(self) -> Result<Self, ConfigError> {
        Ok(self)
    }
}
