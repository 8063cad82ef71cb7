//! What a load should have given, to stand beside what it gave.

use super::units;
use crate::summary::{LoadKind, LoadSummary, Summary};

/// A throughput to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expected {
    /// Requests per second.
    pub(super) per_second: f64,
    /// How it comes about, as in `100 users / (1.25 s think + 51.2 ms answer)`.
    pub(super) because: String,
}

/// Little's law for a closed loop: N users / (think time + mean answer); the asked rate for an open one.
///
/// `None` while users were still being started in the measured window, for which neither holds, and for a load that
/// says neither users nor rate.
pub(super) fn throughput(summary: &Summary) -> Option<Expected> {
    match summary.load.kind {
        LoadKind::Open => {
            let per_second = summary.load.rate_per_s?;
            Some(Expected { per_second, because: "the rate asked for".to_owned() })
        }
        LoadKind::Closed => closed_loop(summary),
    }
}

fn closed_loop(summary: &Summary) -> Option<Expected> {
    if ramp_s(&summary.load) > summary.window.warm_up_s {
        return None;
    }
    let users = summary.load.users? as f64;
    let think_s = summary.load.think_mean_s.unwrap_or(0.0);
    let answer_s = summary.all.e2e.mean()?.as_secs_f64();
    let per_second = users / (think_s + answer_s);
    let answer = units::ms(answer_s * 1e3);
    let because = if think_s > 0.0 {
        format!("{users} users / ({} think + {answer} answer)", units::ms(think_s * 1e3))
    } else {
        format!("{users} users / {answer} answer")
    };
    per_second.is_finite().then_some(Expected { per_second, because })
}

/// How long it took to start all users.
fn ramp_s(load: &LoadSummary) -> f64 {
    match (load.users, load.spawn_rate_per_s) {
        (Some(users), Some(rate)) if rate > 0.0 => users as f64 / rate,
        _ => 0.0,
    }
}

/// The load in a few words: `100 users`, `poisson arrivals at 200/s`.
pub(super) fn load_in_words(load: &LoadSummary) -> String {
    match load.kind {
        LoadKind::Closed => format!("{} users", units::count(load.users.unwrap_or(0))),
        LoadKind::Open => {
            let process = load.arrivals.as_deref().unwrap_or("open");
            format!("{process} arrivals at {}/s", units::figure(load.rate_per_s.unwrap_or(0.0)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn users_over_think_and_answer() {
        let expected = throughput(&fixture::mix()).unwrap();
        let mean = fixture::mix().all.e2e.mean().unwrap().as_secs_f64();
        assert!((expected.per_second - 100.0 / (1.25 + mean)).abs() < 1e-6);
        assert!(expected.because.starts_with("100 users / (1.25 s think + "), "{}", expected.because);
    }

    #[test]
    fn nothing_is_expected_while_users_are_still_starting() {
        let mut ramping = fixture::mix();
        ramping.load.spawn_rate_per_s = Some(1.0);
        assert_eq!(throughput(&ramping), None);
    }

    #[test]
    fn an_open_loop_expects_its_rate() {
        let open = fixture::open_loop();
        assert_eq!(throughput(&open).map(|expected| expected.per_second), open.load.rate_per_s);
        assert_eq!(load_in_words(&open.load), "poisson arrivals at 200/s");
    }
}
