//! Reads `Server-Timing`.

use std::time::Duration;

use http::HeaderMap;

use crate::record::ServerTiming;

/// Reads the metrics leniently: those that are missing or invalid are left out. `dur` is in milliseconds.
pub(crate) fn server_timing(headers: &HeaderMap) -> ServerTiming {
    let mut timing = ServerTiming::default();
    let values = headers.get_all("server-timing").into_iter().filter_map(|value| value.to_str().ok());
    for metric in values.flat_map(|value| value.split(',')) {
        let mut fields = metric.split(';').map(str::trim);
        let slot = match fields.next() {
            Some("planned_ttft") => &mut timing.planned_ttft,
            Some("delivered_ttft") => &mut timing.delivered_ttft,
            Some("planned_total") => &mut timing.planned_total,
            Some("delivered_total") => &mut timing.delivered_total,
            Some("queue") => &mut timing.queue,
            _ => continue,
        };
        *slot = fields.find_map(duration).or(*slot);
    }
    timing
}

fn duration(field: &str) -> Option<Duration> {
    let (name, value) = field.split_once('=')?;
    let ms: f64 = value.trim().trim_matches('"').parse().ok()?;
    let is_duration = name.trim().eq_ignore_ascii_case("dur");
    is_duration.then(|| Duration::try_from_secs_f64(ms / 1e3).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(lines: &[&'static str]) -> ServerTiming {
        let lines = lines.iter().map(|line| (http::HeaderName::from_static("server-timing"), *line));
        server_timing(&lines.map(|(name, line)| (name, HeaderValue::from_static(line))).collect())
    }

    #[test]
    fn server_timing_reads_every_metric() {
        let timing = read(&["planned_ttft;dur=12.345, delivered_ttft;dur=12.389", "queue;dur=0"]);
        assert_eq!(timing.planned_ttft, Some(Duration::from_micros(12_345)));
        assert_eq!(timing.delivered_ttft, Some(Duration::from_micros(12_389)));
        assert_eq!(timing.queue, Some(Duration::ZERO));
        assert_eq!((timing.planned_total, timing.delivered_total), (None, None));
    }

    #[test]
    fn server_timing_invalid_metric_is_left_out() {
        let timing = read(&[
            "db;dur=3, cache;desc=\"hit\", planned_ttft, planned_total ; desc=x ; dur = \"5\" ,,; delivered_ttft;dur=-1, queue;dur=x",
        ]);
        assert_eq!(
            timing,
            ServerTiming { planned_total: Some(Duration::from_millis(5)), ..ServerTiming::default() }
        );
        assert!(read(&[]).is_empty());
    }
}
