//! `summary.md`: the report for a CI job's summary page.

use super::expected;
use super::format::{Format, RenderError};
use super::{remarks, service, verdict};
use weir_results::{
    Figures, Measured, Report, RunVerdict, SearchSummary, Section, SpeedupSummary, Summary,
    efficiency_in_words, rating, units,
};

/// The maximum number of tasks in the table.
const TASKS_MAX: usize = 50;

/// One page of GitHub's Markdown: the verdict, tables of tasks and thresholds, recommendations, remarks.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Format for Markdown {
    fn file_name(&self) -> &'static str {
        "summary.md"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        Ok(page(report).into_bytes())
    }
}

fn page(report: &Report) -> String {
    let (verdict, because) = verdict::of_report(report);
    let word = match verdict {
        RunVerdict::Passed => "passed",
        RunVerdict::Failed => "FAILED",
        RunVerdict::Invalid => "INVALID",
        RunVerdict::Interrupted => "interrupted",
    };
    let because = if because.is_empty() { String::new() } else { format!(": {}", escaped(&because)) };
    let mut text = format!("## {}\n\n**{word}**{because}\n", escaped(&report.title));
    for section in &report.sections {
        text.push_str(&format!("\n### {}\n", escaped(&section.title)));
        match &section.measured {
            Measured::Load(summary) => push_load(&mut text, section, summary),
            Measured::Speedup(speedup) => push_speedup(&mut text, speedup),
            Measured::Search(search) => push_search(&mut text, search),
        }
    }
    let advice = verdict::advice(report).into_iter().map(|recommendation| recommendation.text);
    push_list(&mut text, "Look at", advice);
    push_list(&mut text, "Remarks", remarks::of_report(report).into_iter().map(|remark| remark.text));
    if let Some(first) = report.sections.first() {
        let target = escaped(first.target());
        text.push_str(&format!(
            "\n{target} · {} · seed {} · weir {}\n",
            first.started(),
            first.seed(),
            report.weir
        ));
    }
    if let Some(machine) = &report.machine {
        text.push_str(&format!("\nMachine: {}\n", escaped(machine)));
    }
    if let Some(command) = &report.command {
        text.push_str(&format!("\nCommand: {}\n", escaped(command)));
    }
    text
}

fn push_load(text: &mut String, section: &Section, summary: &Summary) {
    let measured = units::seconds(summary.window.measured_s);
    let about =
        format!("{}: {}, {measured} measured", summary.scenario, expected::load_in_words(&summary.load));
    text.push_str(&format!("\n{}\n\n", escaped(&about)));
    let is_streaming = !summary.all.ttft.is_empty();
    let mut head = vec!["task", "requests", "failed", "req/s", "p50", "p95", "p99"];
    if is_streaming {
        head.extend(["TTFT p50", "TTFT p95"]);
    }
    push_row(text, head.iter().map(|&cell| cell.to_owned()));
    push_row(
        text,
        head.iter().enumerate().map(|(place, _)| if place == 0 { ":--" } else { "--:" }.to_owned()),
    );
    if summary.tasks.len() > 1 {
        for task in summary.tasks.iter().take(TASKS_MAX) {
            push_figures(text, &escaped(&task.name), &task.figures, is_streaming);
        }
        let others = summary.tasks.len().saturating_sub(TASKS_MAX);
        if others > 0 {
            push_row(
                text,
                [format!("{others} more tasks")].into_iter().chain(vec![String::new(); head.len() - 1]),
            );
        }
    }
    push_figures(text, "**all**", &summary.all, is_streaming);
    push_service(text, summary);
    push_thresholds(text, section);
    if let Some(rating) = rating(summary) {
        text.push_str(&format!("\nRating: **{}**: {}\n", rating.overall, escaped(&rating.in_words())));
    }
}

fn push_figures(text: &mut String, name: &str, figures: &Figures, is_streaming: bool) {
    let mut cells = vec![
        name.to_owned(),
        units::count(figures.completed),
        units::count(figures.failed),
        units::figure(figures.rps),
    ];
    cells.extend([0.5, 0.95, 0.99].map(|q| units::time(figures.e2e.quantile(q))));
    if is_streaming {
        cells.extend([0.5, 0.95].map(|q| units::time(figures.ttft.quantile(q))));
    }
    push_row(text, cells);
}

fn push_service(text: &mut String, summary: &Summary) {
    if let Some(availability) = service::in_words(&summary.service_figures()) {
        text.push_str(&format!("\nAvailability: {}\n", escaped(&availability)));
    }
}

fn push_thresholds(text: &mut String, section: &Section) {
    let results = verdict::thresholds(section);
    if results.is_empty() {
        return;
    }
    text.push_str("\n| threshold | measured | |\n| :-- | --: | :-- |\n");
    for result in results {
        let outcome = if result.passed() { "ok" } else { "**FAILED**" }.to_owned();
        push_row(text, [escaped(&result.text), escaped(&verdict::measured(result)), outcome]);
    }
}

fn push_speedup(text: &mut String, speedup: &SpeedupSummary) {
    let ratio = speedup.ratio.map_or_else(|| units::NOT_AVAILABLE.to_owned(), units::ratio);
    let interval = speedup.interval.map_or_else(String::new, |interval| {
        format!(" (95 % interval {} to {})", units::figure(interval.low), units::figure(interval.high))
    });
    let ideal = speedup.ideal.zip(speedup.efficiency).map_or_else(String::new, |(ideal, efficiency)| {
        format!(", ideal {}, efficiency {}", units::ratio(ideal), efficiency_in_words(efficiency))
    });
    text.push_str(&format!("\n{}: **{ratio}**{interval}{ideal}\n", escaped(&speedup.chain)));
}

fn push_search(text: &mut String, search: &SearchSummary) {
    let found = search.held.map_or_else(
        || "no load holds".to_owned(),
        |held| format!("the highest load that holds is **{}**", search.over.level_text(held)),
    );
    text.push_str(&format!("\n{}: {found} ({})\n\n", escaped(&search.limits.join(", ")), search.ended));
    text.push_str(&format!("| {} | req/s | p50 | p95 | errors | limits |\n", search.over));
    text.push_str("| --: | --: | --: | --: | --: | :-- |\n");
    for probe in &search.probes {
        let cells = [
            search.over.level_figure(probe.level),
            units::figure(probe.rps),
            units::ms_or_none(probe.latency_p50_ms),
            units::ms_or_none(probe.latency_p95_ms),
            units::percent(probe.error_share),
            probe.outcome.to_string(),
        ];
        push_row(text, cells);
    }
}

fn push_list(text: &mut String, title: &str, items: impl Iterator<Item = String>) {
    let items: String = items.map(|item| format!("- {}\n", escaped(&item))).collect();
    if !items.is_empty() {
        text.push_str(&format!("\n{title}:\n\n{items}"));
    }
}

fn push_row(text: &mut String, cells: impl IntoIterator<Item = String>) {
    text.push('|');
    for cell in cells {
        text.push_str(&format!(" {cell} |"));
    }
    text.push('\n');
}

/// Escapes text of a target or scenario, so that it starts no table cell, element or emphasis, and no link
/// that hides its address.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '|' | '*' | '_' | '[' | ']' | '~' | '`' => safe.extend(['\\', character]),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            character if character.is_control() => safe.push(' '),
            character => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::fixture;

    #[test]
    fn render_of_known_origin_has_machine_and_command() {
        let (machine, command) = (Some("a CPU, 2 cores".to_owned()), Some("weir bench --out <a>".to_owned()));
        let text = page(&Report { machine, command, ..fixture::bench() });
        assert!(
            text.ends_with("\n\nMachine: a CPU, 2 cores\n\nCommand: weir bench --out &lt;a&gt;\n"),
            "{text}"
        );
        assert!(!page(&fixture::bench()).contains("Machine:"));
    }

    #[test]
    fn render_failed_thresholds_come_first() {
        let report = fixture::judged();
        insta::assert_snapshot!(page(&report), @r#"
        ## weir load chain-backend

        **FAILED**: 1 of 3 thresholds held

        ### The mix

        chain-backend: 100 users, 20 s measured

        | task | requests | failed | req/s | p50 | p95 | p99 | TTFT p50 | TTFT p95 |
        | :-- | --: | --: | --: | --: | --: | --: | --: | --: |
        | chain | 548 | 0 | 27.4 | 450 ms | 694 ms | 884 ms | n/a | n/a |
        | llm | 329 | 5 | 16.4 | 380 ms | 586 ms | 740 ms | n/a | n/a |
        | chain stream | 219 | 0 | 10.9 | 460 ms | 714 ms | 887 ms | 210 ms | 356 ms |
        | health | 110 | 0 | 5.50 | 398 µs | 616 µs | 750 µs | n/a | n/a |
        | **all** | 1 206 | 5 | 60.3 | 417 ms | 664 ms | 843 ms | 210 ms | 356 ms |

        Availability: 99.6 % (4 × 5xx, 1 × other)   peak 65.0 req/s, sustained 61.2 req/s (10 s)

        | threshold | measured | |
        | :-- | --: | :-- |
        | errors &lt; 0.4% | 0.41 %, ended the run after 12 s | **FAILED** |
        | task("chain").ttft.p99 &lt; 500ms | not measured: 40 samples, 100 are needed | **FAILED** |
        | e2e.p95 &lt; 5s | 664 ms | ok |

        Rating: **acceptable**: e2e.p95 664 ms (acceptable), errors 0.41 % (good)

        Remarks:

        - generator and target shared this machine's cores: each slowed the other down
        - a threshold ended the run: the figures cover the time until then

        http://127.0.0.1:41873 · 2026-11-21T02:46:09Z · seed 42 · weir 0.1.0
        "#);
    }

    #[test]
    fn render_bench_has_every_section() {
        let text = page(&fixture::bench());
        let (mix, others) = text.split_at(text.find("### Streaming").unwrap());
        assert!(mix.starts_with("## weir bench\n\n**passed**\n\n### Mixed load\n"), "{mix}");
        insta::assert_snapshot!(others, @r"
        ### Streaming

        chat-streaming: 50 users, 20 s measured

        | task | requests | failed | req/s | p50 | p95 | p99 | TTFT p50 | TTFT p95 |
        | :-- | --: | --: | --: | --: | --: | --: | --: | --: |
        | **all** | 738 | 0 | 36.9 | 1.29 s | 1.99 s | 2.53 s | 646 ms | 1.13 s |

        Availability: 100 %   peak 40.0 req/s, sustained 37.6 req/s (10 s)

        ### Parallel speedup

        parallel\_processing: **2.85 ×** (95 % interval 2.81 to 2.90), ideal 2.88 ×, efficiency 99.0 %

        Remarks:

        - streaming: a prompt cache served this run: 25.0 % of the input tokens came from it
        - generator and target shared this machine's cores: each slowed the other down

        http://127.0.0.1:41873 · 2026-11-21T02:46:09Z · seed 42 · weir 0.1.0
        ");
    }

    #[test]
    fn render_escapes_texts_of_the_target() {
        let attack = "a|b\n<img src=x> [x](y) *z* `";
        let mut mix = fixture::mix();
        mix.scenario = attack.into();
        mix.notes = vec![attack.into()];
        for task in &mut mix.tasks {
            task.name = attack.into();
        }
        let text = page(&Report::new(attack).with_load("mix", attack, mix));
        assert!(!text.contains("<img") && !text.contains("a|b") && !text.contains("[x]("), "{text}");
        let rows = text.lines().filter(|line| line.starts_with('|'));
        for row in rows {
            let cells = row.replace("\\|", "").matches('|').count();
            assert_eq!(cells, 10, "{row}");
        }
    }
}
