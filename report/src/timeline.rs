//! `timeline.csv`: one row per second.

use super::csv::{CsvFile, LineEnd, Row};
use super::format::{Format, RenderError};
use weir_results::{Measured, Report, Second};

/// The first row. Counts are of the second; a request belongs to the second in which it ended; latencies are in
/// milliseconds and empty where the second has too few of them; `phase` is `measured` for seconds whose
/// figures count, `warm_up` or `cool_down` for others.
const COLUMNS: [&str; 15] = [
    "section",
    "at_s",
    "phase",
    "users",
    "started",
    "completed",
    "failed",
    "rate_limited",
    "tokens",
    "e2e_p50_ms",
    "e2e_p95_ms",
    "e2e_p99_ms",
    "ttft_p50_ms",
    "ttft_p95_ms",
    "itl_p50_ms",
];

/// A row for each second of each load.
#[derive(Clone, Copy, Debug)]
pub struct Timeline;

impl Format for Timeline {
    fn file_name(&self) -> &'static str {
        "timeline.csv"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut file = CsvFile::new(LineEnd::Lf);
        file.push(&Row::of(&COLUMNS))?;
        for section in &report.sections {
            let Measured::Load(summary) = &section.measured else { continue };
            for second in &summary.timeline {
                file.push(&row(&section.name, second))?;
            }
        }
        file.into_bytes()
    }
}

fn row(section: &str, second: &Second) -> Row {
    let counts =
        [second.users, second.started, second.completed, second.failed, second.rate_limited, second.tokens];
    let latencies = [
        second.e2e_p50_ms,
        second.e2e_p95_ms,
        second.e2e_p99_ms,
        second.ttft_p50_ms,
        second.ttft_p95_ms,
        second.itl_p50_ms,
    ];
    let mut row = Row::default();
    row.text(section);
    row.number(second.at_s);
    row.text(&second.phase.to_string());
    counts.into_iter().for_each(|count| row.number(count));
    for latency in latencies {
        match latency {
            Some(ms) => row.number(format_args!("{ms:.3}")),
            None => row.text(""),
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::fixture;

    #[test]
    fn render_has_a_row_per_second_of_every_load() {
        let text = String::from_utf8(Timeline.render(&fixture::bench()).unwrap()).unwrap();
        assert_eq!(text.lines().count(), 1 + 23 + 23);
        let shown: Vec<&str> =
            text.lines().enumerate().filter(|(n, _)| [0, 1, 6, 24].contains(n)).map(|(_, l)| l).collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        section,at_s,phase,users,started,completed,failed,rate_limited,tokens,e2e_p50_ms,e2e_p95_ms,e2e_p99_ms,ttft_p50_ms,ttft_p95_ms,itl_p50_ms
        mix,0,warm_up,33,21,21,0,0,0,424.360,725.120,1038.240,,,
        mix,5,measured,100,58,58,0,0,0,397.837,672.073,,,,
        streaming,0,warm_up,33,13,13,0,0,832,1328.700,2270.400,3250.800,665.380,1155.400,9.686
        ");
        assert!(text.lines().all(|line| line.split(',').count() == COLUMNS.len()));
    }
}
