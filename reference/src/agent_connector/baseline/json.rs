//! JSON from files.

use serde::Deserialize;

use super::{error::BaselineError, name::FileName};

/// Parses the text of the file `name`. An error has its position: the path of the value, line and column.
pub(super) fn read<'a, T: Deserialize<'a>>(name: &FileName, text: &'a [u8]) -> Result<T, BaselineError> {
    let broken = |message: String| BaselineError::Broken { name: name.as_str().to_owned(), message };
    // Otherwise a list would be accepted as the fields of an object, in their order.
    if text.trim_ascii_start().first() == Some(&b'[') {
        return Err(broken("expected a JSON object, found a list".to_owned()));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        // For syntax errors, the path is incomplete.
        let known = path.trim_end_matches(['?', '.']);
        let cause = error.into_inner();
        broken(if known.is_empty() { cause.to_string() } else { format!("{known}: {cause}") })
    })?;
    deserializer.end().map_err(|cause| broken(cause.to_string()))?;
    Ok(value)
}
