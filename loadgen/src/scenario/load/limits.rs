//! What is out of reason in a load.

use std::num::NonZeroU64;

use super::super::error::Invalid;

/// More virtual users than this are a mistake: each holds a connection.
pub(crate) const USERS_MAX: u64 = 100_000;

/// More requests in flight at once than this are a mistake.
const IN_FLIGHT_MAX: u64 = 100_000;

/// More stages than this were not written by hand, and a curve is what they are not.
pub(super) const STAGES_MAX: usize = 1_000;

pub(in crate::scenario) fn users(count: u64, key: &str) -> Result<NonZeroU64, Invalid> {
    from_one_to(count, USERS_MAX, key)
}

pub(super) fn in_flight(count: u64, key: &str) -> Result<NonZeroU64, Invalid> {
    from_one_to(count, IN_FLIGHT_MAX, key)
}

fn from_one_to(count: u64, most: u64, key: &str) -> Result<NonZeroU64, Invalid> {
    let count = at_least_one(count, key)?;
    if count.get() > most {
        return Err(Invalid::range(key, &count, format!("a number from 1 to {most}")));
    }
    Ok(count)
}

pub(in crate::scenario) fn at_least_one(count: u64, key: &str) -> Result<NonZeroU64, Invalid> {
    NonZeroU64::new(count).ok_or_else(|| Invalid::range(key, &0, "a number of 1 or more"))
}
