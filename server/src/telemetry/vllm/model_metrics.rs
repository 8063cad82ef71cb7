//! The metrics of one model. Names, labels and bounds of histograms are those of vLLM 0.11
//! (vllm/v1/metrics/loggers.py).

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet},
    metrics::MetricType,
};
use weir_model::{Finish, Profile};

use crate::telemetry::histogram::{AtomicHistogram, bounds_1_2_5};

const TTFT_BOUNDS: [f64; 22] = [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0,
    80.0, 160.0, 640.0, 2_560.0,
];
const TOKEN_TIME_BOUNDS: [f64; 19] = [
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0,
];
const REQUEST_TIME_BOUNDS: [f64; 21] = [
    0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0, 240.0, 480.0,
    960.0, 1_920.0, 7_680.0,
];
const CHOICES_BOUNDS: [u64; 5] = [1, 2, 5, 10, 20];

/// How a call ended, as vLLM counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) enum FinishedReason {
    Stop,
    Length,
    /// The client left.
    Abort,
}

impl FinishedReason {
    const ALL: [Self; 3] = [Self::Stop, Self::Length, Self::Abort];

    const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::Abort => "abort",
        }
    }
}

impl From<&Finish> for FinishedReason {
    fn from(finish: &Finish) -> Self {
        match finish {
            Finish::Length => Self::Length,
            Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Refused => Self::Stop,
        }
    }
}

/// The durations of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct CallTimes {
    /// From the arrival to the first token.
    pub(in crate::telemetry) ttft: Duration,
    /// From the arrival to the last token.
    pub(in crate::telemetry) e2e: Duration,
}

/// The metrics of one model.
#[derive(Debug)]
pub(in crate::telemetry) struct ModelMetrics {
    pub(super) name: Arc<str>,
    running: AtomicUsize,
    prompt_tokens: AtomicU64,
    generation_tokens: AtomicU64,
    /// By [`FinishedReason`].
    finished: [AtomicU64; 3],
    ttft: AtomicHistogram,
    inter_token_latency: AtomicHistogram,
    time_per_output_token: AtomicHistogram,
    e2e: AtomicHistogram,
    inference_time: AtomicHistogram,
    prefill_time: AtomicHistogram,
    decode_time: AtomicHistogram,
    request_prompt_tokens: AtomicHistogram,
    request_generation_tokens: AtomicHistogram,
    max_tokens: AtomicHistogram,
    choices: AtomicHistogram,
}

impl ModelMetrics {
    pub(super) fn new(profile: &Profile) -> Self {
        let tokens = || AtomicHistogram::of_tokens(bounds_1_2_5(profile.context.into()));
        let request_time = || AtomicHistogram::of_seconds(&REQUEST_TIME_BOUNDS);
        Self {
            name: Arc::clone(&profile.name),
            running: AtomicUsize::new(0),
            prompt_tokens: AtomicU64::new(0),
            generation_tokens: AtomicU64::new(0),
            finished: Default::default(),
            ttft: AtomicHistogram::of_seconds(&TTFT_BOUNDS),
            inter_token_latency: AtomicHistogram::of_seconds(&TOKEN_TIME_BOUNDS),
            time_per_output_token: AtomicHistogram::of_seconds(&TOKEN_TIME_BOUNDS),
            e2e: request_time(),
            inference_time: request_time(),
            prefill_time: request_time(),
            decode_time: request_time(),
            request_prompt_tokens: tokens(),
            request_generation_tokens: tokens(),
            max_tokens: tokens(),
            choices: AtomicHistogram::of_tokens(CHOICES_BOUNDS),
        }
    }

    pub(in crate::telemetry) fn started(&self, prompt_tokens: u32) {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.prompt_tokens.fetch_add(prompt_tokens.into(), Ordering::Relaxed);
    }

    pub(in crate::telemetry) fn max_tokens(&self, max_tokens: u32) {
        self.max_tokens.observe(max_tokens.into(), 1);
    }

    /// Counts generated tokens in `events` events, which follow the previous ones after `gap`; the first ones follow none.
    pub(in crate::telemetry) fn generated(&self, tokens: u32, events: u32, gap: Option<Duration>) {
        self.generation_tokens.fetch_add(tokens.into(), Ordering::Relaxed);
        let Some(others) = events.checked_sub(1) else { return };
        if let Some(gap) = gap {
            self.inter_token_latency.observe(nanos(gap), 1);
        }
        if others > 0 {
            self.inter_token_latency.observe(0, others.into());
        }
    }

    /// Counts generated tokens in `events` events whose gaps are all about as long.
    pub(in crate::telemetry) fn generated_evenly(&self, tokens: u32, events: u32, gap: Duration) {
        self.generation_tokens.fetch_add(tokens.into(), Ordering::Relaxed);
        if events > 1 {
            self.inter_token_latency.observe(nanos(gap), (events - 1).into());
        }
    }

    pub(in crate::telemetry) fn completed(
        &self,
        times: CallTimes,
        prompt_tokens: u32,
        tokens: u32,
        choices: usize,
    ) {
        let decode = times.e2e.saturating_sub(times.ttft);
        self.ttft.observe(nanos(times.ttft), 1);
        self.e2e.observe(nanos(times.e2e), 1);
        self.inference_time.observe(nanos(times.e2e), 1);
        self.prefill_time.observe(nanos(times.ttft), 1);
        self.decode_time.observe(nanos(decode), 1);
        if let Some(gaps) = tokens.checked_sub(1).filter(|gaps| *gaps > 0) {
            self.time_per_output_token.observe(nanos(decode / gaps), 1);
        }
        self.request_prompt_tokens.observe(prompt_tokens.into(), 1);
        self.request_generation_tokens.observe(tokens.into(), 1);
        self.choices.observe(choices as u64, 1);
    }

    pub(in crate::telemetry) fn ended(&self, reason: FinishedReason) {
        self.running.fetch_sub(1, Ordering::Relaxed);
        let [stop, length, abort] = &self.finished;
        let counter = match reason {
            FinishedReason::Stop => stop,
            FinishedReason::Length => length,
            FinishedReason::Abort => abort,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Writes the metrics of all models.
pub(super) fn encode(models: &[Arc<ModelMetrics>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    for (name, help, value) in COUNTERS {
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for model in models {
            encode_counter(family.encode_family(&model.labels())?, value(model))?;
        }
    }
    let help = "Ended requests, by how they ended";
    let mut family = encoder.encode_descriptor("vllm:request_success", help, None, MetricType::Counter)?;
    for model in models {
        let [(model_name, name), engine] = model.labels();
        for (reason, count) in FinishedReason::ALL.into_iter().zip(&model.finished) {
            let labels = [(model_name, name), engine, ("finished_reason", reason.name())];
            encode_counter(family.encode_family(&labels)?, count.load(Ordering::Relaxed))?;
        }
    }
    for (name, help, histogram) in HISTOGRAMS {
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for model in models {
            histogram(model).encode(&mut family.encode_family(&model.labels())?)?;
        }
    }
    Ok(())
}

pub(super) fn encode_counter(mut encoder: MetricEncoder<'_>, value: u64) -> fmt::Result {
    encoder.encode_counter::<NoLabelSet, _, u64>(&value, None)
}

type Labels<'a> = [(&'static str, &'a str); 2];

impl ModelMetrics {
    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    fn labels(&self) -> Labels<'_> {
        [("model_name", &self.name), ("engine", "0")]
    }
}

type Counter = (&'static str, &'static str, fn(&ModelMetrics) -> u64);
type Histogram = (&'static str, &'static str, fn(&ModelMetrics) -> &AtomicHistogram);

const COUNTERS: [Counter; 2] = [
    ("vllm:prompt_tokens", "Prompt tokens of admitted requests", |model| {
        model.prompt_tokens.load(Ordering::Relaxed)
    }),
    ("vllm:generation_tokens", "Generated tokens", |model| model.generation_tokens.load(Ordering::Relaxed)),
];

const HISTOGRAMS: [Histogram; 13] = [
    ("vllm:time_to_first_token_seconds", "Time to first token", |model| &model.ttft),
    ("vllm:inter_token_latency_seconds", "Time between tokens", |model| &model.inter_token_latency),
    // The name before vLLM 0.11, which many autoscalers still read.
    ("vllm:time_per_output_token_seconds", "Time between tokens", |model| &model.inter_token_latency),
    ("vllm:request_time_per_output_token_seconds", "Mean time between the tokens of a request", |model| {
        &model.time_per_output_token
    }),
    ("vllm:e2e_request_latency_seconds", "From arrival to the last token", |model| &model.e2e),
    ("vllm:request_inference_time_seconds", "Time in execution", |model| &model.inference_time),
    ("vllm:request_prefill_time_seconds", "Time in the prefill phase", |model| &model.prefill_time),
    ("vllm:request_decode_time_seconds", "Time in the decode phase", |model| &model.decode_time),
    ("vllm:request_prompt_tokens", "Prompt tokens of a request", |model| &model.request_prompt_tokens),
    ("vllm:request_generation_tokens", "Generated tokens of a request", |model| {
        &model.request_generation_tokens
    }),
    ("vllm:request_max_num_generation_tokens", "Maximum generated tokens of a request", |model| {
        &model.request_generation_tokens
    }),
    ("vllm:request_params_max_tokens", "The parameter max_tokens of a request", |model| &model.max_tokens),
    ("vllm:request_params_n", "The parameter n of a request", |model| &model.choices),
];
