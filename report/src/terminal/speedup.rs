//! A speedup on the terminal.

use super::lines::{headed, labelled_lines};
use super::load::error_in_words;
use super::paint::{Page, Style};
use weir_results::{ArmFigures, SpeedupSummary, efficiency_in_words, units};

pub(super) fn lines(title: &str, summary: &SpeedupSummary, page: Page) -> Vec<String> {
    let mut lines = headed(title, &done(summary), page);
    lines.extend(labelled_lines(page, "sequential", &arm(&summary.sequential, "sum of steps")));
    lines.extend(labelled_lines(page, "parallel", &arm(&summary.parallel, "critical path")));
    lines.extend(labelled_lines(page, "speedup", &speedup(summary, page.style)));
    if let Some(error) = error_in_words(&summary.wall_error) {
        let runs = units::count(summary.wall_error.count());
        lines.extend(labelled_lines(page, "measurement error", &format!("{error}   of {runs} runs")));
    }
    lines
}

fn done(summary: &SpeedupSummary) -> String {
    let pairs = match summary.pairs.len() {
        1 => "1 pair of blocks".to_owned(),
        pairs => format!("{pairs} interleaved pairs of blocks"),
    };
    format!("{} · {pairs} · {} at once", summary.chain, runs(u64::from(summary.at_once)))
}

fn runs(count: u64) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{} runs", units::count(count)) }
}

fn arm(arm: &ArmFigures, bound: &str) -> String {
    let mut text = match arm.wall.quantile(0.5) {
        Some(wall) => format!("{} median of {}", units::ms(units::to_ms(wall)), runs(arm.wall.count())),
        None => units::NOT_AVAILABLE.to_owned(),
    };
    if let Some(bound_ms) = arm.bound_ms {
        text.push_str(&format!("   {bound} {}", units::ms(bound_ms)));
    }
    text
}

fn speedup(summary: &SpeedupSummary, style: Style) -> String {
    let Some(ratio) = summary.ratio else { return units::NOT_AVAILABLE.to_owned() };
    let mut text = style.strong(&units::ratio(ratio));
    if let Some(interval) = summary.interval {
        let (low, high) = (units::figure(interval.low), units::figure(interval.high));
        text.push_str(&format!("   95 % interval {low} to {high}"));
    }
    if let Some((ideal, efficiency)) = summary.ideal.zip(summary.efficiency) {
        text.push_str(&format!(
            "   ideal {}, efficiency {}",
            units::ratio(ideal),
            efficiency_in_words(efficiency)
        ));
    }
    text
}
