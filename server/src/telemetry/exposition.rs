//! The text formats of metrics: OpenMetrics, and the older format of Prometheus.

use std::fmt::Write as _;

use http::HeaderValue;

/// A text format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposition {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Prometheus's text format 0.0.4, which every scraper reads.
    Prometheus,
}

impl Exposition {
    /// The format that an `Accept` header prefers; without one, Prometheus's.
    pub(crate) fn preferred(accept: Option<&str>) -> Self {
        let quality_of = |media_types: &[&str]| {
            let ranges = accept.unwrap_or_default().split(',').map(MediaRange::parse);
            let listed =
                ranges.filter(|range| media_types.iter().any(|name| range.name.eq_ignore_ascii_case(name)));
            listed.map(|range| range.quality).reduce(f64::max)
        };
        let open_metrics = quality_of(&["application/openmetrics-text"]).unwrap_or(0.0);
        let prometheus = quality_of(&["text/plain"]).unwrap_or(0.0);
        if open_metrics > 0.0 && open_metrics >= prometheus { Self::OpenMetrics } else { Self::Prometheus }
    }

    /// The value of `Content-Type`.
    pub(crate) const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        })
    }

    /// Returns `text`, which is in the OpenMetrics format, in this format.
    pub(crate) fn convert(self, text: String) -> String {
        match self {
            Self::OpenMetrics => text,
            Self::Prometheus => to_prometheus(&text),
        }
    }
}

/// An element of an `Accept` header.
struct MediaRange<'a> {
    name: &'a str,
    /// From 0, not acceptable, to 1.
    quality: f64,
}

impl<'a> MediaRange<'a> {
    fn parse(element: &'a str) -> Self {
        let mut parts = element.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts.find_map(|parameter| parameter.strip_prefix("q=")?.parse().ok());
        Self { name, quality: quality.unwrap_or(1.0) }
    }
}

/// Converts the text of metrics. In the older format, the name of a counter includes its suffix `_total`.
fn to_prometheus(text: &str) -> String {
    let mut converted = String::with_capacity(text.len());
    // The description comes before the type, on which its name depends.
    let mut help = None;
    for line in text.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ');
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|typed| typed.split_once(' '))
        {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                kind => ("", kind),
            };
            if let Some((_, help)) = help.take().filter(|(described, _)| *described == name) {
                let _ = writeln!(converted, "# HELP {name}{suffix} {help}");
            }
            let _ = writeln!(converted, "# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with('#') {
            converted.push_str(line);
            converted.push('\n');
        }
    }
    converted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferred_is_the_format_of_the_highest_quality() {
        use Exposition::{OpenMetrics, Prometheus};
        for (accept, expected) in [
            (None, Prometheus),
            (Some("*/*"), Prometheus),
            (Some("text/html, */*;q=0.1"), Prometheus),
            (Some("application/openmetrics-text"), OpenMetrics),
            (Some("Application/OpenMetrics-Text; version=1.0.0; charset=utf-8"), OpenMetrics),
            (Some("application/openmetrics-text;q=0"), Prometheus),
            (Some("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.3"), Prometheus),
            (
                Some(
                    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                     application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                ),
                OpenMetrics,
            ),
            (Some("application/openmetrics-text;q=high"), OpenMetrics),
        ] {
            assert_eq!(Exposition::preferred(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn convert_to_prometheus_names_counters_by_their_samples() {
        let text = "# HELP requests Answered requests.\n# TYPE requests counter\nrequests_total{path=\"# TYPE\"} 1\n\
                    # HELP wait_seconds Waits.\n# TYPE wait_seconds histogram\n# UNIT wait_seconds seconds\n\
                    wait_seconds_bucket{le=\"+Inf\"} 0\n# TYPE build info\nbuild_info{version=\"1\"} 1\n# EOF\n";
        insta::assert_snapshot!(Exposition::Prometheus.convert(text.to_owned()), @r##"
        # HELP requests_total Answered requests.
        # TYPE requests_total counter
        requests_total{path="# TYPE"} 1
        # HELP wait_seconds Waits.
        # TYPE wait_seconds histogram
        wait_seconds_bucket{le="+Inf"} 0
        # TYPE build_info gauge
        build_info{version="1"} 1
        "##);
        assert_eq!(Exposition::OpenMetrics.convert(text.to_owned()), text);
    }
}
