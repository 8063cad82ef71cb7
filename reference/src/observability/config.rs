//! Settings of the workflow-observability reference system.

use std::{num::NonZeroUsize, time::Duration};

use serde::Deserialize;
use weir_pace::Latency;
use weir_server::{
    BackendSettings, ConfigError, Span, Variable, positive, required,
    value::{AT_LEAST_ONE, parsed, put, span, switch},
};

/// The settings of the workflow-observability reference system: durations of runs, and overhead of observability.
#[derive(Clone, Debug)]
pub struct ObservabilityConfig {
    /// The model of workflows.
    pub model: String,
    /// The base duration of a run.
    pub run_time: Latency,
    /// The default switches.
    pub switches: Switches,
    /// The overhead of each switch.
    pub costs: WatchCosts,
    /// The duration of sending a batch of traces, or a single trace.
    pub export_time: Latency,
    /// Maximum traces in the export queue; more are dropped.
    pub queue_capacity: NonZeroUsize,
    /// The maximum time that a trace waits for its batch to fill.
    pub flush_interval: Duration,
}

/// The state of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Enabled.
    On,
    /// Disabled.
    Off,
}

/// The observability features of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Creates a trace for Langfuse.
    pub langfuse_export: Switch,
    /// Exports traces in batches from a queue, instead of before the response.
    pub async_trace_export: Switch,
    /// Computes and sums up the cost of each run.
    pub model_costs: Switch,
    /// Logs the similarity of question and answer.
    pub similarity_logging: Switch,
}

/// The overhead of each switch.
#[derive(Clone, Debug)]
pub struct WatchCosts {
    /// Creating a trace for Langfuse.
    pub langfuse_export: Latency,
    /// Putting a trace into the queue.
    pub async_trace_export: Latency,
    /// Computing the cost.
    pub model_costs: Latency,
    /// Computing and logging the similarity.
    pub similarity_logging: Latency,
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

impl Switches {
    /// Returns all switches in one state.
    pub const fn all(state: Switch) -> Self {
        Self {
            langfuse_export: state,
            async_trace_export: state,
            model_costs: state,
            similarity_logging: state,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawObservability {
    model: Option<String>,
    run_time: Option<Latency>,
    langfuse_export: Option<bool>,
    async_trace_export: Option<bool>,
    model_costs: Option<bool>,
    similarity_logging: Option<bool>,
    export_time: Option<Latency>,
    queue_capacity: Option<NonZeroUsize>,
    flush_interval: Option<Span>,
    cost: RawWatchCosts,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawWatchCosts {
    langfuse_export: Option<Latency>,
    async_trace_export: Option<Latency>,
    model_costs: Option<Latency>,
    similarity_logging: Option<Latency>,
}

impl BackendSettings for RawObservability {
    type Checked = ObservabilityConfig;

    const VARIABLES: &'static [Variable<Self>] = &[
        ("ENABLE_LANGFUSE_EXPORT", |raw, text| put(&mut raw.langfuse_export, switch(text))),
        ("ENABLE_ASYNC_TRACE_EXPORT", |raw, text| put(&mut raw.async_trace_export, switch(text))),
        ("TRACK_MODEL_COSTS", |raw, text| put(&mut raw.model_costs, switch(text))),
        ("ENABLE_SIMILARITY_LOGGING", |raw, text| put(&mut raw.similarity_logging, switch(text))),
        ("WEIR_OBSERVABILITY_MODEL", |raw, text| put(&mut raw.model, Ok(text.to_owned()))),
        ("WEIR_OBSERVABILITY_LANGFUSE_EXPORT", |raw, text| put(&mut raw.langfuse_export, switch(text))),
        ("WEIR_OBSERVABILITY_ASYNC_TRACE_EXPORT", |raw, text| put(&mut raw.async_trace_export, switch(text))),
        ("WEIR_OBSERVABILITY_MODEL_COSTS", |raw, text| put(&mut raw.model_costs, switch(text))),
        ("WEIR_OBSERVABILITY_SIMILARITY_LOGGING", |raw, text| put(&mut raw.similarity_logging, switch(text))),
        ("WEIR_OBSERVABILITY_QUEUE_CAPACITY", |raw, text| {
            put(&mut raw.queue_capacity, parsed(text, AT_LEAST_ONE))
        }),
        ("WEIR_OBSERVABILITY_FLUSH_INTERVAL", |raw, text| put(&mut raw.flush_interval, span(text))),
    ];

    fn over(self, below: Self) -> Self {
        Self {
            model: self.model.or(below.model),
            run_time: self.run_time.or(below.run_time),
            langfuse_export: self.langfuse_export.or(below.langfuse_export),
            async_trace_export: self.async_trace_export.or(below.async_trace_export),
            model_costs: self.model_costs.or(below.model_costs),
            similarity_logging: self.similarity_logging.or(below.similarity_logging),
            export_time: self.export_time.or(below.export_time),
            queue_capacity: self.queue_capacity.or(below.queue_capacity),
            flush_interval: self.flush_interval.or(below.flush_interval),
            cost: RawWatchCosts {
                langfuse_export: self.cost.langfuse_export.or(below.cost.langfuse_export),
                async_trace_export: self.cost.async_trace_export.or(below.cost.async_trace_export),
                model_costs: self.cost.model_costs.or(below.cost.model_costs),
                similarity_logging: self.cost.similarity_logging.or(below.cost.similarity_logging),
            },
        }
    }

    fn check(self) -> Result<ObservabilityConfig, ConfigError> {
        let switch = |key: &str, value| Ok::<_, ConfigError>(Switch::from(required(key, value)?));
        Ok(ObservabilityConfig {
            model: required("observability.model", self.model)?,
            run_time: required("observability.run_time", self.run_time)?,
            switches: Switches {
                langfuse_export: switch("observability.langfuse_export", self.langfuse_export)?,
                async_trace_export: switch("observability.async_trace_export", self.async_trace_export)?,
                model_costs: switch("observability.model_costs", self.model_costs)?,
                similarity_logging: switch("observability.similarity_logging", self.similarity_logging)?,
            },
            costs: self.cost.checked()?,
            export_time: required("observability.export_time", self.export_time)?,
            queue_capacity: required("observability.queue_capacity", self.queue_capacity)?,
            flush_interval: positive("observability.flush_interval", self.flush_interval)?,
        })
    }
}

impl RawWatchCosts {
    fn checked(self) -> Result<WatchCosts, ConfigError> {
        Ok(WatchCosts {
            langfuse_export: required("observability.cost.langfuse_export", self.langfuse_export)?,
            async_trace_export: required("observability.cost.async_trace_export", self.async_trace_export)?,
            model_costs: required("observability.cost.model_costs", self.model_costs)?,
            similarity_logging: required("observability.cost.similarity_logging", self.similarity_logging)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{rejection, variable_rejection};
    use insta::assert_snapshot;

    #[test]
    fn check_invalid_settings_names_key_and_value() {
        assert_snapshot!(rejection("[observability]\nqueue_capacity = 0"), @"weir.toml:2: observability.queue_capacity: expected a whole number of at least 1, found 0");
        assert_snapshot!(rejection("[observability]\nflush_interval = '0s'"), @"weir.toml:2: observability.flush_interval: expected a duration above zero, found 0");
        assert_snapshot!(rejection("[observability.cost]\nmodel_cost = '1ms'"), @"weir.toml:2: observability.cost.model_cost: unknown key (did you mean `model_costs`?)");
    }

    #[test]
    fn from_variables_invalid_value_names_variable() {
        assert_snapshot!(variable_rejection("TRACK_MODEL_COSTS", "2"), @r#"environment: TRACK_MODEL_COSTS="2": expected true or false"#);
    }
}
