//! The distribution of a load's latencies: a density chart and a percentile curve.

use super::chart::{Axis, Chart, Lines, Number, Series, Tone, Unit};
use super::density::density;
use super::view::{Charts, FigureView};
use weir_results::{Figures, Histogram, units};

/// Points of the percentile curve per decade of 1 − q.
const POINTS_PER_DECADE: u32 = 24;
/// It ends at p99.99.
const DECADES: u32 = 4;

/// Returns no charts if no request completed.
pub(super) fn figures(all: &Figures, charts: &mut Charts) -> Vec<FigureView> {
    let measured = [
        LatencyCurve { name: "e2e", tone: Tone::Blue, histogram: &all.e2e },
        LatencyCurve { name: "TTFT", tone: Tone::Amber, histogram: &all.ttft },
        LatencyCurve { name: "ITL", tone: Tone::Green, histogram: &all.itl },
    ];
    let measured: Vec<LatencyCurve<'_>> =
        measured.into_iter().filter(|measured| !measured.histogram.is_empty()).collect();
    let drawn = density_chart(&measured).into_iter().chain(percentile_chart(&measured));
    drawn.map(|chart| charts.frame(chart)).collect()
}

struct LatencyCurve<'a> {
    name: &'static str,
    tone: Tone,
    histogram: &'a Histogram,
}

impl LatencyCurve<'_> {
    fn series(&self, fill: bool, values: Vec<Option<Number>>) -> Series {
        Series { name: self.name, tone: self.tone, fill, values }
    }
}

fn density_chart(measured: &[LatencyCurve<'_>]) -> Option<Chart> {
    let histograms: Vec<&Histogram> = measured.iter().map(|measured| measured.histogram).collect();
    let found = density(&histograms)?;
    let series =
        measured.iter().zip(found.shares).map(|(measured, values)| measured.series(true, values)).collect();
    Some(Chart::Lines(Lines {
        title: "Distribution of durations".into(),
        x: Axis::log(Unit::Ms),
        y: Axis::linear(Unit::Percent),
        at: found.at,
        series,
        shades: Vec::new(),
        rules: Vec::new(),
        group: None,
    }))
}

/// Durations against log(1 / (1 − q)), which gives the tail enough room. A curve ends at the last percentile with
/// enough samples.
fn percentile_chart(measured: &[LatencyCurve<'_>]) -> Option<Chart> {
    let longest = measured.iter().map(|measured| measured.histogram.count()).max()?;
    let shares: Vec<f64> = (0..=POINTS_PER_DECADE * DECADES)
        .map(|step| 1.0 - 10_f64.powf(-f64::from(step) / f64::from(POINTS_PER_DECADE)))
        .take_while(|share| longest as f64 * (1.0 - share) >= 1.0 - 1e-9)
        .collect();
    let series = measured.iter().map(|measured| {
        let at = |share: &f64| measured.histogram.quantile(*share).map(|value| Number(units::to_ms(value)));
        measured.series(false, shares.iter().map(at).collect())
    });
    Some(Chart::Lines(Lines {
        title: "Percentiles, towards the tail".into(),
        x: Axis::tail(),
        y: Axis::log(Unit::Ms),
        series: series.collect(),
        at: shares.into_iter().map(Number).collect(),
        shades: Vec::new(),
        rules: Vec::new(),
        group: None,
    }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn of(count: u64) -> Histogram {
        let mut histogram = Histogram::default();
        (1..=count).for_each(|ms| histogram.record(Duration::from_millis(ms)));
        histogram
    }

    fn curve(all: &Figures) -> Lines {
        let measured = LatencyCurve { name: "e2e", tone: Tone::Blue, histogram: &all.e2e };
        match percentile_chart(&[measured]) {
            Some(Chart::Lines(lines)) => lines,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tail_ends_at_the_last_supported_percentile() {
        let last = |count| {
            let lines = curve(&Figures { e2e: of(count), ..Figures::default() });
            assert!(lines.series[0].values.iter().all(Option::is_some), "{:?}", lines.series[0]);
            lines.at.last().unwrap().0
        };
        assert!((last(100) - 0.99).abs() < 1e-9);
        assert!((last(20_000) - 0.9999).abs() < 1e-9);
    }

    #[test]
    fn tail_is_monotonic() {
        let lines = curve(&Figures { e2e: of(1_000), ..Figures::default() });
        let values: Vec<f64> = lines.series[0].values.iter().flatten().map(|ms| ms.0).collect();
        assert!(values.is_sorted() && values[0] < 3.0 && *values.last().unwrap() > 998.0, "{values:?}");
    }

    #[test]
    fn figures_without_samples_are_empty() {
        assert!(figures(&Figures::default(), &mut Charts::default()).is_empty());
    }
}
