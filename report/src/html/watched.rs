//! Charts of the target's resources and metrics, over the same time as the load.

use super::chart::{Axis, Chart, Lines, Number, Series, Tone, Unit};
use super::view::{Charts, FigureView};
use weir_results::{Watched, WatchedUnit};

/// The maximum number of points of a line; in a longer run, each is the maximum of several readings.
const POINTS_MAX: usize = 600;

/// A chart for each series that was read at least twice.
pub(super) fn figures(watched: &[Watched], charts: &mut Charts) -> Vec<FigureView> {
    let series = watched.iter().filter(|series| series.readings.len() > 1);
    series.map(|series| charts.frame(chart(series))).collect()
}

fn chart(series: &Watched) -> Chart {
    let (title, unit) = match series.unit {
        WatchedUnit::Cores => ("cores kept busy", Unit::Count),
        WatchedUnit::Mib => ("MiB resident", Unit::Count),
        WatchedUnit::Value => ("value", Unit::Count),
        WatchedUnit::PerSecond => ("rise a second", Unit::PerSecond),
    };
    let group = series.readings.len().div_ceil(POINTS_MAX);
    let points = series.readings.chunks(group).filter_map(|readings| {
        let highest = readings.iter().map(|reading| reading.value).reduce(f64::max)?;
        Some((Number(readings.first()?.at_s), Some(Number(highest))))
    });
    let (at, values) = points.unzip();
    Chart::Lines(Lines {
        title: format!("Target: {}, {title}", series.name),
        x: Axis::linear(Unit::S),
        y: Axis::linear(unit),
        at,
        series: vec![Series { name: title, tone: Tone::Grey, fill: true, values }],
        shades: Vec::new(),
        rules: Vec::new(),
        group: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::Reading;

    fn watched(count: u32) -> Watched {
        let reading = |at: u32| Reading { at_s: f64::from(at), value: f64::from(at % 7) };
        Watched { name: "cpu".into(), unit: WatchedUnit::Cores, readings: (0..count).map(reading).collect() }
    }

    #[test]
    fn chart_of_long_run_keeps_its_peaks() {
        let Chart::Lines(lines) = chart(&watched(1_500)) else { panic!("lines") };
        assert_eq!((lines.title.as_str(), lines.at.len()), ("Target: cpu, cores kept busy", 500));
        assert_eq!(lines.series[0].values[2], Some(Number(6.0)), "seconds 6 to 8");
        assert!(figures(&[watched(1)], &mut Charts::default()).is_empty(), "a point is no line");
    }
}
