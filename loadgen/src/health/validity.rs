//! The verdict on the generator.

use std::time::Duration;

use weir_results::{Figures, Histogram, Validity};

/// Up to here a delay of the generator's own is taken to distort nothing.
const TOLERATED: Duration = Duration::from_millis(10);

/// Beyond that, it may be this share of the median that it would distort.
const SHARE: f64 = 0.05;

/// Whether the generator kept its schedule, and its event loop kept up, well enough for the figures to mean the
/// target: 99 of 100 delays are within 10 ms, or within 5 % of the median of the figure that they would distort,
/// whichever is larger. Too few delays to tell distort too little to matter.
pub(crate) fn validity(lateness: &Histogram, loop_lag: &Histogram, figures: &Figures) -> Validity {
    let stamped = if figures.ttft.is_empty() { ("e2e", &figures.e2e) } else { ("TTFT", &figures.ttft) };
    let reasons: Vec<String> = [
        excess("requests were started late", lateness, ("the response time", &figures.response_time)),
        excess("the event loop lagged", loop_lag, stamped),
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
    fn less_than_ten_milliseconds_pass() {
        assert_eq!(validity(&of(9, 200), &of(9, 200), &figures(1)), Validity::Valid);
        assert_eq!(validity(&Histogram::default(), &of(900, 99), &figures(1)), Validity::Valid);
    }

    #[test]
    fn more_is_the_generator_s_own_fault() {
        let Validity::Invalid { reasons } = validity(&of(12, 200), &of(400, 200), &figures(100)) else {
            panic!("both are beyond the bound");
        };
        insta::assert_snapshot!(reasons.join("\n"), @r"
        requests were started late, p99 12.0 ms; 10.0 ms is tolerated
        the event loop lagged, p99 400.1 ms; 10.0 ms is tolerated
        ");
    }

    #[test]
    fn long_answers_tolerate_more() {
        assert_eq!(validity(&of(40, 200), &of(40, 200), &figures(1000)), Validity::Valid);
        let Validity::Invalid { reasons } = validity(&of(60, 200), &of(40, 200), &figures(1000)) else {
            panic!("60 ms are beyond 5 % of a second");
        };
        insta::assert_snapshot!(
            reasons.join("\n"),
            @"requests were started late, p99 60.0 ms; 50.0 ms is 5 % of the response time's median"
        );
    }

    #[test]
    fn the_first_token_is_what_lag_distorts_in_a_stream() {
        let stream = Figures { ttft: of(100, 100), ..figures(10_000) };
        assert_eq!(validity(&of(40, 200), &of(9, 200), &stream), Validity::Valid);
        assert_ne!(validity(&of(40, 200), &of(40, 200), &stream), Validity::Valid);
    }
}
