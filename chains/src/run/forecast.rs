//! How long a run would take, without running it.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use super::{
    Mode,
    schedule::{Ending, Schedule, Turn},
};
use crate::plan::{Plan, Step};

/// How long a run of `plan` would take if each step took what `duration` says: its steps start in the order in which
/// the executor starts them, none is skipped, done for a list, or fails.
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
/// use weir_chains::{Mode, forecast};
///
/// let two = Mode::Parallel { at_once: 2.try_into().ok() };
/// let wall = forecast(plan, two, |step| step.expected().unwrap());
/// assert_eq!(wall.as_secs(), 5);
/// # Ok::<(), weir_chains::SpecError>(())
/// ```
pub fn forecast(plan: &Plan, mode: Mode, duration: impl Fn(&Step) -> Duration) -> Duration {
    let mut schedule = Schedule::new(plan, mode);
    // Ends of the steps at work; of those that end together the one that started first comes first.
    let mut ends: BinaryHeap<Reverse<(Duration, usize, usize)>> = BinaryHeap::new();
    let (mut now, mut started) = (Duration::ZERO, 0);
    loop {
        while let Some(Turn::Step(index)) = schedule.next() {
            let Some(step) = plan.steps().get(index) else { continue };
            // Nothing fails here, so that nobody has to stand in.
            let took = if step.is_fallback() { Duration::ZERO } else { duration(step) };
            if took.is_zero() {
                schedule.leave();
                schedule.ended(plan, step, Ending::Completed);
            } else {
                ends.push(Reverse((now.saturating_add(took), started, step.index())));
                started += 1;
            }
        }
        let Some(Reverse((end, _, index))) = ends.pop() else { return now };
        now = end;
        if let Some(step) = plan.steps().get(index) {
            schedule.leave();
            schedule.ended(plan, step, Ending::Completed);
        }
    }
}
