//! The target's resources and metrics on the terminal.

use super::paint::Page;
use super::table::Table;
use weir_results::units::{self, NOT_AVAILABLE};
use weir_results::{Reading, Watched, WatchedUnit};

/// Series shown; the others are in the files.
const SERIES_MAX: usize = 8;

/// One row per series; `None` if there are none.
pub(super) fn table(watched: &[Watched], page: Page) -> Option<Table> {
    if watched.is_empty() {
        return None;
    }
    let mut table = Table::new(page, &[("target", 0), ("mean", 0), ("max", 0), ("last", 0)]);
    for series in watched.iter().take(SERIES_MAX) {
        let values = || series.readings.iter().map(|reading| reading.value);
        let mean = values().sum::<f64>() / values().count() as f64;
        let last = series.readings.last().map(|Reading { value, .. }| *value);
        let shown = [Some(mean).filter(|mean| mean.is_finite()), values().reduce(f64::max), last];
        let cells =
            shown.map(|value| value.map_or(NOT_AVAILABLE.to_owned(), |value| with_unit(value, series.unit)));
        table.row(std::iter::once(series.name.clone()).chain(cells).collect());
    }
    Some(table)
}

fn with_unit(value: f64, unit: WatchedUnit) -> String {
    let figure = units::figure(value);
    match unit {
        WatchedUnit::Cores => format!("{figure} cores"),
        WatchedUnit::Mib => format!("{figure} MiB"),
        WatchedUnit::Value => figure,
        WatchedUnit::PerSecond => format!("{figure} /s"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::paint::Style;
    use super::*;

    #[test]
    fn table_has_mean_peak_and_last_value_of_each_series() {
        let series = |name: &str, unit, values: &[f64]| Watched {
            name: name.to_owned(),
            unit,
            readings: (0..)
                .zip(values)
                .map(|(at_s, &value)| Reading { at_s: f64::from(at_s), value })
                .collect(),
        };
        let watched = [
            series("cpu", WatchedUnit::Cores, &[0.5, 1.5, 1.0]),
            series("memory", WatchedUnit::Mib, &[40.0, 42.0]),
            series("llm_tokens_total", WatchedUnit::PerSecond, &[1_200.0]),
            series("missing", WatchedUnit::Value, &[]),
        ];
        let page = Page::new(Style::Plain, 100);
        let table = table(&watched, page).unwrap().lines().join("\n");
        insta::assert_snapshot!(table, @"
        target                   mean        max       last
        cpu                1.00 cores 1.50 cores 1.00 cores
        memory               41.0 MiB   42.0 MiB   42.0 MiB
        llm_tokens_total     1 200 /s   1 200 /s   1 200 /s
        missing                   n/a        n/a        n/a
        ");
        assert!(super::table(&[], page).is_none());
    }
}
