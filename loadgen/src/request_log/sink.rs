//! Where the workers hand their rows over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Instant, SystemTime};

use crate::record::Sample;

use super::document::Totals;
use super::row::Row;

/// What the writer is told.
#[derive(Debug)]
pub(super) enum Message {
    Begin(Cast),
    Row(Row),
    End(Totals),
}

/// What rows refer to.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    /// By the task's number.
    pub(crate) endpoints: Vec<Endpoint>,
    /// The run's beginning, on both clocks.
    pub(crate) epoch: Instant,
    pub(crate) epoch_wall: SystemTime,
    pub(crate) users: u64,
}

/// What a task asks for.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) method: String,
}

/// What both sides of the channel count.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) left_out: AtomicU64,
    /// No more rows are taken.
    pub(super) is_full: AtomicBool,
}

/// One end of the log, for the threads of a run.
#[derive(Clone, Debug)]
pub struct RequestSink {
    pub(super) sender: SyncSender<Message>,
    pub(super) counts: Arc<Counts>,
}

impl RequestSink {
    /// Says what the rows to come refer to.
    pub(crate) fn begin(&self, cast: Cast) {
        // A writer that is gone has failed, and says so in the end.
        let _ = self.sender.send(Message::Begin(cast));
    }

    /// Hands a request over; it never waits.
    pub(crate) fn push(&self, task: usize, sample: &Sample) {
        let is_taken = !self.counts.is_full.load(Ordering::Relaxed)
            && self.sender.try_send(Message::Row(Row::of(task, sample))).is_ok();
        if !is_taken {
            self.counts.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}
