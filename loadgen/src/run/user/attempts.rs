//! The attempts of a request whose task has a retry policy.

use weir_pace::{Rng, instant_after};

use crate::record::{Sample, Sending, StreamGaps};
use crate::run::context::{WaitOutcome, WorkerContext};
use crate::run::exchange::{Call, Connection, exchange};
use crate::task::{Captured, Reply, RetryPolicy};

/// Attempts a request until it succeeds, its policy allows no other attempt, or the load ends.
pub(super) struct Attempts<'a> {
    pub(super) policy: &'a RetryPolicy,
    /// The number of the task.
    pub(super) task: usize,
    pub(super) rng: &'a mut Rng,
}

impl Attempts<'_> {
    /// Returns the sample of the whole request: it begins with the first attempt and has the answer of the last one. `None`
    /// if the load ended before the last attempt: no request starts later.
    pub(super) async fn exchange<T>(
        self,
        worker: &WorkerContext<T>,
        connection: &mut impl Connection,
        mut call: Call<'_>,
        gaps: &mut StreamGaps,
    ) -> Option<(Sample, Vec<Captured>)> {
        let mut whole: Option<Sample> = None;
        for attempt in 1.. {
            let Call { task, request, intended, .. } = call;
            let again = Call { task, request, intended, reply: call.reply.as_deref_mut() };
            let (sample, captured) =
                exchange(connection, again, &worker.clock, &worker.body_budget, gaps).await;
            let next = self.policy.next(attempt, &sample, self.rng);
            let sample = continued(whole.take(), sample);
            let Some((problem, wait)) = next else { return Some((sample, captured)) };
            let redaction = worker.plan.redaction(task, Some(request));
            {
                let mut recorder = worker.recorder.borrow_mut();
                recorder.record_failed_attempt(self.task, intended, &problem, sample.ended, redaction);
            }
            whole = Some(sample);
            gaps.clear();
            if let Some(reply) = call.reply.as_deref_mut() {
                *reply = Reply::default();
            }
            let due = instant_after(worker.clock.now(), wait);
            if worker.wait(due).await == WaitOutcome::Closed || worker.is_closed() {
                return None;
            }
            worker.record_lateness(due);
        }
        None
    }
}

/// Returns the sample of the attempts so far, of which `sample` is the last.
fn continued(before: Option<Sample>, sample: Sample) -> Sample {
    let Some(before) = before else { return sample };
    let sending = Sending {
        last_sent: sample.sending.last_sent.or(before.sending.last_sent),
        resends: before.sending.resends + sample.sending.resends,
        retries: before.sending.retries + 1,
    };
    let sent = before.sent.or(sample.sent);
    Sample { sent, bytes_sent: before.bytes_sent + sample.bytes_sent, sending, ..sample }
}
