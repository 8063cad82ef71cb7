//! One reading of everything that is observed.

use std::time::Instant;

use weir_pace::Clock;
use weir_wire::{Connection, Request, Timer};

use weir_results::{Reading, Watched, WatchedUnit};

use super::process::{self, Usage};
use super::{SeriesName, Watch, exposition};

/// A longer body of `/metrics` is ignored.
const EXPOSITION_BYTES_MAX: usize = 16 << 20;

/// The largest number of readings of a series: one day.
const READINGS_MAX: usize = 24 * 3600;

/// Everything that is observed, with the values of the last reading.
pub(super) struct Probe {
    clock: Clock,
    epoch: Instant,
    pid: Option<u32>,
    last_usage: Option<(Instant, Usage)>,
    series: Vec<ObservedSeries>,
}

struct ObservedSeries {
    name: SeriesName,
    last: Option<(Instant, f64)>,
}

impl Probe {
    pub(super) fn new(watch: &Watch, clock: Clock, epoch: Instant) -> Self {
        let series = watch.series.iter().map(|name| ObservedSeries { name: name.clone(), last: None });
        Self { clock, epoch, pid: watch.pid, last_usage: None, series: series.collect() }
    }

    /// Returns the observed series without readings; those of the process come first.
    pub(super) fn empty_series(&self) -> Vec<Watched> {
        let of = |name: &str, unit| Watched { name: name.to_owned(), unit, readings: Vec::new() };
        let process = self.pid.map(|_| [of("cpu", WatchedUnit::Cores), of("memory", WatchedUnit::Mib)]);
        let series = self.series.iter().map(|series| {
            let unit = if series.name.is_counter() { WatchedUnit::PerSecond } else { WatchedUnit::Value };
            of(&series.name.to_string(), unit)
        });
        process.into_iter().flatten().chain(series).collect()
    }

    /// Reads all series once; `None` for a series without a value.
    pub(super) async fn read<T: Timer>(
        &mut self,
        metrics: &mut Connection<T>,
        request: &Request,
    ) -> Vec<Option<Reading>> {
        let mut values = self.read_process();
        if self.series.is_empty() {
            return values;
        }
        let text = fetch(metrics, request).await;
        let now = self.clock.now();
        let at_s = now.saturating_duration_since(self.epoch).as_secs_f64();
        for series in &mut self.series {
            let value = text.as_deref().and_then(|text| exposition::sum(text, &series.name));
            values.push(value.and_then(|value| series.read(now, value)).map(|value| Reading { at_s, value }));
        }
        values
    }

    fn read_process(&mut self) -> Vec<Option<Reading>> {
        let Some(pid) = self.pid else { return Vec::new() };
        let Ok(usage) = process::usage(pid) else { return vec![None, None] };
        let now = self.clock.now();
        let at_s = now.saturating_duration_since(self.epoch).as_secs_f64();
        let cores = self.last_usage.replace((now, usage)).map(|(then, before)| {
            let used = usage.cpu.saturating_sub(before.cpu).as_secs_f64();
            used / (now - then).as_secs_f64().max(f64::MIN_POSITIVE)
        });
        let mib = usage.resident_bytes as f64 / f64::from(1 << 20);
        [cores, Some(mib)].map(|value| value.map(|value| Reading { at_s, value })).into()
    }
}

impl ObservedSeries {
    /// Returns the reading for a value: of a counter its increase per second, or `None` after a reset.
    fn read(&mut self, now: Instant, value: f64) -> Option<f64> {
        if !self.name.is_counter() {
            return value.is_finite().then_some(value);
        }
        let (then, before) = self.last.replace((now, value))?;
        let increase = value - before;
        (increase >= 0.0).then(|| increase / (now - then).as_secs_f64().max(f64::MIN_POSITIVE))
    }
}

/// Appends one reading to each series.
pub(super) fn append(watched: &mut [Watched], readings: Vec<Option<Reading>>) {
    for (series, reading) in watched.iter_mut().zip(readings) {
        if series.readings.len() < READINGS_MAX {
            series.readings.extend(reading);
        }
    }
}

/// Returns the body of `/metrics`, if the target has one.
pub(super) async fn fetch<T: Timer>(metrics: &mut Connection<T>, request: &Request) -> Option<String> {
    let mut response = metrics.send(request).await.ok()?;
    let is_success = response.status().is_success();
    let body = response.collect(EXPOSITION_BYTES_MAX).await.ok()?;
    is_success.then(|| String::from_utf8_lossy(&body).into_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Reads values of a series, two seconds apart.
    fn readings(name: &str, values: [f64; 4]) -> [Option<f64>; 4] {
        let start = Instant::now();
        let mut series = ObservedSeries { name: name.parse().unwrap(), last: None };
        let mut at = start;
        values.map(|value| {
            at += Duration::from_secs(2);
            series.read(at, value)
        })
    }

    #[test]
    fn read_counter_is_increase_per_second_without_resets() {
        assert_eq!(readings("requests_total", [10.0, 14.0, 1.0, 2.0]), [None, Some(2.0), None, Some(0.5)]);
    }

    #[test]
    fn read_gauge_is_its_finite_value() {
        let values = [10.0, f64::NAN, f64::INFINITY, 2.0];
        assert_eq!(readings("queue_depth", values), [Some(10.0), None, None, Some(2.0)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn read_process_has_time_of_its_clock() {
        weir_pace::simulate(|clock| async move {
            let watch = Watch { pid: Some(std::process::id()), series: Vec::new() };
            let mut probe = Probe::new(&watch, clock.clone(), clock.now());
            clock.sleep(Duration::from_secs(3)).await;
            let [cpu, memory] = probe.read_process().try_into().unwrap();
            assert_eq!((cpu, memory.map(|memory: Reading| memory.at_s)), (None, Some(3.0)));
        });
    }
}
