//! Running fan-outs.

use std::{sync::Arc, time::Duration};

use minijinja::Value;
use serde_json::Value as Json;

use crate::{error::StepError, output::StepOutput, plan::FanOutPolicy, template::RENDERED_BYTES_MAX};

/// A running step that runs once for each entry of a list.
#[derive(Debug)]
pub(super) struct FanOut {
    items: Box<[Item]>,
    durations: ItemDurations,
    /// The number of entries that have been queued.
    queued: usize,
    ended: usize,
    /// The total length of the outputs.
    bytes: usize,
}

/// An entry of the list.
#[derive(Debug)]
struct Item {
    value: Value,
    /// The start of its first attempt, from the start of the run.
    started: Duration,
    output: Option<Arc<StepOutput>>,
}

/// The durations of the entries of a fan-out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ItemDurations {
    /// Their sum.
    pub(super) busy: Duration,
    pub(super) longest: Duration,
}

impl FanOut {
    pub(super) fn new(policy: &FanOutPolicy, list: &[Json]) -> Result<Self, StepError> {
        if list.len() > policy.at_most {
            return Err(StepError::TooManyItems { count: list.len(), max: policy.at_most });
        }
        let item =
            |entry| Item { value: Value::from_serialize(entry), started: Duration::ZERO, output: None };
        Ok(Self {
            items: list.iter().map(item).collect(),
            durations: ItemDurations::default(),
            queued: 0,
            ended: 0,
            bytes: 0,
        })
    }

    pub(super) fn item(&self, index: usize) -> Option<(&Value, usize)> {
        Some((&self.items.get(index)?.value, index))
    }

    /// Returns the next entry to queue, if any.
    pub(super) fn next_item(&mut self) -> Option<usize> {
        let next = (self.queued < self.items.len()).then_some(self.queued)?;
        self.queued += 1;
        Some(next)
    }

    /// Records the first attempt of an entry.
    pub(super) fn start(&mut self, index: usize, at: Duration) {
        self.item_mut(index).started = at;
    }

    /// Records the output of an entry.
    pub(super) fn end(
        &mut self,
        index: usize,
        at: Duration,
        output: Arc<StepOutput>,
    ) -> Result<(), StepError> {
        let took = at.saturating_sub(self.item_mut(index).started);
        self.durations.busy += took;
        self.durations.longest = self.durations.longest.max(took);
        self.bytes += output.text().len();
        if self.bytes > RENDERED_BYTES_MAX {
            return Err(StepError::TooLong { bytes: self.bytes });
        }
        self.item_mut(index).output = Some(output);
        self.ended += 1;
        Ok(())
    }

    #[expect(clippy::indexing_slicing, reason = "attempts carry the indices that `next_item` returned")]
    fn item_mut(&mut self, index: usize) -> &mut Item {
        &mut self.items[index]
    }

    /// The durations of the entries that have ended.
    pub(super) const fn durations(&self) -> ItemDurations {
        self.durations
    }

    /// Returns the output of the fan-out once all entries have ended.
    pub(super) fn output(&self) -> Option<Arc<StepOutput>> {
        let outputs = || self.items.iter().filter_map(|item| item.output.clone()).collect();
        (self.ended == self.items.len()).then(|| Arc::new(StepOutput::from_items(outputs())))
    }
}
