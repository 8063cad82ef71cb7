//! Shortens a timeline for drawing.

use weir_results::Second;

/// The maximum number of points, about the width of a chart in pixels.
const POINTS_MAX: usize = 1_200;

/// Merges neighbouring seconds until at most 1 200 are left: counts become means, latencies the maximum of the
/// group, so that no peak is lost; histograms are left out. Returns the points and the number of seconds per point.
#[must_use]
pub fn thin(timeline: &[Second]) -> (Vec<Second>, usize) {
    let group = timeline.len().div_ceil(POINTS_MAX).max(1);
    (timeline.chunks(group).filter_map(merge).collect(), group)
}

fn merge(seconds: &[Second]) -> Option<Second> {
    let first = seconds.first()?;
    let mean = |figure: fn(&Second) -> u64| {
        let sum: u64 = seconds.iter().map(figure).sum();
        (sum as f64 / seconds.len() as f64).round() as u64
    };
    let worst = |figure: fn(&Second) -> Option<f64>| seconds.iter().filter_map(figure).reduce(f64::max);
    Some(Second {
        at_s: first.at_s,
        phase: first.phase,
        users: mean(|second| second.users),
        started: mean(|second| second.started),
        completed: mean(|second| second.completed),
        failed: mean(|second| second.failed),
        rate_limited: mean(|second| second.rate_limited),
        tokens: mean(|second| second.tokens),
        bytes_received: mean(|second| second.bytes_received),
        e2e_p50_ms: worst(|second| second.e2e_p50_ms),
        e2e_p95_ms: worst(|second| second.e2e_p95_ms),
        e2e_p99_ms: worst(|second| second.e2e_p99_ms),
        ttft_p50_ms: worst(|second| second.ttft_p50_ms),
        ttft_p95_ms: worst(|second| second.ttft_p95_ms),
        itl_p50_ms: worst(|second| second.itl_p50_ms),
        ..Second::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(seconds: u64) -> Vec<Second> {
        (0..seconds)
            .map(|at_s| Second {
                at_s,
                completed: at_s,
                e2e_p99_ms: (at_s == 700).then_some(9.0),
                ..Second::default()
            })
            .collect()
    }

    #[test]
    fn thin_short_timeline_returns_it_unchanged() {
        let (thinned, group) = thin(&timeline(1_200));
        assert_eq!((thinned, group), (timeline(1_200), 1));
    }

    #[test]
    fn thin_long_timeline_keeps_its_peaks() {
        let (thinned, group) = thin(&timeline(7_000));
        assert_eq!((thinned.len(), group), (1_167, 6));
        assert_eq!(thinned.iter().filter_map(|second| second.e2e_p99_ms).collect::<Vec<_>>(), [9.0]);
        assert_eq!(thinned.last().map(|second| second.at_s), Some(6_996));
        assert!(thin(&[]).0.is_empty());
    }
}
