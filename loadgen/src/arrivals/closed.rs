//! A closed loop: users who ask, wait, think and ask again. It slows down with its target.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::engine::{Floor, Woken};

use super::crew::Crew;

/// Has this worker's users join and leave as the course says, and runs them until they are done.
pub(super) async fn drive(floor: &Floor) {
    let (course, lookout) = floor.plan.helm.follow();
    let mut crew = Crew::new(floor, course);
    let mut users = FuturesUnordered::new();
    // One future, polled only when it is woken.
    let mut turns = FuturesUnordered::from_iter([lookout.changed()]);
    let mut due = crew.due();
    loop {
        let next = due.filter(|_| !floor.is_closed());
        let nobody_comes = next.is_none() && crew.is_wanted();
        if users.is_empty() && (floor.is_over() || nobody_comes) {
            return;
        }
        let arrival = async {
            match next {
                Some(due) => floor.wait(due.at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(()) = users.next() => {}
            Some((course, lookout)) = turns.next() => {
                crew.turn(course);
                due = crew.due();
                turns.push(lookout.changed());
            }
            woken = arrival, if next.is_some() => {
                if woken == Woken::Due && let Some(now) = next {
                    users.extend(crew.act(now));
                    due = crew.due();
                }
            }
            // While nobody is here, nobody else hears of it.
            () = floor.closed(), if users.is_empty() => {}
        }
        floor.users.set(users.len() as u64);
    }
}
