//! JSON from files.

use serde::Deserialize;

use super::{fault::Fault, name::FileName};

/// Reads the text of the file `name`. A fault is told with its place: the path to the value, line and column.
pub(super) fn read<'a, T: Deserialize<'a>>(name: &FileName, text: &'a [u8]) -> Result<T, Fault> {
    let broken = |message: String| Fault::Broken { name: name.as_str().to_owned(), message };
    // Otherwise a list would be taken for the fields of an object, in their order.
    if text.trim_ascii_start().first() == Some(&b'[') {
        return Err(broken("is a list: a JSON object is needed".to_owned()));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|fault| {
        let path = fault.path().to_string();
        // Where the text itself ends or breaks, the path is not known to its end.
        let known = path.trim_end_matches(['?', '.']);
        let cause = fault.into_inner();
        broken(if known.is_empty() { cause.to_string() } else { format!("{known}: {cause}") })
    })?;
    deserializer.end().map_err(|cause| broken(cause.to_string()))?;
    Ok(value)
}
