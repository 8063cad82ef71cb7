//! The thread that writes the rows.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use super::document::{Document, Totals};
use super::row::{Row, RunMetadata};
use super::sink::{Counts, Message};

/// Writes rows until the run ends, and returns their number.
pub(super) fn write_to_disk(
    document: Document<File>,
    inbox: &Receiver<Message>,
    rows_max: u64,
    counts: &Counts,
) -> io::Result<u64> {
    let mut writer = Writer::new(document, rows_max, counts);
    writer.run(inbox)?;
    let rows = writer.document.rows();
    // Some file systems report a full disk only now.
    writer.document.into_file().sync_all().or_else(ignore_unsupported)?;
    Ok(rows)
}

/// Pipes and devices cannot be synchronised.
fn ignore_unsupported(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::InvalidInput { Ok(()) } else { Err(error) }
}

pub(super) struct Writer<'a, W> {
    pub(super) document: Document<W>,
    rows_max: u64,
    counts: &'a Counts,
    metadata: Option<RunMetadata>,
    /// The latest end of a request, since the start of the run.
    latest: Duration,
}

impl<'a, W: Write + Seek> Writer<'a, W> {
    pub(super) fn new(document: Document<W>, rows_max: u64, counts: &'a Counts) -> Self {
        Self { document, rows_max, counts, metadata: None, latest: Duration::ZERO }
    }

    pub(super) fn run(&mut self, inbox: &Receiver<Message>) -> io::Result<()> {
        loop {
            let message = match inbox.try_recv() {
                Ok(message) => message,
                Err(TryRecvError::Disconnected) => return self.flush(),
                Err(TryRecvError::Empty) => {
                    self.flush()?;
                    let Ok(message) = inbox.recv() else { return Ok(()) };
                    message
                }
            };
            match message {
                Message::Begin(metadata) => self.metadata = Some(metadata),
                Message::Row(row) => self.push(&row)?,
                Message::End(totals) => return self.document.flush(&self.with_left_out(totals)),
            }
            if self.document.has_full_buffer() {
                self.flush()?;
            }
        }
    }

    fn push(&mut self, row: &Row) -> io::Result<()> {
        let Some(metadata) = &self.metadata else { return Ok(()) };
        if self.document.rows() == self.rows_max {
            self.counts.left_out.fetch_add(1, Ordering::Relaxed);
            self.counts.is_full.store(true, Ordering::Relaxed);
            return Ok(());
        }
        self.latest = self.latest.max(row.began.saturating_duration_since(metadata.epoch) + row.took);
        self.document.push(metadata, row)
    }

    fn flush(&mut self) -> io::Result<()> {
        let users = self.metadata.as_ref().map_or(0, |metadata| metadata.users);
        let so_far = Totals::so_far(self.document.rows(), users, self.latest.as_secs_f64());
        let totals = self.with_left_out(so_far);
        self.document.flush(&totals)
    }

    fn with_left_out(&self, totals: Totals) -> Totals {
        totals.with_left_out(self.counts.left_out.load(Ordering::Relaxed))
    }
}
