//! A request log: create, send, finish.

use std::fs::File;
use std::io;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};

use weir_results::Summary;

use super::document::{Document, Head, Totals};
use super::sink::{Counts, Message, RequestSink};
use super::writer::write_to_disk;

/// The capacity of the channel to the writer, in rows: about 0.1 s of the fastest load.
const ROWS_WAITING: usize = 8_192;

/// A log of requests that is being written.
#[derive(Debug)]
pub struct RequestLog {
    path: PathBuf,
    sink: RequestSink,
    writer: JoinHandle<io::Result<u64>>,
}

/// The contents of a complete log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The file.
    pub path: PathBuf,
    /// The number of requests with a row.
    pub rows: u64,
    /// The number of requests without one: beyond the limit, or faster than the writer.
    pub left_out: u64,
}

/// Why a log is incomplete or missing.
#[derive(Debug, thiserror::Error)]
pub enum RequestLogError {
    /// The file cannot be created.
    #[error("cannot create the request log {}: {source}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file cannot be written completely.
    #[error("cannot write the request log {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

impl RequestLog {
    /// Creates the file for at most `rows_max` rows. `started` is the start of the run as text.
    ///
    /// # Errors
    /// Fails if the file cannot be created or written, or the thread cannot be started.
    pub fn create(
        path: &Path,
        rows_max: NonZeroU64,
        test_id: &str,
        started: &str,
    ) -> Result<Self, RequestLogError> {
        let failed = |source| RequestLogError::Create { path: path.to_owned(), source };
        let file = File::create(path).map_err(failed)?;
        let document = Document::begin(file, &Head { test_id, timestamp: started }).map_err(failed)?;
        let (sender, inbox) = sync_channel(ROWS_WAITING);
        let counts = Arc::new(Counts::default());
        let sink = RequestSink { sender, counts: Arc::clone(&counts) };
        let writer = thread::Builder::new()
            .name("weir-request-log".to_owned())
            .spawn(move || write_to_disk(document, &inbox, rows_max.get(), &counts))
            .map_err(failed)?;
        Ok(Self { path: path.to_owned(), sink, writer })
    }

    /// Returns the sender of rows for a run.
    #[must_use]
    pub fn sink(&self) -> RequestSink {
        self.sink.clone()
    }

    /// Writes the remaining rows and the totals of the run.
    ///
    /// # Errors
    /// Fails if the file cannot be written, now or earlier.
    pub fn finish(self, summary: &Summary) -> Result<Logged, RequestLogError> {
        let Self { path, sink, writer } = self;
        // A writer that has ended returns its error from `join`.
        let _ = sink.sender.send(Message::End(Totals::of(summary)));
        let written = writer
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the writer panicked; this is a bug in weir")));
        match written {
            Ok(rows) => Ok(Logged { path, rows, left_out: sink.counts.left_out.load(Ordering::Relaxed) }),
            Err(source) => Err(RequestLogError::Write { path, source }),
        }
    }
}
