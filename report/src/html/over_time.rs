//! The charts of a load over time.

use super::super::expected;
use super::chart::{Axis, Chart, Lines, Number, Rule, Series, Shade, Tone, Unit};
use super::thin::thin;
use super::view::{Charts, FigureView};
use weir_results::{LoadKind, Phase, Second, Summary};

/// Throughput, latencies, users and failures, second by second, under one crosshair.
pub(super) fn figures(summary: &Summary, charts: &mut Charts) -> Vec<FigureView> {
    let (seconds, seconds_a_point) = thin(&summary.timeline);
    if seconds.is_empty() {
        return Vec::new();
    }
    let group = charts.next_group();
    let track = Track { seconds: &seconds, seconds_a_point, apart: apart(&summary.timeline), group };
    let mut figures = vec![charts.frame(throughput(summary, &track))];
    figures.push(charts.frame(track.lines("Latency (e2e)", Unit::Ms, e2e(&track), Vec::new())));
    if !summary.all.ttft.is_empty() {
        figures.push(charts.frame(track.lines("Time to first token", Unit::Ms, ttft(&track), Vec::new())));
    }
    if !summary.all.itl.is_empty() {
        figures.push(charts.frame(track.lines(
            "Gap between tokens (ITL)",
            Unit::Ms,
            itl(&track),
            Vec::new(),
        )));
    }
    if summary.all.output_tokens > 0 {
        let tokens = vec![track.count("tokens", Tone::Green, |second| second.tokens).filled()];
        figures.push(charts.frame(track.lines("Token throughput", Unit::PerSecond, tokens, Vec::new())));
    }
    let (population, title) = match summary.load.kind {
        LoadKind::Closed => ("users", "Users"),
        LoadKind::Open => ("in flight", "Requests in flight"),
    };
    let users = vec![track.count(population, Tone::Grey, |second| second.users).filled()];
    figures.push(charts.frame(track.lines(title, Unit::Count, users, Vec::new())));
    figures.push(charts.frame(failures(summary, &track)));
    figures
}

/// A stretch of seconds that are left out of the figures, from and to.
type Apart = (&'static str, u64, u64);

/// Warm-ups and cool-downs: those of each run that a report was made of.
fn apart(timeline: &[Second]) -> Vec<Apart> {
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

fn throughput(summary: &Summary, track: &Track<'_>) -> Chart {
    let expected = expected::throughput(summary).map(|expected| Rule {
        value: Number(expected.per_second),
        name: "expected",
        row: None,
    });
    let completed = track.count("completed", Tone::Blue, |second| second.completed).filled();
    track.lines("Throughput", Unit::PerSecond, vec![completed], expected.into_iter().collect())
}

fn e2e(track: &Track<'_>) -> Vec<Series> {
    vec![
        track.latency("p50", Tone::Blue, |second| second.e2e_p50_ms),
        track.latency("p95", Tone::Amber, |second| second.e2e_p95_ms),
        track.latency("p99", Tone::Rose, |second| second.e2e_p99_ms),
    ]
}

fn ttft(track: &Track<'_>) -> Vec<Series> {
    vec![
        track.latency("p50", Tone::Blue, |second| second.ttft_p50_ms),
        track.latency("p95", Tone::Amber, |second| second.ttft_p95_ms),
    ]
}

fn itl(track: &Track<'_>) -> Vec<Series> {
    vec![track.latency("p50", Tone::Green, |second| second.itl_p50_ms)]
}

fn failures(summary: &Summary, track: &Track<'_>) -> Chart {
    let mut errors = vec![track.count("failed", Tone::Red, |second| second.failed).filled()];
    if summary.all.rate_limited > 0 {
        errors.insert(0, track.count("rate limited", Tone::Amber, |second| second.rate_limited));
    }
    track.lines("Failures per second", Unit::Count, errors, Vec::new())
}

/// What all charts over time share.
struct Track<'a> {
    seconds: &'a [Second],
    /// How many seconds a point of a line stands for.
    seconds_a_point: usize,
    apart: Vec<Apart>,
    group: usize,
}

impl Track<'_> {
    fn lines(&self, title: &str, unit: Unit, series: Vec<Series>, rules: Vec<Rule>) -> Chart {
        let shades = self.apart.iter().map(|&(name, from, to)| Shade {
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
    fn each_stretch_that_is_left_out_is_one_shade() {
        use Phase::{CoolDown, Measured, WarmUp};
        let timeline: Vec<Second> = [WarmUp, WarmUp, Measured, WarmUp, Measured, CoolDown]
            .into_iter()
            .zip(0..)
            .map(|(phase, at_s)| Second { at_s, phase, ..Second::default() })
            .collect();
        assert_eq!(apart(&timeline), [("warm-up", 0, 2), ("warm-up", 3, 4), ("cool-down", 5, 6)]);
        assert_eq!(apart(&[]), []);
    }
}
