//! One look at everything that is watched.

use std::time::Instant;

use weir_wire::{Connection, Request, Timer};

use weir_results::{Reading, Watched, WatchedUnit};

use super::process::{self, Usage};
use super::{SeriesName, Watch, exposition};

/// A longer exposition is a failure.
const EXPOSITION_BYTES_MAX: usize = 16 << 20;

/// Readings beyond a day are not kept: the run goes on, what is watched does not.
const READINGS_MAX: usize = 24 * 3600;

/// What is watched, with what was seen the last time.
pub(super) struct Probe {
    epoch: Instant,
    pid: Option<u32>,
    last_usage: Option<(Instant, Usage)>,
    series: Vec<Followed>,
}

struct Followed {
    name: SeriesName,
    last: Option<(Instant, f64)>,
}

impl Probe {
    pub(super) fn new(watch: &Watch, epoch: Instant) -> Self {
        let series = watch.series.iter().map(|name| Followed { name: name.clone(), last: None });
        Self { epoch, pid: watch.pid, last_usage: None, series: series.collect() }
    }

    /// The series that readings are put into: those of the process first.
    pub(super) fn empty(&self) -> Vec<Watched> {
        let of = |name: &str, unit| Watched { name: name.to_owned(), unit, readings: Vec::new() };
        let process = self.pid.map(|_| [of("cpu", WatchedUnit::Cores), of("memory", WatchedUnit::Mib)]);
        let series = self.series.iter().map(|series| {
            let unit = if series.name.is_counter() { WatchedUnit::PerSecond } else { WatchedUnit::Value };
            of(&series.name.to_string(), unit)
        });
        process.into_iter().flatten().chain(series).collect()
    }

    /// One value for each of the series, where there is one now.
    pub(super) async fn look<T: Timer>(
        &mut self,
        metrics: &mut Connection<T>,
        request: &Request,
    ) -> Vec<Option<Reading>> {
        let mut values = self.look_at_process();
        if self.series.is_empty() {
            return values;
        }
        let text = fetch(metrics, request).await;
        let now = Instant::now();
        let at_s = now.saturating_duration_since(self.epoch).as_secs_f64();
        for series in &mut self.series {
            let value = text.as_deref().and_then(|text| exposition::sum(text, &series.name));
            values.push(value.and_then(|value| series.read(now, value)).map(|value| Reading { at_s, value }));
        }
        values
    }

    fn look_at_process(&mut self) -> Vec<Option<Reading>> {
        let Some(pid) = self.pid else { return Vec::new() };
        let Ok(usage) = process::usage(pid) else { return vec![None, None] };
        let now = Instant::now();
        let at_s = now.saturating_duration_since(self.epoch).as_secs_f64();
        let cores = self.last_usage.replace((now, usage)).map(|(then, before)| {
            let used = usage.cpu.saturating_sub(before.cpu).as_secs_f64();
            used / (now - then).as_secs_f64().max(f64::MIN_POSITIVE)
        });
        let mib = usage.resident_bytes as f64 / f64::from(1 << 20);
        [cores, Some(mib)].map(|value| value.map(|value| Reading { at_s, value })).into()
    }
}

impl Followed {
    /// The reading that a value is: a counter's is its rise, and none when it began anew.
    fn read(&mut self, now: Instant, value: f64) -> Option<f64> {
        if !self.name.is_counter() {
            return value.is_finite().then_some(value);
        }
        let (then, before) = self.last.replace((now, value))?;
        let rise = value - before;
        (rise >= 0.0).then(|| rise / (now - then).as_secs_f64().max(f64::MIN_POSITIVE))
    }
}

/// Puts a look's readings into their series.
pub(super) fn keep(watched: &mut [Watched], look: Vec<Option<Reading>>) {
    for (series, reading) in watched.iter_mut().zip(look) {
        if series.readings.len() < READINGS_MAX {
            series.readings.extend(reading);
        }
    }
}

/// The exposition, if the target answers with one.
pub(super) async fn fetch<T: Timer>(metrics: &mut Connection<T>, request: &Request) -> Option<String> {
    let mut response = metrics.send(request).await.ok()?;
    let is_answer = response.status().is_success();
    let body = response.collect(EXPOSITION_BYTES_MAX).await.ok()?;
    is_answer.then(|| String::from_utf8_lossy(&body).into_owned())
}
