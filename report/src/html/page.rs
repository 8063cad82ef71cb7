//! Renders the template with the view of the report.

use std::time::Duration;

use minijinja::{Environment, context};

use super::super::format::{Format, RenderError};
use super::super::{remarks, verdict};
use super::assets::{CHART_SCRIPT, PAGE_SCRIPT, PAGE_STYLE, TEMPLATE};
use super::view::{Banner, Charts, Named, Page, RemarkView, SectionView};
use super::{load, search, speedup};
use weir_results::{Measured, Report, RunVerdict, instant_of_label, utc_label};

/// The glossary of the page.
const TERMS: [(&str, &str); 8] = [
    ("e2e", "first byte sent to the end of the answer"),
    (
        "TTFT",
        "time to first token: first byte sent to the first event with content; a role alone does not count",
    ),
    ("ITL", "gap between two content events of an answer, pooled over all answers"),
    ("TPOT", "(e2e − TTFT) / (output tokens − 1), of each answer"),
    (
        "measurement error",
        "client − server, request by request: an upper bound of the instrument's error, because it includes the network",
    ),
    (
        "speedup",
        "sequential / parallel wall time; the interval is a paired t-interval on the log ratios of blocks",
    ),
    ("ideal speedup", "sum of step durations / critical path, computed from the traces of these runs"),
    ("n/a", "too few samples: p99 needs 100, p99.9 needs 1 000"),
];

/// One HTML file without network access: charts and tables, light and dark, printable.
#[derive(Clone, Copy, Debug)]
pub struct Html;

impl Format for Html {
    fn file_name(&self) -> &'static str {
        "report.html"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut charts = Charts::default();
        let page = page(report, &mut charts);
        let charts = for_script(&serde_json::to_string(charts.as_slice())?);
        let mut environment = Environment::new();
        // The extension of the name enables escaping.
        environment.add_template("report.html", TEMPLATE)?;
        let text = environment.get_template("report.html")?.render(context! {
            page,
            charts,
            css => PAGE_STYLE,
            chart_script => CHART_SCRIPT,
            page_script => PAGE_SCRIPT,
        })?;
        Ok(text.into_bytes())
    }
}

fn page(report: &Report, charts: &mut Charts) -> Page {
    let remarks = remarks::of_report(report);
    let sections = report
        .sections
        .iter()
        .map(|section| -> SectionView {
            match &section.measured {
                Measured::Load(summary) => load::section(&section.title, summary, charts),
                Measured::Speedup(summary) => speedup::section(&section.title, summary, charts),
                Measured::Search(summary) => search::section(&section.title, summary, charts),
            }
        })
        .collect();
    Page {
        weir: report.weir.clone(),
        title: report.title.clone(),
        banner: banner(report),
        facts: facts(report),
        // The most severe first: a page is read from its top.
        remarks: remarks
            .into_iter()
            .rev()
            .map(|remark| RemarkView { class: remark.level.class(), text: remark.text })
            .collect(),
        sections,
        terms: TERMS.map(|(name, value)| Named { name, value: value.to_owned() }).into(),
    }
}

/// Returns the verdict, and the sentence that explains it: the thresholds that failed, or why the figures are invalid.
fn banner(report: &Report) -> Banner {
    let (verdict, because) = verdict::of_report(report);
    let failed = report.sections.iter().flat_map(verdict::thresholds).filter(|result| !result.passed());
    let failed: Vec<String> =
        failed.map(|result| format!("{}: {}", result.text, verdict::measured(result))).collect();
    let (class, word) = match verdict {
        RunVerdict::Passed => ("", "PASS"),
        RunVerdict::Failed => ("bad", "FAIL"),
        RunVerdict::Invalid => ("bad", "INVALID"),
        RunVerdict::Interrupted => ("warning", "INTERRUPTED"),
    };
    let sentence = match verdict {
        RunVerdict::Failed if !failed.is_empty() => format!("{} ({because})", failed.join("; ")),
        RunVerdict::Passed if because.is_empty() => {
            "the run ended as planned; it has no thresholds".to_owned()
        }
        RunVerdict::Failed if because.is_empty() => "see the remarks".to_owned(),
        _ => because,
    };
    Banner { class, word, sentence }
}

fn facts(report: &Report) -> Vec<Named> {
    let (Some(first), Some(last)) = (report.sections.first(), report.sections.last()) else {
        return Vec::new();
    };
    let run_time = Duration::try_from_secs_f64(last.run_s()).unwrap_or_default();
    let ended = instant_of_label(last.started()).and_then(|started| started.checked_add(run_time));
    let ended = ended.map(utc_label).unwrap_or_default();
    let mut facts = vec![
        Named { name: "target", value: first.target().to_owned() },
        Named { name: "started", value: first.started().to_owned() },
        Named { name: "ended", value: ended },
        Named { name: "seed", value: first.seed().to_string() },
        Named { name: "weir", value: report.weir.clone() },
    ];
    let origin = [("machine", &report.machine), ("command", &report.command)];
    let origin = origin.into_iter().filter_map(|(name, value)| Some(Named { name, value: value.clone()? }));
    facts.extend(origin);
    facts
}

/// Escapes JSON for a `<script>` element: without `<`, the text cannot end the element or open a comment.
fn for_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::fixture;

    fn html(report: &Report) -> String {
        String::from_utf8(Html.render(report).unwrap()).unwrap()
    }

    /// Parses the page's chart data as the browser does.
    fn charts(html: &str) -> Vec<serde_json::Value> {
        let start = html.find("id=\"charts\">").unwrap() + "id=\"charts\">".len();
        let end = start + html[start..].find("</script>").unwrap();
        serde_json::from_str(&html[start..end]).unwrap()
    }

    #[test]
    fn render_gives_every_frame_its_chart() {
        let html = html(&fixture::bench());
        let charts = charts(&html);
        for place in 0..charts.len() {
            assert_eq!(html.matches(&format!("data-chart=\"{place}\"")).count(), 1, "chart {place}");
        }
        assert_eq!(html.matches("data-chart=").count(), charts.len());
        let bars = charts.iter().filter(|chart| chart["kind"] == "bars").count();
        assert_eq!((charts.len(), bars), (8 + 9 + 2, 2));
    }

    #[test]
    fn render_search_has_a_chart_of_latency_against_load() {
        let html = html(&Report::new("weir load").with_search("search", "Search", fixture::search()));
        let charts = charts(&html);
        assert_eq!(charts[0]["at"], serde_json::json!([10, 20, 28, 33, 36, 38, 40]));
        assert_eq!(charts[0]["series"][1]["values"][4], 1840, "the last probe of this level");
        assert_eq!(charts[0]["rules"], serde_json::json!([{ "value": 2000, "name": "limit" }]));
        assert!(html.contains("Highest load") && html.contains("narrow down"));
    }

    #[test]
    fn render_begins_with_the_verdict_and_its_reason() {
        let failed = html(&fixture::judged());
        let banner = failed.find("<strong>FAIL</strong>errors &lt; 0.4%: 0.41 %, ended the run").unwrap();
        assert!(
            banner < failed.find("<dl class=\"facts\">").unwrap()
                && failed.contains("1 of 3 thresholds held")
        );
        assert!(html(&fixture::bench()).contains("<strong>PASS</strong>"));
        assert!(failed.contains("<dt>ended</dt><dd>2026-11-21T02:46:32Z</dd>"));
    }

    #[test]
    fn render_of_known_origin_has_machine_and_command() {
        let origin = |report: &Report| {
            ["machine", "command"].map(|name| html(report).contains(&format!("<dt>{name}</dt>")))
        };
        let report = fixture::bench();
        assert_eq!(origin(&report), [false, false]);
        let machine = Some("a CPU, 2 cores, linux x86_64".to_owned());
        assert_eq!(origin(&Report { machine, ..report.clone() }), [true, false]);
        let command = Some("weir bench --quick".to_owned());
        let text = html(&Report { command, ..report });
        assert!(text.contains("<dt>command</dt><dd>weir bench --quick</dd>"));
    }

    #[test]
    fn render_refers_to_no_external_resource() {
        let html = html(&fixture::bench());
        for loader in ["src=", "@import", "url(", "fetch(", "XMLHttpRequest", "<link", "import("] {
            assert!(!html.contains(loader), "{loader}");
        }
        assert!(html.contains("content=\"default-src 'none'; "), "and the page may not");
    }

    #[test]
    fn render_escapes_texts_of_the_target() {
        let attack = "</script><img src=x onerror=alert(1)>\"'&";
        let mut mix = fixture::mix();
        mix.scenario = attack.into();
        mix.notes = vec![attack.into()];
        for task in &mut mix.tasks {
            task.name = attack.into();
        }
        for failure in mix.all.failures.values_mut() {
            failure.example = attack.into();
        }
        let html = html(&Report::new(attack).with_load(attack, attack, mix));
        assert!(!html.contains("<img"), "an element was not escaped");
        assert_eq!(html.matches("</script>").count(), 3);
        assert_eq!(for_script("{\"a\":\"</script><!--\"}"), "{\"a\":\"\\u003c/script>\\u003c!--\"}");
    }

    #[test]
    fn render_without_timeline_succeeds() {
        let mut mix = fixture::mix();
        mix.timeline.clear();
        mix.all = weir_results::Figures::default();
        mix.tasks.clear();
        assert_eq!(charts(&html(&Report::new("weir load").with_load("mix", "Mix", mix))).len(), 0);
    }
}
