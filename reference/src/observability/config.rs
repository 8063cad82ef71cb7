//! Settings of the workflow-observability reference system.

use std::{num::NonZeroUsize, time::Duration};

use serde::Deserialize;
use weir_pace::Latency;
use weir_server::{
    BackendSettings, ConfigError, Span, Variable, positive, required,
    value::{AT_LEAST_ONE, parsed, put, span, switch},
};

/// The workflow-observability reference system: what a run takes, and what watching it costs.
#[derive(Clone, Debug)]
pub struct ObservabilityConfig {
    /// The model that workflows ask.
    pub model: String,
    /// How long a run takes without anything else.
    pub run_time: Latency,
    /// What is switched on when a request does not say.
    pub switches: Switches,
    /// What each switch costs a run.
    pub costs: WatchCosts,
    /// How long it takes to send a batch of traces, or one trace by itself.
    pub export_time: Latency,
    /// Traces that may wait for their export; more are dropped.
    pub queue_capacity: NonZeroUsize,
    /// How long a trace may wait for its batch to fill up.
    pub flush_interval: Duration,
}

/// One of the two states of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is done, and costs.
    On,
    /// It is left out.
    Off,
}

/// Everything that can be watched of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// A trace is made for Langfuse.
    pub langfuse_export: Switch,
    /// Traces leave in batches, from a queue, instead of before the answer.
    pub async_trace_export: Switch,
    /// The price of each run is worked out and summed up.
    pub model_costs: Switch,
    /// The likeness of question and answer is logged.
    pub similarity_logging: Switch,
}

/// What each switch costs a run.
#[derive(Clone, Debug)]
pub struct WatchCosts {
    /// To make a trace for Langfuse.
    pub langfuse_export: Latency,
    /// To put a trace into the queue.
    pub async_trace_export: Latency,
    /// To work out a price.
    pub model_costs: Latency,
    /// To work out a likeness and to log it.
    pub similarity_logging: Latency,
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

impl Switches {
    /// All of them in one state.
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
        assert_snapshot!(rejection("[observability]\nflush_interval = '0s'"), @"weir.toml:2: observability.flush_interval: is 0: a duration above zero is needed");
        assert_snapshot!(rejection("[observability.cost]\nmodel_cost = '1ms'"), @"weir.toml:2: observability.cost.model_cost: unknown key (did you mean `model_costs`?)");
    }

    #[test]
    fn from_variables_invalid_value_names_variable() {
        assert_snapshot!(variable_rejection("TRACK_MODEL_COSTS", "2"), @r#"environment: TRACK_MODEL_COSTS="2": true or false is needed"#);
        assert_snapshot!(variable_rejection("WEIR_OBSERVABILITY_MODL", "fast"), @"environment: WEIR_OBSERVABILITY_MODL is not a setting (did you mean `WEIR_OBSERVABILITY_MODEL`?)");
    }
}
