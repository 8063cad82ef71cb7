//! What chains and steps may be called.

use super::{INDEX, INPUT, ITEM, PlanError};

const NAME_LEN_MAX: usize = 64;
const CHAIN_RULE: &str = "1 to 64 letters, digits, `_`, `-` and `.` are needed";
const STEP_RULE: &str =
    "1 to 64 letters, digits and `_` are needed, no digit first, for templates mention it";
const RESERVED_RULE: &str = "the word has a meaning of its own in templates";

/// Words that templates do not look up among the steps.
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
pub(crate) fn check_chain_name(name: &str) -> Result<(), PlanError> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    check(name, name.chars().all(plain), CHAIN_RULE)
}

/// Step names are variables in templates.
pub(super) fn check_step_name(name: &str) -> Result<(), PlanError> {
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    check(name, plain && !name.starts_with(|first: char| first.is_ascii_digit()), STEP_RULE)?;
    check(name, !RESERVED.contains(&name), RESERVED_RULE)
}

fn check(name: &str, fits: bool, rule: &'static str) -> Result<(), PlanError> {
    if fits && (1..=NAME_LEN_MAX).contains(&name.len()) {
        return Ok(());
    }
    let name = name.chars().take(NAME_LEN_MAX).collect();
    Err(PlanError::BadName { name, rule })
}
