//! Predicts the duration of a run.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use super::{
    options::ExecutionMode,
    queue::{QueueEntry, ReadyQueue, StepEnd},
};
use crate::plan::{Plan, Step};

/// Returns the duration of a run of `plan` in which each step takes `duration`. Steps start in the order in which the
/// executor starts them; none is skipped, fans out or fails.
///
/// ```
/// # let source = "
/// #     [chain.three.step.a]
/// #     tool = { takes = '2s' }
/// #     [chain.three.step.b]
/// #     tool = { takes = '2s' }
/// #     [chain.three.step.c]
/// #     tool = { takes = '3s' }
/// # ";
/// # let catalog = weir_chains::Catalog::parse(source, "three.toml")?;
/// # let plan = catalog.get("three").unwrap();
/// use weir_chains::{ExecutionMode, forecast};
///
/// let two = ExecutionMode::Parallel { at_once: 2.try_into().ok() };
/// let wall = forecast(plan, two, |step| step.expected().unwrap());
/// assert_eq!(wall.as_secs(), 5);
/// # Ok::<(), weir_chains::SpecError>(())
/// ```
pub fn forecast(plan: &Plan, mode: ExecutionMode, duration: impl Fn(&Step) -> Duration) -> Duration {
    let mut queue = ReadyQueue::new(plan, mode);
    // The ends of the running steps; of those that end at the same time, the one that started first comes first.
    let mut ends: BinaryHeap<Reverse<(Duration, usize, usize)>> = BinaryHeap::new();
    let (mut now, mut started) = (Duration::ZERO, 0);
    loop {
        while let Some(QueueEntry::Step(index)) = queue.pop() {
            let step = plan.step(index);
            // No step fails, so no fallback runs.
            let took = if step.is_fallback() { Duration::ZERO } else { duration(step) };
            if took.is_zero() {
                queue.release_slot();
                queue.step_ended(plan, step, StepEnd::Completed);
            } else {
                ends.push(Reverse((now.saturating_add(took), started, step.index())));
                started += 1;
            }
        }
        let Some(Reverse((end, _, index))) = ends.pop() else { return now };
        now = end;
        queue.release_slot();
        queue.step_ended(plan, plan.step(index), StepEnd::Completed);
    }
}
