//! `timeline.csv`: one row a second.

use std::fmt::Write as _;

use super::content::{Measured, Report};
use super::format::{Format, RenderError};
use crate::summary::Second;

/// The first row. Counts are of the second; a request belongs to the second in which it ended; latencies are in
/// milliseconds and empty where the second has too few of them; `phase` is `measured` for seconds whose figures count,
/// `warm_up` or `cool_down` for others.
const HEADER: &str = "section,at_s,phase,users,started,completed,failed,rate_limited,tokens,\
                      e2e_p50_ms,e2e_p95_ms,e2e_p99_ms,ttft_p50_ms,ttft_p95_ms,itl_p50_ms";

/// A row for each second of each load.
#[derive(Clone, Copy, Debug)]
pub struct Timeline;

impl Format for Timeline {
    fn file_name(&self) -> &'static str {
        "timeline.csv"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut text = format!("{HEADER}\n");
        for section in &report.sections {
            let Measured::Load(summary) = &section.measured else { continue };
            for second in &summary.timeline {
                push_row(&mut text, &section.name, second);
            }
        }
        Ok(text.into_bytes())
    }
}

fn push_row(text: &mut String, section: &str, second: &Second) {
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
    text.push_str(&field(section));
    // Writing to a string does not fail.
    let _ = write!(text, ",{},{}", second.at_s, second.phase);
    for count in counts {
        let _ = write!(text, ",{count}");
    }
    for latency in latencies {
        text.push(',');
        if let Some(ms) = latency {
            let _ = write!(text, "{ms:.3}");
        }
    }
    text.push('\n');
}

/// Quoted where RFC 4180 asks for it.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_row_a_second_of_every_load() {
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
        let columns = HEADER.split(',').count();
        assert!(text.lines().all(|line| line.split(',').count() == columns));
    }

    #[test]
    fn a_name_with_a_comma_stays_one_field() {
        assert_eq!(field("a,b \"c\""), "\"a,b \"\"c\"\"\"");
        assert_eq!(field("mix"), "mix");
    }
}
