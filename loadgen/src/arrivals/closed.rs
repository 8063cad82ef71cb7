//! A closed loop: users who ask, wait, think and ask again. It slows down with its target.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::engine::{Floor, Woken, after};
use crate::scenario::ClosedLoop;

use super::spread;
use super::user::User;

/// A user to be.
struct Newcomer<'a> {
    starts: Instant,
    user: User<'a>,
}

/// Starts this worker's users at the spawn rate and runs them until they are done.
pub(super) async fn drive(floor: &Floor, load: &ClosedLoop) {
    let mut newcomers = newcomers(floor, load).peekable();
    let mut users = FuturesUnordered::new();
    loop {
        let next = newcomers.peek().map(|newcomer| newcomer.starts).filter(|_| !floor.is_closed());
        let arrival = async {
            match next {
                Some(starts) => floor.wait(starts).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(()) = users.next() => {}
            woken = arrival, if next.is_some() => {
                if woken == Woken::Due && let Some(newcomer) = newcomers.next() {
                    users.push(newcomer.user.live(floor, newcomer.starts));
                }
            }
            else => return,
        }
        floor.users.set(users.len() as u64);
    }
}

fn newcomers<'a>(floor: &'a Floor, load: &ClosedLoop) -> impl Iterator<Item = Newcomer<'a>> {
    let plan = &floor.plan;
    let count = usize::try_from(load.users.get()).unwrap_or(usize::MAX);
    let classes = spread(&plan.classes.iter().map(|class| class.weight).collect::<Vec<_>>(), count);
    let gap_s = load.spawn_rate.map_or(0.0, |rate| 1.0 / rate.per_second());
    let seed = plan.seed.named("users");
    let all = classes.into_iter().zip(0_u64..).filter(|(_, number)| floor.owns(*number));
    all.filter_map(move |(class, number)| {
        let offset = Duration::try_from_secs_f64(number as f64 * gap_s).unwrap_or(Duration::MAX);
        let class = plan.classes.get(class)?;
        let user = User::new(floor, class, number, seed.derive(number).rng());
        Some(Newcomer { starts: after(plan.epoch, offset), user })
    })
}
