//! Feeds of which each user keeps a row.

use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::{Load, Start};
use crate::task::{Feeds, Order};

/// Checks that there are users who can keep rows, and no more of them than rows.
pub(in crate::scenario) fn check_users(feeds: &Feeds, load: &Load) -> Result<(), Invalid> {
    let mut unique = feeds.iter().filter(|feed| feed.order == Order::Unique);
    match load.start {
        Start::Open(_) => match unique.next() {
            None => Ok(()),
            Some(feed) => {
                let because =
                    "nobody keeps a row where arrivals come at a rate; give `users`, or another order";
                let problem = ScenarioProblem::Conflict { other: "load.rate", because };
                Err(Invalid::new(format!("feed.{}.order", feed.name), problem))
            }
        },
        Start::Closed(_) => {
            let users = load.highest() as u64;
            match unique.find(|feed| (feed.rows.len() as u64) < users) {
                None => Ok(()),
                Some(feed) => {
                    let needed = format!("a number of rows of at least {users}, one for each user,");
                    Err(Invalid::range(format!("feed.{}", feed.name), &feed.rows.len(), needed))
                }
            }
        }
    }
}
