//! Whether the figures are valid.

use std::time::Duration;

use weir_results::{Figures, Histogram, Validity};

/// A delay of the load generator up to this is always tolerated.
const TOLERATED: Duration = Duration::from_millis(10);

/// A longer delay is tolerated up to this share of the median of the figure that it distorts.
const SHARE: f64 = 0.05;

/// Decides whether the delays of the load generator are too short to distort the figures of the target: the p99 of the
/// lateness of starts, and of the lag of the event loop, is at most 10 ms or 5 % of the median of the figure that it
/// distorts, whichever is larger. Without a p99, the figures are valid.
pub(crate) fn validity(lateness: &Histogram, loop_lag: &Histogram, figures: &Figures) -> Validity {
    let figure = if figures.ttft.is_empty() { ("e2e", &figures.e2e) } else { ("TTFT", &figures.ttft) };
    let reasons: Vec<String> = [
        excess("requests were started late", lateness, ("the response time", &figures.response_time)),
        excess("the event loop lagged", loop_lag, figure),
    ]
    .into_iter()
    .flatten()
    .collect();
    if reasons.is_empty() { Validity::Valid } else { Validity::Invalid { reasons } }
}

fn excess(what: &str, delays: &Histogram, (name, distorted): (&str, &Histogram)) -> Option<String> {
    let p99 = delays.quantile(0.99)?;
    let share = distorted.quantile(0.5).unwrap_or_default().mul_f64(SHARE);
    if p99 <= TOLERATED.max(share) {
        return None;
    }
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    let (bound, why) = if share > TOLERATED {
        (share, format!("5 % of {name}'s median"))
    } else {
        (TOLERATED, "tolerated".to_owned())
    };
    Some(format!("{what}, p99 {:.1} ms; {:.1} ms is {why}", ms(p99), ms(bound)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ms: u64, count: usize) -> Histogram {
        let mut histogram = Histogram::default();
        (0..count).for_each(|_| histogram.record(Duration::from_millis(ms)));
        histogram
    }

    fn figures(ms: u64) -> Figures {
        Figures { e2e: of(ms, 100), response_time: of(ms, 100), ..Figures::default() }
    }

    #[test]
    fn validity_delays_below_ten_ms_are_valid() {
        assert_eq!(validity(&of(9, 200), &of(9, 200), &figures(1)), Validity::Valid);
        assert_eq!(validity(&Histogram::default(), &of(900, 99), &figures(1)), Validity::Valid);
    }

    #[test]
    fn validity_longer_delays_are_invalid() {
        let Validity::Invalid { reasons } = validity(&of(12, 200), &of(400, 200), &figures(100)) else {
            panic!("both exceed the bound");
        };
        insta::assert_snapshot!(reasons.join("\n"), @r"
        requests were started late, p99 12.0 ms; 10.0 ms is tolerated
        the event loop lagged, p99 400.1 ms; 10.0 ms is tolerated
        ");
    }

    #[test]
    fn validity_long_answers_tolerate_longer_delays() {
        assert_eq!(validity(&of(40, 200), &of(40, 200), &figures(1000)), Validity::Valid);
        let Validity::Invalid { reasons } = validity(&of(60, 200), &of(40, 200), &figures(1000)) else {
            panic!("60 ms exceed 5 % of a second");
        };
        insta::assert_snapshot!(
            reasons.join("\n"),
            @"requests were started late, p99 60.0 ms; 50.0 ms is 5 % of the response time's median"
        );
    }

    #[test]
    fn validity_stream_compares_lag_with_ttft() {
        let stream = Figures { ttft: of(100, 100), ..figures(10_000) };
        assert_eq!(validity(&of(40, 200), &of(9, 200), &stream), Validity::Valid);
        assert_ne!(validity(&of(40, 200), &of(40, 200), &stream), Validity::Valid);
    }
}
