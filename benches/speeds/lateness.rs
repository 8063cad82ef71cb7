//! Lateness of tokens as reported by the server in `/metrics`.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};

use crate::client::Connection;

const REQUEST: &[u8] = b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n";
const BUFFER_BYTES: usize = 16 << 10;

/// The text of `/metrics`, read at one instant.
#[derive(Debug)]
pub(crate) struct Reading(String);

/// Observations between two readings.
#[derive(Debug)]
pub(crate) struct Lateness {
    /// Upper bound in microseconds, and number of observations up to it.
    buckets: Vec<(f64, f64)>,
    sum_us: f64,
    count: f64,
}

impl Reading {
    pub(crate) async fn take(address: SocketAddr) -> Result<Self> {
        let body = Connection::open(address, BUFFER_BYTES).await?.fetch(REQUEST).await?;
        Ok(Self(String::from_utf8(body).context("/metrics is not UTF-8")?))
    }

    /// Observations of the histogram `name` since `earlier`.
    pub(crate) fn since(&self, earlier: &Self, name: &str) -> Result<Lateness> {
        let (now, before) = (self.histogram(name)?, earlier.histogram(name)?);
        let buckets = now.buckets.iter().zip(&before.buckets);
        let lateness = Lateness {
            buckets: buckets.map(|((bound, now), (_, before))| (*bound, now - before)).collect(),
            sum_us: now.sum_us - before.sum_us,
            count: now.count - before.count,
        };
        ensure!(lateness.count > 0.0, "{name} has observed nothing");
        Ok(lateness)
    }

    fn histogram(&self, name: &str) -> Result<Lateness> {
        let lines = || self.0.lines().filter_map(|line| line.strip_prefix(name));
        let figure = |suffix: &str| -> Result<f64> {
            let found = lines().find_map(|line| line.strip_prefix(suffix)?.trim().parse().ok());
            found.with_context(|| format!("/metrics has no {name}{suffix}"))
        };
        let buckets = lines().filter_map(|line| {
            let (bound, count) = line.strip_prefix("_bucket{le=\"")?.split_once("\"}")?;
            let seconds: f64 = if bound == "+Inf" { f64::INFINITY } else { bound.parse().ok()? };
            Some((seconds * 1e6, count.trim().parse().ok()?))
        });
        Ok(Lateness { buckets: buckets.collect(), sum_us: figure("_sum")? * 1e6, count: figure("_count")? })
    }
}

impl Lateness {
    pub(crate) const fn count(&self) -> f64 {
        self.count
    }

    pub(crate) fn mean_us(&self) -> f64 {
        self.sum_us / self.count
    }

    /// The lateness that the share `q` does not exceed, evenly spread within its bucket; beyond the last
    /// bound, infinite.
    pub(crate) fn quantile_us(&self, q: f64) -> f64 {
        let rank = q * self.count;
        // The first bound is zero: early tokens count as on time.
        let (mut lower, mut below) = (0.0, 0.0);
        for &(upper, count) in &self.buckets {
            if count >= rank {
                let within = if count > below { (rank - below) / (count - below) } else { 0.0 };
                return if upper.is_finite() { lower + (upper - lower) * within } else { upper };
            }
            (lower, below) = (upper, count);
        }
        f64::INFINITY
    }
}
