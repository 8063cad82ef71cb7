//! Durations as Go prints them and OpenAI sends them.

use std::time::Duration;

/// Returns `12ms`, `1.5s` or `6m0s`: rounded up to milliseconds, from a minute on to seconds.
pub(crate) fn go_duration(duration: Duration) -> String {
    let ms = duration.as_nanos().div_ceil(1_000_000);
    let ms = if ms < 60_000 { ms } else { ms.div_ceil(1_000) * 1_000 };
    let (minutes, seconds_ms) = (ms / 60_000, ms % 60_000);
    let seconds = seconds_ms as f64 / 1_000.0;
    match minutes {
        0 if ms < 1_000 => format!("{ms}ms"),
        0 => format!("{seconds}s"),
        1..60 => format!("{minutes}m{seconds}s"),
        _ => format!("{}h{}m{seconds}s", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_reset_has_the_format_of_go() {
        for (ms, text) in
            [(0, "0ms"), (12, "12ms"), (1_500, "1.5s"), (360_000, "6m0s"), (3_723_000, "1h2m3s")]
        {
            assert_eq!(go_duration(Duration::from_millis(ms)), text);
        }
    }

    #[test]
    fn write_reset_is_rounded_up() {
        for (ns, text) in
            [(1, "1ms"), (59_999_000_001, "1m0s"), (60_000_000_001, "1m1s"), (1_200_000_000, "1.2s")]
        {
            assert_eq!(go_duration(Duration::from_nanos(ns)), text);
        }
    }
}
