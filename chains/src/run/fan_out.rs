//! A step that is done once for each entry of a list, on its way.

use std::{sync::Arc, time::Duration};

use minijinja::Value;
use serde_json::Value as Json;

use super::StepError;
use crate::{
    output::StepOutput,
    plan::{Fan, RENDERED_BYTES_MAX},
};

/// A step that is done once for each entry of a list, on its way.
#[derive(Debug)]
pub(super) struct FanOut {
    items: Vec<Value>,
    /// When each entry started, counted from the start of the run.
    started: Vec<Duration>,
    outputs: Vec<Option<Arc<StepOutput>>>,
    spans: Spans,
    /// Entries that have had their turn or are in line for it.
    begun: usize,
    ended: usize,
    bytes: usize,
}

/// How long the parts of a step took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spans {
    /// All together.
    pub(super) busy: Duration,
    pub(super) longest: Duration,
}

impl FanOut {
    pub(super) fn new(fan: &Fan, list: &[Json]) -> Result<Self, StepError> {
        if list.len() > fan.at_most {
            return Err(StepError::TooManyItems { count: list.len(), max: fan.at_most });
        }
        Ok(Self {
            items: list.iter().map(Value::from_serialize).collect(),
            started: vec![Duration::ZERO; list.len()],
            spans: Spans::default(),
            outputs: vec![None; list.len()],
            begun: 0,
            ended: 0,
            bytes: 0,
        })
    }

    pub(super) fn item(&self, index: usize) -> Option<(&Value, usize)> {
        Some((self.items.get(index)?, index))
    }

    /// The next entry to get in line, if one is left.
    pub(super) fn begin(&mut self) -> Option<usize> {
        let next = (self.begun < self.items.len()).then_some(self.begun)?;
        self.begun += 1;
        Some(next)
    }

    /// An entry is attempted for the first time.
    pub(super) fn start(&mut self, index: usize, at: Duration) {
        if let Some(started) = self.started.get_mut(index) {
            *started = at;
        }
    }

    /// An entry has ended.
    pub(super) fn end(
        &mut self,
        index: usize,
        at: Duration,
        output: Arc<StepOutput>,
    ) -> Result<(), StepError> {
        let took = at.saturating_sub(self.started.get(index).copied().unwrap_or_default());
        self.spans.busy += took;
        self.spans.longest = self.spans.longest.max(took);
        self.bytes += output.text().len();
        if self.bytes > RENDERED_BYTES_MAX {
            return Err(StepError::TooLong { bytes: self.bytes });
        }
        if let Some(place) = self.outputs.get_mut(index) {
            *place = Some(output);
            self.ended += 1;
        }
        Ok(())
    }

    /// How long the entries that have ended took.
    pub(super) const fn spans(&self) -> Spans {
        self.spans
    }

    /// What all entries together give, once each has ended.
    pub(super) fn output(&self) -> Option<Arc<StepOutput>> {
        let is_over = self.ended == self.items.len();
        is_over.then(|| Arc::new(StepOutput::joined(self.outputs.iter().flatten().cloned().collect())))
    }
}
