//! Tests of the real clock. Its lateness depends on the machine, so only gross errors are detected.

use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use rand::Rng as _;
use tokio::runtime::{Builder, Runtime};

use super::{Clock, TimerConfig, TimerError, TimerKind};
use crate::seed::Seed;

/// Far longer than any scheduling delay, far shorter than the sleeps that must not be awaited.
const ABSURD: Duration = Duration::from_millis(250);
const HOUR: Duration = Duration::from_secs(3_600);

/// Both kinds of runtime.
fn runtimes() -> [Runtime; 2] {
    let current_thread = Builder::new_current_thread().enable_all().build().unwrap();
    let multi_thread = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    [current_thread, multi_thread]
}

/// Runs `test` on each runtime, with a watchdog on another clock.
#[expect(clippy::disallowed_methods, reason = "a wait that does not end must fail, not hang")]
fn on_each_runtime(test: &impl AsyncFn(&Runtime)) {
    for runtime in runtimes() {
        let patience = Duration::from_secs(20);
        runtime
            .block_on(async { tokio::time::timeout(patience, test(&runtime)).await })
            .expect("a wait did not end");
    }
}

fn start() -> Clock {
    Clock::start(TimerConfig::default()).unwrap()
}

fn poll_once(future: Pin<&mut impl Future>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn sleep_ends_near_deadline() {
    on_each_runtime(&async |_| {
        let clock = start();
        let begin = clock.now();
        let waits: Vec<_> = (0..500)
            .map(|i| {
                let (clock, deadline) = (clock.clone(), begin + Duration::from_micros(i * 97));
                tokio::spawn(async move {
                    clock.sleep_until(deadline).await;
                    (Instant::now(), deadline)
                })
            })
            .collect();
        let coalesce = TimerConfig::default().coalesce;
        let early = if clock.kind() == TimerKind::Precise { coalesce } else { Duration::from_millis(1) };
        for wait in waits {
            let (ended, deadline) = wait.await.unwrap();
            assert!(ended + early >= deadline, "{:?} early", deadline - ended);
            assert!(ended < deadline + ABSURD, "{:?} late", ended - deadline);
        }
    });
}

/// A task that sleeps, resets and drops its sleep at random.
async fn hesitate(clock: Clock, seed: Seed) {
    let mut rng = seed.rng();
    let mut soon = move || Duration::from_micros(rng.random_range(0..3_000));
    for _ in 0..30 {
        let mut sleep = clock.sleep(soon());
        // Dropped in any state: never polled, waiting, or completed.
        clock.timeout(soon(), &mut sleep).await.ok();
        sleep.reset(clock.now() + soon());
        clock.timeout(soon(), &mut sleep).await.ok();
        sleep.reset(clock.now() + HOUR);
        assert!(!poll_once(pin!(&mut sleep)));
    }
}

#[test]
fn dropped_sleeps_unregister() {
    on_each_runtime(&async |_| {
        let clock = start();
        let crowd: Vec<_> = (0..200).map(|i| tokio::spawn(hesitate(clock.clone(), Seed::new(i)))).collect();
        for one in crowd {
            one.await.unwrap();
        }
        assert_eq!(clock.waiting(), 0);
    });
}

#[test]
fn earlier_deadline_resets_timer() {
    on_each_runtime(&async |_| {
        let one_shard = TimerConfig { shards: NonZeroUsize::MIN, ..TimerConfig::default() };
        let clock = Clock::start(one_shard).unwrap();
        let mut later = pin!(clock.sleep(HOUR));
        assert!(!poll_once(later.as_mut()));
        let begin = Instant::now();
        clock.sleep(Duration::from_millis(2)).await;
        assert!(begin.elapsed() < ABSURD);
        // The timer set by the first sleep still expires for those between.
        clock.sleep(Duration::from_millis(2)).await;
        later.reset(Instant::now() + Duration::from_millis(2));
        later.await;
        assert!(begin.elapsed() < 2 * ABSURD);
    });
}

#[test]
fn sleep_until_past_is_ready_and_far_future_is_pending() {
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let clock = start();
        let now = clock.now();
        for past in [now, now.checked_sub(HOUR).unwrap_or(now)] {
            let mut sleep = pin!(clock.sleep_until(past));
            assert!(poll_once(sleep.as_mut()));
            assert!(poll_once(sleep.as_mut()), "it stays ready");
            assert_eq!(sleep.deadline(), past);
        }
        assert!(!poll_once(pin!(clock.sleep(Duration::MAX))));
        assert_eq!(clock.waiting(), 0);
    });
}

#[test]
fn timeout_ends_busy_future() {
    on_each_runtime(&async |_| {
        let clock = start();
        let begin = clock.now();
        let busy = async {
            loop {
                clock.sleep_until(begin).await;
            }
        };
        let limited: Result<(), _> = clock.timeout(Duration::from_millis(5), busy).await;
        assert!(limited.is_err());
    });
}

#[test]
fn drivers_end_with_last_clock_and_sleep() {
    on_each_runtime(&async |runtime| {
        let alive = || runtime.metrics().num_alive_tasks();
        let clock = start();
        let sleep = clock.sleep(Duration::from_millis(5));
        drop(clock);
        assert_eq!(alive(), TimerConfig::default().shards.get());
        sleep.await;
        // Another clock, because the first one is dropped.
        let other =
            Clock::start(TimerConfig { shards: NonZeroUsize::MIN, ..TimerConfig::default() }).unwrap();
        let begin = Instant::now();
        while alive() > 1 && begin.elapsed() < 10 * ABSURD {
            other.sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(alive(), 1);
    });
}

#[test]
fn start_invalid_config_describes_error() {
    let outside = Clock::start(TimerConfig::default()).unwrap_err();
    assert!(matches!(outside, TimerError::NoRuntime(_)));
    let [runtime, _] = runtimes();
    let _inside = runtime.enter();
    let many = TimerConfig { shards: NonZeroUsize::MIN.saturating_add(64), ..TimerConfig::default() };
    let long = TimerConfig { coalesce: Duration::from_secs(1), ..TimerConfig::default() };
    let errors = [outside, Clock::start(many).unwrap_err(), Clock::start(long).unwrap_err()];
    insta::assert_snapshot!(errors.map(|error| error.to_string()).join("\n"), @"
    a clock must be started inside a tokio runtime
    shards: 65 is out of range; expected a number from 1 to 64
    coalesce: 1s is too long; expected at most 10ms
    ");
}

#[test]
fn clock_and_sleep_are_send_and_sync() {
    fn anywhere<T: Send + Sync + Unpin + 'static>() {}
    anywhere::<Clock>();
    anywhere::<super::Sleep>();
}
