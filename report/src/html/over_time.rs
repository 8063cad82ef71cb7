//! The charts of a load over time.

use super::super::expected;
use super::chart::{Axis, Chart, Lines, Number, Rule, Series, Shade, Tone, Unit};
use super::thin::thin;
use super::view::{Charts, FigureView};
use weir_results::{LoadKind, Phase, Second, Summary};

/// Throughput, latencies, users and failures per second, with a common crosshair.
pub(super) fn figures(summary: &Summary, charts: &mut Charts) -> Vec<FigureView> {
    let (seconds, seconds_a_point) = thin(&summary.timeline);
    if seconds.is_empty() {
        return Vec::new();
    }
    let group = charts.next_group();
    let axis =
        TimeAxis { seconds: &seconds, seconds_a_point, excluded: excluded_ranges(&summary.timeline), group };
    let mut figures = vec![charts.frame(throughput(summary, &axis))];
    figures.push(charts.frame(axis.lines("Latency (e2e)", Unit::Ms, e2e(&axis), Vec::new())));
    if !summary.all.ttft.is_empty() {
        figures.push(charts.frame(axis.lines("Time to first token", Unit::Ms, ttft(&axis), Vec::new())));
    }
    if !summary.all.itl.is_empty() {
        figures.push(charts.frame(axis.lines("Gap between tokens (ITL)", Unit::Ms, itl(&axis), Vec::new())));
    }
    if summary.all.output_tokens > 0 {
        let tokens = vec![axis.count("tokens", Tone::Green, |second| second.tokens).filled()];
        figures.push(charts.frame(axis.lines("Token throughput", Unit::PerSecond, tokens, Vec::new())));
    }
    let (population, title) = match summary.load.kind {
        LoadKind::Closed => ("users", "Users"),
        LoadKind::Open => ("in flight", "Requests in flight"),
    };
    let users = vec![axis.count(population, Tone::Grey, |second| second.users).filled()];
    figures.push(charts.frame(axis.lines(title, Unit::Count, users, Vec::new())));
    figures.push(charts.frame(failures(summary, &axis)));
    figures
}

/// A range of seconds that the figures exclude: name, start, end.
type ExcludedRange = (&'static str, u64, u64);

/// Returns the warm-ups and cool-downs of all merged runs.
fn excluded_ranges(timeline: &[Second]) -> Vec<ExcludedRange> {
    let runs = timeline.chunk_by(|one, next| one.phase == next.phase);
    let ends = runs.filter_map(|run| Some((run.first()?, run.last()?)));
    let stretch = |(first, last): (&Second, &Second)| {
        let name = match first.phase {
            Phase::Measured => return None,
            Phase::WarmUp => "warm-up",
            Phase::CoolDown => "cool-down",
        };
        Some((name, first.at_s, last.at_s + 1))
    };
    ends.filter_map(stretch).collect()
}

fn throughput(summary: &Summary, axis: &TimeAxis<'_>) -> Chart {
    let expected = expected::throughput(summary).map(|expected| Rule {
        value: Number(expected.per_second),
        name: "expected",
        row: None,
    });
    let completed = axis.count("completed", Tone::Blue, |second| second.completed).filled();
    axis.lines("Throughput", Unit::PerSecond, vec![completed], expected.into_iter().collect())
}

fn e2e(axis: &TimeAxis<'_>) -> Vec<Series> {
    vec![
        axis.latency("p50", Tone::Blue, |second| second.e2e_p50_ms),
        axis.latency("p95", Tone::Amber, |second| second.e2e_p95_ms),
        axis.latency("p99", Tone::Rose, |second| second.e2e_p99_ms),
    ]
}

fn ttft(axis: &TimeAxis<'_>) -> Vec<Series> {
    vec![
        axis.latency("p50", Tone::Blue, |second| second.ttft_p50_ms),
        axis.latency("p95", Tone::Amber, |second| second.ttft_p95_ms),
    ]
}

fn itl(axis: &TimeAxis<'_>) -> Vec<Series> {
    vec![axis.latency("p50", Tone::Green, |second| second.itl_p50_ms)]
}

fn failures(summary: &Summary, axis: &TimeAxis<'_>) -> Chart {
    let mut errors = vec![axis.count("failed", Tone::Red, |second| second.failed).filled()];
    if summary.all.rate_limited > 0 {
        errors.insert(0, axis.count("rate limited", Tone::Amber, |second| second.rate_limited));
    }
    axis.lines("Failures per second", Unit::Count, errors, Vec::new())
}

/// The common x axis of the charts over time.
struct TimeAxis<'a> {
    seconds: &'a [Second],
    /// Seconds per point of a line.
    seconds_a_point: usize,
    excluded: Vec<ExcludedRange>,
    group: usize,
}

impl TimeAxis<'_> {
    fn lines(&self, title: &str, unit: Unit, series: Vec<Series>, rules: Vec<Rule>) -> Chart {
        let shades = self.excluded.iter().map(|&(name, from, to)| Shade {
            from: Number(from as f64),
            to: Number(to as f64),
            name,
        });
        let title = match self.seconds_a_point {
            0 | 1 => title.to_owned(),
            seconds => format!("{title}, by {seconds} s"),
        };
        Chart::Lines(Lines {
            title,
            x: Axis::linear(Unit::S),
            y: Axis::linear(unit),
            at: self.seconds.iter().map(|second| Number(second.at_s as f64)).collect(),
            series,
            shades: shades.collect(),
            rules,
            group: Some(self.group),
        })
    }

    fn count(&self, name: &'static str, tone: Tone, figure: fn(&Second) -> u64) -> Series {
        let values = self.seconds.iter().map(|second| Some(Number(figure(second) as f64))).collect();
        Series { name, tone, fill: false, values }
    }

    fn latency(&self, name: &'static str, tone: Tone, figure: fn(&Second) -> Option<f64>) -> Series {
        let values = self.seconds.iter().map(|second| figure(second).map(Number)).collect();
        Series { name, tone, fill: false, values }
    }
}

impl Series {
    fn filled(self) -> Self {
        Self { fill: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excluded_ranges_of_several_runs_are_one_shade_each() {
        use Phase::{CoolDown, Measured, WarmUp};
        let timeline: Vec<Second> = [WarmUp, WarmUp, Measured, WarmUp, Measured, CoolDown]
            .into_iter()
            .zip(0..)
            .map(|(phase, at_s)| Second { at_s, phase, ..Second::default() })
            .collect();
        assert_eq!(excluded_ranges(&timeline), [("warm-up", 0, 2), ("warm-up", 3, 4), ("cool-down", 5, 6)]);
        assert_eq!(excluded_ranges(&[]), []);
    }
}
