//! The run over time.

use weir_report::thin;
use weir_results::{Second, Summary};

use super::History;

impl History {
    /// Returns the columns for charts.
    pub(super) fn of(summary: &Summary) -> Self {
        let (seconds, step_s) = thin(&summary.timeline);
        Self {
            step_s,
            warm_up_s: summary.window.warm_up_s,
            at_s: column(&seconds, |second| second.at_s),
            users: column(&seconds, |second| second.users),
            completed_per_s: column(&seconds, |second| second.completed),
            failed_per_s: column(&seconds, |second| second.failed),
            rate_limited_per_s: column(&seconds, |second| second.rate_limited),
            tokens_per_s: column(&seconds, |second| second.tokens),
            e2e_p50_ms: column(&seconds, |second| second.e2e_p50_ms),
            e2e_p95_ms: column(&seconds, |second| second.e2e_p95_ms),
            e2e_p99_ms: column(&seconds, |second| second.e2e_p99_ms),
            ttft_p50_ms: column(&seconds, |second| second.ttft_p50_ms),
            ttft_p95_ms: column(&seconds, |second| second.ttft_p95_ms),
            itl_p50_ms: column(&seconds, |second| second.itl_p50_ms),
        }
    }
}

fn column<T>(seconds: &[Second], figure: fn(&Second) -> T) -> Vec<T> {
    seconds.iter().map(figure).collect()
}
