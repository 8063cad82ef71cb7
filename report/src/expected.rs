//! The expected throughput of a load, for comparison with the measured one.

use weir_results::{LoadKind, LoadSummary, Summary, Window, units};

/// The expected throughput.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expected {
    /// Requests per second.
    pub(super) per_second: f64,
    /// The calculation, such as `100 users / (1.25 s think + 51.2 ms answer)`.
    pub(super) because: String,
}

/// Applies Little's law to a closed loop: N users / (think time + mean response time); an open loop has a given rate.
///
/// Returns `None` if users were still being started in the measured window, and for a load that changed or has
/// neither users nor rate.
pub(super) fn throughput(summary: &Summary) -> Option<Expected> {
    if !summary.load.changes.is_empty() {
        return None;
    }
    match summary.load.kind {
        LoadKind::Open => {
            let per_second = summary.load.rate_per_s?;
            Some(Expected { per_second, because: "the requested rate".to_owned() })
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

/// Returns the time needed to start all users.
fn ramp_s(load: &LoadSummary) -> f64 {
    match (load.users, load.spawn_rate_per_s) {
        (Some(users), Some(rate)) if rate > 0.0 => users as f64 / rate,
        _ => 0.0,
    }
}

/// Describes the load: `100 users`, `poisson arrivals at 200/s`, `up to 100 users`.
#[must_use]
pub fn load_in_words(load: &LoadSummary) -> String {
    let highest = load.stages.iter().map(|stage| stage.to).reduce(f64::max);
    let up_to = if highest.is_some() { "up to " } else { "" };
    match load.kind {
        LoadKind::Closed => {
            let users = highest.map_or_else(|| load.users.unwrap_or(0), |users| users as u64);
            format!("{up_to}{}", units::users(users))
        }
        LoadKind::Open => {
            let process = load.arrivals.as_deref().unwrap_or("open");
            let rate = highest.or(load.rate_per_s).unwrap_or(0.0);
            format!("{process} arrivals at {up_to}{}/s", units::figure(rate))
        }
    }
}

/// Describes the measured window: `20 s measured after 3 s of warm-up`.
pub(super) fn window_in_words(window: &Window) -> String {
    let warm_up = match window.warm_up_s {
        0.0 => String::new(),
        warm_up => format!(" after {} of warm-up", units::seconds(warm_up)),
    };
    let cool_down = match window.cool_down_s {
        0.0 => String::new(),
        cool_down => format!(", before {} of cool-down", units::seconds(cool_down)),
    };
    format!("{} measured{warm_up}{cool_down}", units::seconds(window.measured_s))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::fixture;
    use weir_results::{LoadChange, StageSummary, StageWay};

    #[test]
    fn throughput_of_closed_loop_follows_littles_law() {
        let expected = throughput(&fixture::mix()).unwrap();
        let mean = fixture::mix().all.e2e.mean().unwrap().as_secs_f64();
        assert!((expected.per_second - 100.0 / (1.25 + mean)).abs() < 1e-6);
        assert!(expected.because.starts_with("100 users / (1.25 s think + "), "{}", expected.because);
    }

    #[test]
    fn throughput_during_ramp_up_is_none() {
        let mut ramping = fixture::mix();
        ramping.load.spawn_rate_per_s = Some(1.0);
        assert_eq!(throughput(&ramping), None);
    }

    #[test]
    fn throughput_of_open_loop_is_its_rate() {
        let open = fixture::open_loop();
        assert_eq!(throughput(&open).map(|expected| expected.per_second), open.load.rate_per_s);
        assert_eq!(load_in_words(&open.load), "poisson arrivals at 200/s");
    }

    #[test]
    fn throughput_of_changed_load_is_none() {
        let stage = |to| StageSummary { lasts_s: 30.0, to, way: StageWay::Ramp };
        let mut staged = fixture::mix();
        staged.load.users = None;
        staged.load.stages = vec![stage(50.0), stage(200.0), stage(0.0)];
        assert_eq!((throughput(&staged), load_in_words(&staged.load)), (None, "up to 200 users".to_owned()));
        let mut turned = fixture::mix();
        turned.load.changes = vec![LoadChange { at_s: 12.0, to: 150.0, per_second: None }];
        assert_eq!(throughput(&turned), None);
    }
}
