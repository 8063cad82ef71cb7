//! Limits of numbers and texts in requests, and of the size of answers.

use std::{collections::BTreeMap, ops::RangeInclusive};

use weir_model::Content;

use super::logprobs::Logprobs;
use crate::request::{Problem, json};

/// Maximum tokens of an answer in one piece, which is encoded completely before it is sent: about 25 MB of text.
const TOKENS_MAX: u64 = 1 << 22;
/// Maximum tokens of its log probabilities, alternatives included: about 40 MB.
const LOGPROBS_MAX: u64 = 1 << 19;
/// Maximum characters of the name of a tool or schema.
pub(super) const NAME_MAX: usize = 64;
/// Pairs of metadata, and characters of their keys and values (the provider's limits).
const METADATA_MAX: usize = 16;
const METADATA_KEY_MAX: usize = 64;
const METADATA_VALUE_MAX: usize = 512;

/// Refuses an answer that is too large to be written in one piece.
pub(super) fn one_piece(content: &Content, logprobs: Option<&Logprobs>) -> Result<(), Problem> {
    let (tokens_per_output, most) = match logprobs {
        Some(logprobs) => (1 + logprobs.top as u64, LOGPROBS_MAX),
        None => (1, TOKENS_MAX),
    };
    let tokens = u64::from(content.token_count()) * tokens_per_output;
    if tokens <= most {
        return Ok(());
    }
    let message = format!(
        "Invalid 'max_tokens': the answer would have {tokens} tokens, including those of log probabilities. An answer that \
         is neither streamed nor shorter can have {most}."
    );
    Err(Problem::field("max_tokens", "invalid_value", message))
}

/// Checks that a decimal is within its bounds, if it is given.
pub(super) fn decimal(param: &str, value: Option<f64>, bounds: &RangeInclusive<f64>) -> Result<(), Problem> {
    match value {
        Some(value) if value < *bounds.start() => {
            Err(json::below(param, "decimal", &bounds.start().to_string(), &value.to_string()))
        }
        Some(value) if value > *bounds.end() => {
            Err(json::above(param, "decimal", &bounds.end().to_string(), &value.to_string()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks that an integer is within its bounds, if it is given.
pub(super) fn integer(param: &str, value: Option<u32>, bounds: &RangeInclusive<u32>) -> Result<(), Problem> {
    match value {
        Some(value) if value < *bounds.start() => {
            Err(json::below(param, "integer", &bounds.start().to_string(), &value.to_string()))
        }
        Some(value) if value > *bounds.end() => {
            Err(json::above(param, "integer", &bounds.end().to_string(), &value.to_string()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks that a list is not empty.
pub(super) fn not_empty<T>(param: &str, list: &[T]) -> Result<(), Problem> {
    if !list.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    );
    Err(Problem::field(param, "empty_array", message))
}

/// Checks that a text has at most `max` characters.
pub(super) fn text_length(param: &str, text: &str, most: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if length <= most {
        return Ok(());
    }
    let message = format!(
        "Invalid '{param}': string too long. Expected a string with maximum length {most}, but got a string with \
         length {length} instead."
    );
    Err(Problem::field(param, "string_above_max_length", message))
}

/// Checks the name of a tool or schema, of at most `max` characters.
pub(super) fn name(param: &str, name: &str, most: usize) -> Result<(), Problem> {
    text_length(param, name, most)?;
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(is_good) {
        return Ok(());
    }
    let message = format!(
        "Invalid '{param}': string does not match pattern. Expected a string that matches the pattern \
         '^[a-zA-Z0-9_-]+$'."
    );
    Err(Problem::field(param, "invalid_value", message))
}

/// Checks the metadata of an answer.
pub(super) fn metadata(pairs: &BTreeMap<String, String>) -> Result<(), Problem> {
    let count = pairs.len();
    if count > METADATA_MAX {
        let message = format!(
            "Invalid 'metadata': too many properties. Expected an object with at most {METADATA_MAX} properties, \
             but got an object with {count} properties instead."
        );
        return Err(Problem::field("metadata", "object_above_max_properties", message));
    }
    for (key, value) in pairs {
        text_length("metadata", key, METADATA_KEY_MAX)?;
        text_length(&format!("metadata.{key}"), value, METADATA_VALUE_MAX)?;
    }
    Ok(())
}
