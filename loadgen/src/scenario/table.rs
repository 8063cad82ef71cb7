//! Tables of a scenario, deserialised into raw types.

use serde::de::DeserializeOwned;
use weir_pace::{TomlValueNode, read_settings};

use super::error::Invalid;

/// Deserialises the table at `key`.
pub(super) fn read_table<T: DeserializeOwned>(table: &toml::Table, key: &str) -> Result<T, Invalid> {
    read_settings(TomlValueNode::Table(table)).map_err(|error| {
        let invalid = Invalid::from(error);
        if invalid.key.is_empty() { Invalid { key: key.to_owned(), ..invalid } } else { invalid.within(key) }
    })
}
