//! Limits on the numbers of a load.

use std::num::NonZeroU64;

use super::error::Invalid;

/// The largest number of virtual users: each holds a connection.
pub(crate) const USERS_MAX: u64 = 100_000;

/// The largest `max_in_flight`.
const IN_FLIGHT_MAX: u64 = 100_000;

/// The largest number of stages.
pub(super) const STAGES_MAX: usize = 1_000;

pub(super) fn users(count: u64, key: &str) -> Result<NonZeroU64, Invalid> {
    from_one_to(count, USERS_MAX, key)
}

pub(super) fn in_flight(count: u64, key: &str) -> Result<NonZeroU64, Invalid> {
    from_one_to(count, IN_FLIGHT_MAX, key)
}

fn from_one_to(count: u64, max: u64, key: &str) -> Result<NonZeroU64, Invalid> {
    let count = at_least_one(count, key)?;
    if count.get() > max {
        return Err(Invalid::range(key, &count, format!("a number from 1 to {max}")));
    }
    Ok(count)
}

pub(super) fn at_least_one(count: u64, key: &str) -> Result<NonZeroU64, Invalid> {
    NonZeroU64::new(count).ok_or_else(|| Invalid::range(key, &0, "a number of 1 or more"))
}
