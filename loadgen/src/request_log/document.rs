//! The file: valid JSON after every write.

use std::io::{self, Seek, SeekFrom, Write};
use std::time::SystemTime;

use serde::Serialize;

use crate::redact::RedactedText;
use weir_results::Summary;

use super::row::{Row, RunMetadata};

/// Rows of this many bytes are written at once.
const PENDING_BYTES: usize = 64 << 10;

/// The fields before the rows.
#[derive(Debug, Serialize)]
pub(super) struct Head<'a> {
    pub(super) test_id: &'a str,
    pub(super) timestamp: &'a str,
}

/// The fields after the rows.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Totals {
    total_requests: u64,
    concurrent_users: u64,
    duration_seconds: f64,
    summary: Statistics,
}

/// Statistics of the whole run, including the rows that were left out.
#[derive(Clone, Debug, Default, Serialize)]
struct Statistics {
    /// Whether the run has ended.
    complete: bool,
    rows_left_out: u64,
    requests_per_second: Option<f64>,
    error_rate_percent: Option<f64>,
    avg_response_time_ms: Option<f64>,
    p50_response_time_ms: Option<f64>,
    p95_response_time_ms: Option<f64>,
    p99_response_time_ms: Option<f64>,
}

#[derive(Serialize)]
struct Metric<'a> {
    endpoint: &'a str,
    method: &'a str,
    status_code: Option<u16>,
    response_time_ms: f64,
    timestamp: String,
    error: Option<&'a str>,
}

/// New rows overwrite the totals, which are then written again after them, so the file of a killed run is readable, too.
#[derive(Debug)]
pub(super) struct Document<W> {
    file: W,
    /// The offset of the next row.
    rows_end: u64,
    /// The offset of the end of the file, without the last line feed.
    end: u64,
    pending: Vec<u8>,
    rows: u64,
}

impl<W: Write + Seek> Document<W> {
    pub(super) fn begin(mut file: W, head: &Head<'_>) -> io::Result<Self> {
        let mut text = serde_json::to_vec(head)?;
        // The object continues.
        text.pop();
        text.extend(b",\"metrics\":[");
        file.write_all(&text)?;
        let end = text.len() as u64;
        Ok(Self { file, rows_end: end, end, pending: Vec::new(), rows: 0 })
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn has_full_buffer(&self) -> bool {
        self.pending.len() >= PENDING_BYTES
    }

    pub(super) fn push(&mut self, metadata: &RunMetadata, row: &Row) -> io::Result<()> {
        let Some(endpoint) = metadata.endpoints.get(row.task) else { return Ok(()) };
        let since = row.began.saturating_duration_since(metadata.epoch);
        let began = metadata.epoch_wall.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH);
        self.pending.extend(if self.rows == 0 { &b"\n"[..] } else { b",\n" });
        let metric = Metric {
            endpoint: &endpoint.name,
            method: &endpoint.method,
            status_code: row.status.map(|status| status.as_u16()),
            response_time_ms: ms(row.took.as_secs_f64()),
            timestamp: humantime::format_rfc3339_millis(began).to_string(),
            error: row.error.as_ref().map(RedactedText::as_str),
        };
        serde_json::to_writer(&mut self.pending, &metric)?;
        self.rows += 1;
        Ok(())
    }

    /// Writes the pending rows and the totals after them. Spaces overwrite the rest of longer, older totals.
    pub(super) fn flush(&mut self, totals: &Totals) -> io::Result<()> {
        let rows_bytes = self.pending.len() as u64;
        self.pending.extend(b"\n],");
        let totals = serde_json::to_vec(totals)?;
        // The object continues here, too.
        self.pending.extend(totals.iter().skip(1));
        let end = self.rows_end + self.pending.len() as u64;
        self.pending.extend((end..self.end).map(|_| b' '));
        self.pending.push(b'\n');
        self.file.seek(SeekFrom::Start(self.rows_end))?;
        self.file.write_all(&self.pending)?;
        self.end = self.end.max(end);
        self.rows_end += rows_bytes;
        self.pending.clear();
        Ok(())
    }

    pub(super) fn into_file(self) -> W {
        self.file
    }
}

impl Totals {
    /// Returns the totals while the run continues.
    pub(super) fn so_far(rows: u64, users: u64, duration_s: f64) -> Self {
        Self {
            total_requests: rows,
            concurrent_users: users,
            duration_seconds: duration_s,
            summary: Statistics::default(),
        }
    }

    pub(super) fn of(summary: &Summary) -> Self {
        let all = &summary.all;
        let at = |q| all.e2e.quantile(q).map(|value| ms(value.as_secs_f64()));
        let users_max = summary.timeline.iter().map(|second| second.users).max();
        Self {
            total_requests: all.ended(),
            concurrent_users: summary.load.users.or(users_max).unwrap_or(0),
            duration_seconds: summary.window.measured_s,
            summary: Statistics {
                complete: true,
                rows_left_out: 0,
                requests_per_second: Some(all.rps),
                error_rate_percent: all.share(all.failed).map(|share| thousandths(share * 100.0)),
                avg_response_time_ms: all.e2e.mean().map(|mean| ms(mean.as_secs_f64())),
                p50_response_time_ms: at(0.5),
                p95_response_time_ms: at(0.95),
                p99_response_time_ms: at(0.99),
            },
        }
    }

    pub(super) fn with_left_out(mut self, rows: u64) -> Self {
        self.summary.rows_left_out = rows;
        // The totals of a complete run count all requests.
        if !self.summary.complete {
            self.total_requests += rows;
        }
        self
    }
}

/// Returns milliseconds, rounded to microseconds.
fn ms(seconds: f64) -> f64 {
    thousandths(seconds * 1e3)
}

fn thousandths(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
