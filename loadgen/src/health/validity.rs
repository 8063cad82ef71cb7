//! Whether the figures are valid.

use std::time::Duration;

use weir_results::{Figures, GENERATOR_FAILURE, Histogram, Rule, Validity, samples_needed, units};

use super::worst::WorstSeconds;

/// A delay of the load generator up to this is always tolerated.
const TOLERATED: Duration = Duration::from_millis(10);

/// A longer delay is tolerated up to this share of the median of the figure that it distorts.
const SHARE_OF_FIGURE: f64 = 0.05;

/// From this share of delays beyond the bound on, p95 may be a delay of the generator.
const P95_SHARE: f64 = 0.05;

/// From this share of delays beyond the bound on, p99 may be a delay of the generator.
const P99_SHARE: f64 = 0.01;

/// The figures that a run is judged by.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// No percentile above p95.
    UpToP95,
    /// Higher percentiles, or maxima.
    Tails,
}

impl Judged {
    /// The figures that `rules` limit.
    pub(crate) fn by(rules: &[Rule]) -> Self {
        let has_tail = rules.iter().any(|rule| rule.threshold.limits_a_tail());
        if has_tail { Self::Tails } else { Self::UpToP95 }
    }
}

/// The delays of the load generator.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Delays<'a> {
    /// Of the starts of requests, after their schedule.
    pub(crate) lateness: &'a Histogram,
    pub(crate) loop_lag: &'a Histogram,
    /// The seconds with the longest of them.
    pub(crate) worst: &'a WorstSeconds,
}

/// The verdict on the load generator, and notes on delays that it tolerates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) validity: Validity,
    pub(crate) notes: Vec<String>,
}

/// Decides whether the load generator distorted the figures of the target. A delay distorts a request if it is longer than
/// 10 ms and than 5 % of the median of the figure that it is part of. The figures are not valid if more than 5 % of the starts,
/// or of the measurements of the event loop, had such a delay, or more than 1 % if tails are judged; or if requests failed
/// for lack of the generator's own resources. With fewer than 100 measurements, delays are not judged.
pub(crate) fn health(delays: Delays<'_>, figures: &Figures, judged: Judged) -> Health {
    let invalid_share = match judged {
        Judged::UpToP95 => P95_SHARE,
        Judged::Tails => P99_SHARE,
    };
    let figure = if figures.ttft.is_empty() { ("e2e", &figures.e2e) } else { ("TTFT", &figures.ttft) };
    let excesses = [
        Excess::of(
            "of the requests were started late",
            delays.lateness,
            ("the response time", &figures.response_time),
        ),
        Excess::of("of the time, the event loop lagged", delays.loop_lag, figure),
    ];
    let (mut reasons, mut notes) = (Vec::new(), Vec::new());
    for excess in excesses.into_iter().flatten() {
        let text = excess.text(delays.worst);
        if excess.share > invalid_share {
            reasons.push(text);
        } else if excess.share > P99_SHARE {
            notes.push(format!("the highest percentiles may hold delays of the load generator: {text}"));
        }
    }
    if let Some(failure) = figures.failures.get(GENERATOR_FAILURE) {
        reasons.push(format!(
            "{} requests failed because this machine had no file descriptors or ports left ({}); raise `ulimit -n`, or send \
             fewer requests at once",
            units::count(failure.count),
            failure.example,
        ));
    }
    let validity = if reasons.is_empty() { Validity::Valid } else { Validity::Invalid { reasons } };
    Health { validity, notes }
}

/// The delays beyond a bound.
struct Excess {
    what: &'static str,
    share: f64,
    p99: Duration,
    bound: Duration,
    /// The origin of the bound.
    why: String,
}

impl Excess {
    /// `None` if there are too few delays to judge, or none is beyond the bound.
    fn of(what: &'static str, delays: &Histogram, (name, distorted): (&str, &Histogram)) -> Option<Self> {
        let p99 = delays.quantile(0.99).filter(|_| delays.count() >= samples_needed(0.99))?;
        let of_figure = distorted.quantile(0.5).unwrap_or_default().mul_f64(SHARE_OF_FIGURE);
        let (bound, why) = if of_figure > TOLERATED {
            (of_figure, format!("5 % of {name}'s median"))
        } else {
            (TOLERATED, "tolerated".to_owned())
        };
        let beyond: u64 = delays.buckets().filter(|(delay, _)| *delay > bound).map(|(_, count)| count).sum();
        let share = beyond as f64 / delays.count() as f64;
        (beyond > 0).then_some(Self { what, share, p99, bound, why })
    }

    fn text(&self, worst: &WorstSeconds) -> String {
        let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
        format!(
            "{} {} by more than {:.1} ms, which is {} (p99 {:.1} ms{})",
            units::percent(self.share),
            self.what,
            ms(self.bound),
            self.why,
            ms(self.p99),
            worst.in_words(),
        )
    }
}

#[cfg(test)]
mod tests {
    use weir_results::{FailureCount, Threshold, Watch};

    use super::*;

    /// A histogram with `count` times each of these milliseconds.
    fn of(parts: &[(u64, u64)]) -> Histogram {
        let mut histogram = Histogram::default();
        parts.iter().for_each(|(ms, count)| histogram.record_times(Duration::from_millis(*ms), *count));
        histogram
    }

    fn figures(ms: u64) -> Figures {
        Figures { e2e: of(&[(ms, 100)]), response_time: of(&[(ms, 100)]), ..Figures::default() }
    }

    fn judge(lateness: &Histogram, loop_lag: &Histogram, figures: &Figures) -> Health {
        let worst = WorstSeconds::default();
        health(Delays { lateness, loop_lag, worst: &worst }, figures, Judged::UpToP95)
    }

    fn reasons(health: Health) -> String {
        match health.validity {
            Validity::Valid => "valid".to_owned(),
            Validity::Invalid { reasons } => reasons.join("\n"),
        }
    }

    #[test]
    fn health_delays_below_ten_ms_are_valid() {
        assert_eq!(reasons(judge(&of(&[(9, 200)]), &of(&[(9, 200)]), &figures(1))), "valid");
        assert_eq!(reasons(judge(&Histogram::default(), &of(&[(900, 99)]), &figures(1))), "valid");
    }

    #[test]
    fn health_delays_of_more_than_a_twentieth_are_invalid() {
        let found = judge(&of(&[(1, 180), (12, 20)]), &of(&[(1, 100), (400, 100)]), &figures(100));
        insta::assert_snapshot!(reasons(found), @"
        10.0 % of the requests were started late by more than 10.0 ms, which is tolerated (p99 12.0 ms)
        50.0 % of the time, the event loop lagged by more than 10.0 ms, which is tolerated (p99 400.1 ms)
        ");
    }

    #[test]
    fn health_few_delays_are_noted() {
        let found = judge(&of(&[(1, 97), (50, 3)]), &of(&[(1, 999), (400, 1)]), &figures(100));
        assert_eq!(found.validity, Validity::Valid);
        insta::assert_snapshot!(found.notes.join("\n"), @"the highest percentiles may hold delays of the load generator: 3.00 % of the requests were started late by more than 10.0 ms, which is tolerated (p99 50.0 ms)");
    }

    #[test]
    fn judged_by_rules_is_the_highest_percentile() {
        let by = |texts: &[&str]| {
            let rule = |text: &&str| Rule { threshold: Threshold::parse(text).unwrap(), watch: Watch::AtEnd };
            Judged::by(&texts.iter().map(rule).collect::<Vec<_>>())
        };
        assert_eq!(by(&["errors < 1%", "e2e.p95 < 1s", "ttft.mean < 1s"]), Judged::UpToP95);
        assert_eq!(by(&["errors < 1%", "e2e.p95.1 < 1s"]), Judged::Tails);
        assert_eq!(by(&["ttft.max < 1s"]), Judged::Tails);
    }

    #[test]
    fn health_few_delays_are_invalid_where_tails_are_judged() {
        let (lateness, worst) = (of(&[(1, 97), (50, 3)]), WorstSeconds::default());
        let delays = Delays { lateness: &lateness, loop_lag: &Histogram::default(), worst: &worst };
        let found = health(delays, &figures(100), Judged::Tails);
        insta::assert_snapshot!(reasons(found), @"3.00 % of the requests were started late by more than 10.0 ms, which is tolerated (p99 50.0 ms)");
    }

    #[test]
    fn health_long_answers_tolerate_longer_delays() {
        assert_eq!(reasons(judge(&of(&[(40, 200)]), &of(&[(40, 200)]), &figures(1000))), "valid");
        let found = judge(&of(&[(60, 200)]), &of(&[(40, 200)]), &figures(1000));
        insta::assert_snapshot!(reasons(found), @"100 % of the requests were started late by more than 50.0 ms, which is 5 % of the response time's median (p99 60.0 ms)");
    }

    #[test]
    fn health_stream_compares_lag_with_ttft() {
        let stream = Figures { ttft: of(&[(100, 100)]), ..figures(10_000) };
        assert_eq!(reasons(judge(&of(&[(40, 200)]), &of(&[(9, 200)]), &stream)), "valid");
        assert_ne!(reasons(judge(&of(&[(40, 200)]), &of(&[(40, 200)]), &stream)), "valid");
    }

    #[test]
    fn health_failures_of_the_generator_are_invalid() {
        let example = "cannot connect to 127.0.0.1:1: Too many open files (os error 24)".to_owned();
        let failure = FailureCount { count: 3, example, ..FailureCount::default() };
        let failures = [(GENERATOR_FAILURE.to_owned(), failure)].into();
        let found = judge(&of(&[]), &of(&[]), &Figures { failures, ..figures(10) });
        insta::assert_snapshot!(reasons(found), @"3 requests failed because this machine had no file descriptors or ports left (cannot connect to 127.0.0.1:1: Too many open files (os error 24)); raise `ulimit -n`, or send fewer requests at once");
    }
}
