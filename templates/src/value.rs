//! The sizes of values.

use std::fmt::{self, Write as _};

use minijinja::{
    Error, ErrorKind,
    value::{ObjectRepr, Value, ValueKind},
};

use crate::budget::Budget;

/// How deeply lists and maps may be nested: Rust's and minijinja's code for them is recursive.
const DEPTH_MAX: usize = 64;
/// The size of an entry of a list or map besides its content, in bytes.
pub(crate) const ENTRY: usize = 48;
/// The size of a number.
const PLAIN: usize = 16;
/// The part of the type name of minijinja's namespaces.
const NAMESPACE: &str = "Namespace";

/// Counts the whole content of a value.
pub(crate) fn weigh(budget: &Budget, value: &Value) -> Result<(), Error> {
    weigh_nested(budget, value, 0)
}

/// Counts the content of a value that becomes a part of another: a namespace must not, because it could contain itself.
pub(crate) fn weigh_part(budget: &Budget, value: &Value) -> Result<(), Error> {
    weigh_nested(budget, value, 1)
}

fn weigh_nested(budget: &Budget, value: &Value, depth: usize) -> Result<(), Error> {
    if let Some(text) = value.as_str() {
        return budget.charge(PLAIN + text.len());
    }
    if let Some(bytes) = value.as_bytes() {
        return budget.charge(PLAIN + bytes.len());
    }
    budget.charge(PLAIN)?;
    let Some(object) = value.as_object() else { return Ok(()) };
    if depth > 0 && object.type_name().contains(NAMESPACE) {
        return Err(invalid("a namespace must not be part of another value"));
    }
    if depth > DEPTH_MAX {
        return Err(invalid("lists and maps are nested too deeply"));
    }
    let is_map = match object.repr() {
        ObjectRepr::Map => true,
        ObjectRepr::Seq | ObjectRepr::Iterable => false,
        _ => {
            let mut text = Length(0);
            // The text of an object may have any length. `Length` never fails.
            let _ = write!(text, "{value}");
            return budget.charge(text.0);
        }
    };
    let Some(entries) = object.try_iter() else { return Ok(()) };
    for entry in entries {
        budget.charge(ENTRY)?;
        weigh_nested(budget, &entry, depth + 1)?;
        if is_map && let Some(content) = object.get_value(&entry) {
            weigh_nested(budget, &content, depth + 1)?;
        }
    }
    Ok(())
}

/// Counts the bytes of a text, and drops them.
struct Length(usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// Counts the content of a value, and makes a list of it if its entries would be computed each time they are read.
pub(crate) fn settle(budget: &Budget, value: Value) -> Result<Value, Error> {
    match value.as_object() {
        Some(object) if object.repr() == ObjectRepr::Iterable => {}
        _ => return weigh(budget, &value).map(|()| value),
    }
    let mut entries = Vec::new();
    for entry in value.try_iter()? {
        budget.charge(ENTRY)?;
        weigh_part(budget, &entry)?;
        entries.push(entry);
    }
    Ok(Value::from(entries))
}

/// Counts a value whose entries are not read.
pub(crate) fn weigh_shallow(budget: &Budget, value: &Value) -> Result<(), Error> {
    budget.charge(PLAIN + value.as_str().map_or(0, str::len))
}

/// The number of characters of a text or entries of a list; 0 for other values.
pub(crate) fn count(value: &Value) -> usize {
    match value.as_str() {
        Some(text) => text.len(),
        None if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::Map) => {
            value.len().unwrap_or(0)
        }
        None => 0,
    }
}

pub(crate) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}
