//! Tables of a scenario, deserialised into raw types.

use serde::de::{DeserializeOwned, Deserializer};
use weir_pace::read_settings;

use super::error::Invalid;

/// Deserialises the table at `key`, or the whole document if `key` is empty.
pub(super) fn read_table<'de, T, D>(table: D, key: &str) -> Result<T, Invalid>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    read_settings(table).map_err(|error| {
        let invalid = Invalid::from(error);
        match (key, invalid.key.as_str()) {
            ("", _) => invalid,
            (key, "") => Invalid { key: key.to_owned(), ..invalid },
            (key, _) => invalid.within(key),
        }
    })
}
