//! Valid names of chains and steps.

use crate::{
    spec::SpecErrorKind,
    template::{INDEX, INPUT, ITEM},
};

const NAME_LEN_MAX: usize = 64;
const CHAIN_RULE: &str = "expected 1 to 64 letters, digits, `_`, `-` and `.`";
const STEP_RULE: &str =
    "expected 1 to 64 letters, digits and `_`, not starting with a digit, because templates refer to it";
const RESERVED_RULE: &str = "the word is reserved in templates";

/// Names that have another meaning in templates.
const RESERVED: [&str; 26] = [
    INPUT,
    ITEM,
    INDEX,
    "loop",
    "self",
    "super",
    "true",
    "false",
    "none",
    "True",
    "False",
    "None",
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "for",
    "set",
    "with",
    "range",
    "dict",
    "debug",
    "namespace",
];

/// Chain names become part of URLs.
pub(crate) fn check_chain_name(name: &str) -> Result<(), SpecErrorKind> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    check(name, name.chars().all(is_plain), CHAIN_RULE)
}

/// Step names are variables in templates.
pub(super) fn check_step_name(name: &str) -> Result<(), SpecErrorKind> {
    let is_plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    check(name, is_plain && !name.starts_with(|first: char| first.is_ascii_digit()), STEP_RULE)?;
    check(name, !RESERVED.contains(&name), RESERVED_RULE)
}

fn check(name: &str, is_valid: bool, rule: &'static str) -> Result<(), SpecErrorKind> {
    if is_valid && (1..=NAME_LEN_MAX).contains(&name.len()) {
        return Ok(());
    }
    let name = name.chars().take(NAME_LEN_MAX).collect();
    Err(SpecErrorKind::BadName { name, rule })
}
