//! What filters need, beyond the sizes of what they read and return.

use minijinja::{Error, value::Value};

use crate::{
    budget::Budget,
    value::{ENTRY, count, invalid, weigh, weigh_shallow},
};

/// A check before a filter runs.
pub(crate) type Cost = fn(&Budget, &[Value]) -> Result<(), Error>;

/// The largest growth of a text by escapes: `"` to `&quot;`, a control character to `\u0001`, a byte to `%00`.
const ESCAPED: usize = 6;
/// The widest indentation of JSON.
const JSON_INDENT_MAX: usize = 64;
/// The largest bound of a range.
const RANGE_MAX: i64 = 1 << 53;

/// For filters that read the outermost level only.
pub(crate) fn shallow(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    arguments.iter().try_for_each(|argument| weigh_shallow(budget, argument))
}

/// For filters whose result is at most some times as large as what they read.
pub(crate) fn linear(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    arguments.iter().try_for_each(|argument| weigh(budget, argument))?;
    budget.require(arguments.iter().map(count).sum::<usize>().saturating_mul(ESCAPED))
}

/// For filters that make a list of the characters or entries of the first argument.
pub(crate) fn entries(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    linear(budget, arguments)?;
    budget.require(arguments.first().map_or(0, count).saturating_mul(ENTRY))
}

/// For filters that compare entries with each other.
pub(crate) fn sorting(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    let entries = arguments.first().map_or(0, count);
    // Each entry is read once for each doubling of their number.
    for _ in 0..=entries.checked_ilog2().unwrap_or(0) {
        linear(budget, arguments)?;
    }
    Ok(())
}

pub(crate) fn replace(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    linear(budget, arguments)?;
    let [text, from, to, ..] = arguments else { return Ok(()) };
    let (text, from, to) = (text_of(text), text_of(from), text_of(to));
    let matches = if from.is_empty() { text.len() + 1 } else { text.matches(&*from).count() };
    budget.require(text.len().saturating_add(matches.saturating_mul(to.len())))
}

pub(crate) fn join(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    linear(budget, arguments)?;
    let [list, separator, ..] = arguments else { return Ok(()) };
    budget.require(count(list).saturating_mul(text_of(separator).len()).saturating_mul(2))
}

/// For `split` and `lines`, whose results have more entries than bytes where separators are short.
pub(crate) fn split(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    linear(budget, arguments)?;
    let Some(text) = arguments.first().and_then(Value::as_str) else { return Ok(()) };
    let parts = match arguments.get(1).and_then(Value::as_str) {
        Some("") => text.len(),
        Some(separator) => text.matches(separator).count(),
        None => text.bytes().filter(u8::is_ascii_whitespace).count(),
    };
    budget.require(parts.saturating_mul(ENTRY))
}

pub(crate) fn indent(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    linear(budget, arguments)?;
    let lines = arguments.first().map_or(0, |text| text_of(text).matches('\n').count() + 1);
    budget.require(largest_number(arguments.get(1..).unwrap_or_default()).saturating_mul(lines))
}

/// For `format`: each number in the format is a width or a precision, and `*` takes it from an argument.
pub(crate) fn format(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    linear(budget, arguments)?;
    let Some(format) = arguments.first().and_then(Value::as_str) else { return Ok(()) };
    let widths =
        format.split(|character: char| !character.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let widths = widths.map(|digits| digits.parse().unwrap_or(usize::MAX)).fold(0, usize::saturating_add);
    let given = largest_number(arguments.get(1..).unwrap_or_default());
    let given = given.saturating_mul(format.matches('*').count());
    // With four bytes a character.
    budget.require(widths.saturating_add(given).saturating_mul(4))
}

/// For `slice` and `batch`, which make lists or fill up places, as many as an argument specifies.
pub(crate) fn groups(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    entries(budget, arguments)?;
    budget.require(largest_number(arguments.get(1..).unwrap_or_default()).saturating_mul(ENTRY))
}

pub(crate) fn json(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    linear(budget, arguments)?;
    let indent = largest_number(arguments.get(1..).unwrap_or_default());
    if indent > JSON_INDENT_MAX {
        return Err(invalid(format!("expected an indentation of at most {JSON_INDENT_MAX}, found {indent}")));
    }
    // The most entries that the value can have, each as deep as half of them.
    for _ in 0..indent {
        linear(budget, arguments)?;
    }
    Ok(())
}

/// For `sum`, which joins texts one after another.
pub(crate) fn sum(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    linear(budget, arguments)?;
    let Some(list) = arguments.first() else { return Ok(()) };
    let mut total = 0_usize;
    for entry in list.try_iter()? {
        total = total.saturating_add(count(&entry));
        budget.charge(total)?;
    }
    Ok(())
}

pub(crate) fn range(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    for argument in arguments {
        if argument.as_i64().is_some_and(|bound| !(-RANGE_MAX..=RANGE_MAX).contains(&bound)) {
            return Err(invalid("range has too many elements"));
        }
    }
    shallow(budget, arguments)
}

/// The largest integer among arguments, named ones included.
fn largest_number(arguments: &[Value]) -> usize {
    let numbers = arguments.iter().map(|argument| match argument.as_object() {
        Some(named) if argument.is_kwargs() => {
            let values = named.try_iter_pairs().into_iter().flatten();
            values.filter_map(|(_, value)| value.as_usize()).max().unwrap_or(0)
        }
        _ => argument.as_usize().unwrap_or(0),
    });
    numbers.max().unwrap_or(0)
}

fn text_of(value: &Value) -> std::borrow::Cow<'_, str> {
    value.as_str().map_or_else(|| value.to_string().into(), Into::into)
}
