//! The sender of rows to the writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;

use crate::record::Sample;
use crate::redact::Redaction;

use super::document::Totals;
use super::row::{Row, RunMetadata};

/// A message to the writer.
#[derive(Debug)]
pub(super) enum Message {
    Begin(RunMetadata),
    Row(Row),
    End(Totals),
}

/// Counters of both ends of the channel.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) left_out: AtomicU64,
    /// Whether the log takes no more rows.
    pub(super) is_full: AtomicBool,
}

/// The sender of rows, for the threads of a run.
#[derive(Clone, Debug)]
pub struct RequestSink {
    pub(super) sender: SyncSender<Message>,
    pub(super) counts: Arc<Counts>,
}

impl RequestSink {
    /// Sets what the following rows refer to.
    pub(crate) fn begin(&self, metadata: RunMetadata) {
        // A writer that has failed reports its error at the end.
        let _ = self.sender.send(Message::Begin(metadata));
    }

    /// Sends a request without waiting; it is left out if the channel is full. `redaction` is that of its failure.
    pub(crate) fn push(&self, task: usize, sample: &Sample, redaction: Redaction<'_>) {
        let is_taken = !self.counts.is_full.load(Ordering::Relaxed)
            && self.sender.try_send(Message::Row(Row::of(task, sample, redaction))).is_ok();
        if !is_taken {
            self.counts.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}
