//! `figures.csv`: one row per figure of a load, for scripts and spreadsheets.

use super::csv::{CsvFile, LineEnd, Row};
use super::format::{Format, RenderError};
use weir_results::{Measured, Report, Summary, units};

const COLUMNS: [&str; 3] = ["section", "figure", "value"];

/// The figures of each load as a whole. Latencies are in milliseconds, shares from 0 to 1; a value is empty where it was not
/// measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct FiguresCsv;

impl Format for FiguresCsv {
    fn file_name(&self) -> &'static str {
        "figures.csv"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut file = CsvFile::new(LineEnd::Lf);
        file.push(&Row::of(&COLUMNS))?;
        for section in &report.sections {
            let Measured::Load(summary) = &section.measured else { continue };
            for (figure, value) in figures(summary) {
                let mut row = Row::default();
                row.text(&section.name);
                row.text(figure);
                match value {
                    Some(value) => row.number((value * 1e6).round() / 1e6),
                    None => row.text(""),
                }
                file.push(&row)?;
            }
        }
        file.into_bytes()
    }
}

fn figures(summary: &Summary) -> Vec<(&'static str, Option<f64>)> {
    let (all, service) = (&summary.all, summary.service_figures());
    let ms = |quantile| all.e2e.quantile(quantile).map(units::to_ms);
    let mut figures = vec![
        ("completed", Some(all.completed as f64)),
        ("failed", Some(all.failed as f64)),
        ("rate_limited", Some(all.rate_limited as f64)),
        ("rps", Some(all.rps)),
        ("peak_rps", service.peak_rps),
        ("sustained_rps", service.sustained_rps),
        ("availability", service.availability),
    ];
    figures.extend(service.failures.named().map(|(_, figure, count)| (figure, Some(count as f64))));
    // Where no server reports usage, both counts of tokens are 0.
    let cached = (all.input_tokens > 0).then(|| all.cached_share().unwrap_or(0.0));
    figures.extend([
        ("input_tokens", Some(all.input_tokens as f64)),
        ("cached_tokens", Some(all.cached_tokens as f64)),
        ("cached_share", cached),
        ("output_tokens", Some(all.output_tokens as f64)),
    ]);
    figures.extend([("e2e_p50_ms", ms(0.5)), ("e2e_p95_ms", ms(0.95)), ("e2e_p99_ms", ms(0.99))]);
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::fixture;

    #[test]
    fn render_has_a_row_per_figure_of_each_load() {
        let text = String::from_utf8(FiguresCsv.render(&fixture::bench()).unwrap()).unwrap();
        insta::assert_snapshot!(text, @"
        section,figure,value
        mix,completed,1206
        mix,failed,5
        mix,rate_limited,0
        mix,rps,60.3
        mix,peak_rps,65
        mix,sustained_rps,61.2
        mix,availability,0.995871
        mix,failures_4xx,0
        mix,failures_5xx,4
        mix,timeouts,0
        mix,other_failures,1
        mix,input_tokens,0
        mix,cached_tokens,0
        mix,cached_share,
        mix,output_tokens,13140
        mix,e2e_p50_ms,416.767
        mix,e2e_p95_ms,663.551
        mix,e2e_p99_ms,843.263
        streaming,completed,738
        streaming,failed,0
        streaming,rate_limited,0
        streaming,rps,36.9
        streaming,peak_rps,40
        streaming,sustained_rps,37.6
        streaming,availability,1
        streaming,failures_4xx,0
        streaming,failures_5xx,0
        streaming,timeouts,0
        streaming,other_failures,0
        streaming,input_tokens,8856
        streaming,cached_tokens,2214
        streaming,cached_share,0.25
        streaming,output_tokens,47232
        streaming,e2e_p50_ms,1290.239
        streaming,e2e_p95_ms,1992.703
        streaming,e2e_p99_ms,2531.327
        ");
    }
}
