//! The simulated clock: hours pass in milliseconds, deterministically.

use std::future::Future;

use tokio::runtime::Builder;

use super::handle::Clock;
use super::shard::Shard;

/// Runs the future that `f` returns for a simulated clock, and all tasks it spawns, until the future completes.
///
/// Time stops while any task can run; when none can, it jumps to the earliest deadline. Waiters of the same deadline are
/// woken in the order of registration. Everything runs on this thread, so the run is deterministic.
///
/// # Panics
/// Panics if no task can run and none waits for the clock, because it would hang: tasks can wait only for the clock, not for
/// sockets or threads. Also panics inside another runtime, and if `f` or the future panics.
pub fn simulate<F, T>(f: impl FnOnce(Clock) -> F) -> T
where
    F: Future<Output = T>,
{
    let (clock, shard) = Clock::simulated();
    let idle = {
        let clock = clock.clone();
        move || advance_to_next_deadline(&clock, &shard)
    };
    #[expect(clippy::expect_used, reason = "a runtime without I/O and threads needs no system resources")]
    let runtime = Builder::new_current_thread().on_thread_park(idle).build().expect("a runtime without I/O");
    runtime.block_on(async { f(clock).await })
}

/// Called when no task can run.
#[expect(clippy::panic, reason = "a simulation that cannot continue is an error of the test, and would hang")]
fn advance_to_next_deadline(clock: &Clock, shard: &Shard) {
    let Some(next) = shard.earliest() else {
        panic!("the simulation is stuck: no task can run and none waits for the clock");
    };
    clock.advance(next);
    shard.wake_due(next, &mut Shard::batch());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Elapsed, TimerKind};
    use crate::seed::Seed;
    use rand::Rng as _;
    use std::time::Duration;

    #[test]
    fn simulate_hours_pass_exactly() {
        let passed = simulate(|clock| async move {
            let start = clock.now();
            clock.sleep(Duration::from_nanos(1)).await;
            clock.sleep(Duration::from_secs(7 * 3600)).await;
            assert_eq!(clock.kind(), TimerKind::Simulated);
            clock.now() - start
        });
        assert_eq!(passed, Duration::from_secs(7 * 3600) + Duration::from_nanos(1));
    }

    /// The order in which `tasks` tasks meet `each` random deadlines, as (task, nanoseconds from the start).
    fn course(seed: u64, tasks: usize, each: usize) -> Vec<(usize, u128)> {
        simulate(|clock| async move {
            let start = clock.now();
            let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
            for task in 0..tasks {
                let (clock, sender) = (clock.clone(), sender.clone());
                let mut rng = Seed::new(seed).derive(task as u64).rng();
                tokio::spawn(async move {
                    for _ in 0..each {
                        clock.sleep(Duration::from_millis(rng.random_range(1..20))).await;
                        sender.send((task, (clock.now() - start).as_nanos())).unwrap();
                    }
                });
            }
            drop(sender);
            let mut course = Vec::new();
            while let Some(step) = receiver.recv().await {
                course.push(step);
            }
            assert_eq!(clock.waiting(), 0);
            course
        })
    }

    #[test]
    fn simulate_100_000_sleeps_end_in_order() {
        let course = course(1, 1_000, 100);
        assert_eq!(course.len(), 100_000);
        assert!(course.is_sorted_by_key(|(_, at)| *at));
    }

    #[test]
    fn simulate_is_deterministic() {
        assert_eq!(course(7, 50, 20), course(7, 50, 20));
        assert_ne!(course(7, 50, 20), course(8, 50, 20));
    }

    #[test]
    fn simulate_ends_with_main_future() {
        // The last task wakes the outer future, which is not a task: older runtimes overlook it when they park.
        let (clock_elapsed, task_ended) = simulate(|clock| async move {
            let start = clock.now();
            let later = clock.clone();
            tokio::spawn(async move { later.sleep(Duration::from_secs(60)).await });
            let soon = clock.clone();
            let ended = tokio::spawn(async move {
                soon.sleep(Duration::from_secs(1)).await;
                soon.now()
            });
            let ended = ended.await.unwrap();
            (clock.now() - start, ended - start)
        });
        assert_eq!((clock_elapsed, task_ended), (Duration::from_secs(1), Duration::from_secs(1)));
    }

    #[test]
    fn simulate_time_stops_while_tasks_can_run() {
        simulate(|clock| async move {
            let start = clock.now();
            let later = clock.clone();
            tokio::spawn(async move { later.sleep(Duration::from_millis(1)).await });
            for _ in 0..1_000 {
                tokio::task::yield_now().await;
            }
            assert_eq!(clock.now(), start);
        });
    }

    #[test]
    fn late_task_yields_to_others() {
        simulate(|clock| async move {
            let (sender, mut receiver) = tokio::sync::oneshot::channel();
            let behind = tokio::spawn(async move {
                for _ in 0..10_000 {
                    clock.sleep_until(clock.now()).await;
                }
                receiver.try_recv()
            });
            tokio::spawn(async move { sender.send("ran") });
            assert_eq!(behind.await.unwrap(), Ok("ran"));
        });
    }

    #[test]
    fn timeout_ends_only_slow_future() {
        simulate(|clock| async move {
            let second = Duration::from_secs(1);
            assert_eq!(clock.timeout(second, clock.sleep(2 * second)).await, Err(Elapsed));
            assert_eq!(clock.timeout(2 * second, clock.sleep(second)).await, Ok(()));
            // If both are ready, the future wins.
            assert_eq!(clock.timeout(second, clock.sleep(second)).await, Ok(()));
            assert_eq!(clock.timeout(Duration::MAX, clock.sleep(second)).await, Ok(()));
            assert_eq!(clock.waiting(), 0);
        });
    }

    #[test]
    #[should_panic(expected = "the simulation is stuck")]
    fn simulate_stuck_panics() {
        simulate(|_| std::future::pending::<()>());
    }
}
