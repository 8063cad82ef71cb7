//! The log, from its making to its end.

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

/// Rows that may wait for the writer: about a tenth of a second of the fastest load.
const ROWS_WAITING: usize = 8_192;

/// A log of requests that is being written.
#[derive(Debug)]
pub struct RequestLog {
    path: PathBuf,
    sink: RequestSink,
    writer: JoinHandle<io::Result<u64>>,
}

/// What stands in a log that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The file.
    pub path: PathBuf,
    /// Requests that have a row.
    pub rows: u64,
    /// Requests that have none: beyond the cap, or more at once than could be written.
    pub left_out: u64,
}

/// Why a log is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum RequestLogError {
    /// The file could not be made.
    #[error("cannot make the request log {}: {source}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It could not be written to its end.
    #[error("cannot write the request log {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl RequestLog {
    /// Makes the file, which takes the rows of at most `rows_max` requests. `started` is the run's label in time.
    ///
    /// # Errors
    /// The file cannot be made or written, or there can be no thread to write it.
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

    /// Where a run is to hand its requests over.
    #[must_use]
    pub fn sink(&self) -> RequestSink {
        self.sink.clone()
    }

    /// Writes what is left, and what the run came to.
    ///
    /// # Errors
    /// The file could not be written, now or earlier.
    pub fn finish(self, summary: &Summary) -> Result<Logged, RequestLogError> {
        let Self { path, sink, writer } = self;
        // A writer that is gone has failed, and is about to say so.
        let _ = sink.sender.send(Message::End(Totals::of(summary)));
        let written =
            writer.join().unwrap_or_else(|_| Err(io::Error::other("its writer panicked; a bug in weir")));
        match written {
            Ok(rows) => Ok(Logged { path, rows, left_out: sink.counts.left_out.load(Ordering::Relaxed) }),
            Err(source) => Err(RequestLogError::Write { path, source }),
        }
    }
}
