//! A search on the terminal.

use super::lines::{headed, labelled, labelled_lines};
use super::paint::{Page, Style};
use super::table::Table;
use weir_results::{SearchEnd, SearchSummary, units};

/// Probes shown, the last ones; the others are in the files.
const PROBES_MAX: usize = 24;

pub(super) fn lines(title: &str, summary: &SearchSummary, page: Page) -> Vec<String> {
    let mut lines = headed(title, &done(summary), page);
    lines.extend(labelled_lines(page, "highest load", &answer(summary, page.style)));
    if !summary.limits.is_empty() {
        lines.extend(labelled_lines(page, "limits", &summary.limits.join(", ")));
    }
    lines.extend(probes(summary, page).lines());
    let others = summary.probes.len().saturating_sub(PROBES_MAX);
    if others > 0 {
        lines.push(labelled("", &format!("{others} probes before these are in the files")));
    }
    lines
}

fn done(summary: &SearchSummary) -> String {
    let range =
        format!("{} to {}", summary.over.level_figure(summary.from), summary.over.level_text(summary.to));
    format!(
        "{} · {range} · {} a probe after {} to settle",
        summary.scenario,
        units::seconds(summary.step_time_s),
        units::seconds(summary.settle_s)
    )
}

fn answer(summary: &SearchSummary, style: Style) -> String {
    let Some(held) = summary.held else { return style.error("no level meets the limits") };
    let mut text = style.strong(&summary.over.level_text(held));
    let probed_again = match summary.ended {
        SearchEnd::Found | SearchEnd::Ceiling => match summary.confirm {
            0 => String::new(),
            1 => "   confirmed once".to_owned(),
            times => format!("   confirmed {times} times"),
        },
        SearchEnd::Nothing
        | SearchEnd::Unsteady
        | SearchEnd::Generator
        | SearchEnd::TargetDead
        | SearchEnd::Interrupted
        | SearchEnd::CutShort => "   not confirmed".to_owned(),
    };
    text.push_str(&probed_again);
    if let Some(failed) = summary.failed {
        text.push_str(&format!("   the limits fail at {}", summary.over.level_text(failed)));
    }
    text
}

fn probes(summary: &SearchSummary, page: Page) -> Table {
    let over = summary.over.to_string();
    let mut table = Table::new(
        page,
        &[
            ("probe", 0),
            (&over, 0),
            ("req/s", 0),
            ("p50", 100),
            ("p95", 0),
            ("TTFT p95", 80),
            ("errors", 70),
            ("limits", 0),
        ],
    );
    let first = summary.probes.len().saturating_sub(PROBES_MAX);
    for probe in summary.probes.iter().skip(first) {
        table.row(vec![
            probe.purpose.to_string(),
            summary.over.level_figure(probe.level),
            units::figure(probe.rps),
            units::ms_or_none(probe.latency_p50_ms),
            units::ms_or_none(probe.latency_p95_ms),
            units::ms_or_none(probe.ttft_p95_ms),
            units::percent(probe.error_share),
            probe.outcome.to_string(),
        ]);
    }
    table
}
