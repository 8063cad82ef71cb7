//! A scenario as it is written. What the fields say of themselves is what editors show, by the JSON Schema.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use weir_pace::{Amount, Latency, Rate};

use super::ModelPrice;
use super::load;
use super::raw_criteria::{RawBounds, RawLimits};
use super::request;
use super::schema;
use super::variant::RawVariant;

/// A scenario of `weir load`: who asks what, how the load starts and how long it lasts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScenario {
    /// What the scenario is for, in a line.
    pub(super) about: Option<String>,
    /// The target, such as `http://127.0.0.1:8000`; it may carry a path prefix. `--url` replaces it.
    pub(super) url: Option<String>,
    /// The environment variable whose value is sent as `Authorization: Bearer …`, where it is set.
    pub(super) api_key_env: Option<String>,
    /// Certificate authorities (PEM) to trust instead of the usual ones.
    pub(super) ca_file: Option<PathBuf>,
    /// Headers of every request.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// Headers of every request whose values are those of environment variables.
    #[serde(default)]
    pub(super) headers_env: BTreeMap<String, String>,
    /// The user classes that take part; all of them unless it is said.
    pub(super) classes: Option<Vec<String>>,
    /// When requests start, and until when.
    pub(super) load: RawLoad,
    /// How long each phase of a request may take.
    #[serde(default)]
    pub(super) timeouts: RawTimeouts,
    /// Rows of data that templates take: `{{ feed.NAME }}` or `{{ feed.NAME.column }}`.
    #[serde(default)]
    pub(super) feed: BTreeMap<String, RawFeed>,
    /// What the tokens of models cost, by model or pattern of models (`gpt-4o*`).
    #[serde(default)]
    pub(super) price: BTreeMap<String, ModelPrice>,
    /// User classes by name.
    #[serde(default)]
    pub(super) user: BTreeMap<String, RawUser>,
    /// What has to hold for the exit code to be 0, by task, class, or `all`.
    #[serde(default)]
    pub(super) thresholds: BTreeMap<String, RawLimits>,
    /// Sets of limits of single requests; those that keep them are counted.
    #[serde(default)]
    pub(super) goodput: Vec<String>,
    /// Bounds between the grades of figures, the best first.
    pub(super) bands: Option<BTreeMap<String, RawBounds>>,
    /// Other runs of the scenario, asked for as `SCENARIO:NAME`.
    #[serde(default)]
    pub(super) variant: BTreeMap<String, RawVariant>,
}

/// Users who wait for their answers (a closed loop), or arrivals at a rate (an open one).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLoad {
    /// Users at once: a closed loop.
    pub(super) users: Option<u64>,
    /// Users started per second; all at once without it.
    #[schemars(with = "Option<schema::Rate>")]
    pub(super) spawn_rate: Option<Rate>,
    /// Users at once who do not think: a closed loop without pauses.
    pub(super) concurrency: Option<u64>,
    /// Requests started per second, whatever the target does: an open loop.
    #[schemars(with = "Option<schema::Rate>")]
    pub(super) rate: Option<Rate>,
    /// How arrivals at a rate are spaced: `constant` (default), `poisson` or `gamma`.
    pub(super) arrivals: Option<String>,
    /// The shape of the gamma law of arrivals: 1 is Poisson, less is more bursty.
    pub(super) burstiness: Option<f64>,
    /// The same as a coefficient of variation: 1 is Poisson, more is more bursty.
    pub(super) cv: Option<f64>,
    /// Users, or a rate, that change: one part after another, which also say how long the run is.
    pub(super) stages: Option<Vec<RawStage>>,
    /// The highest load that keeps its limits is searched for.
    pub(super) search: Option<load::RawSearch>,
    /// Requests of an open loop in flight at once, on each worker; as many again wait, more are shed.
    pub(super) max_in_flight: Option<u64>,
    /// The run ends when so many requests of tasks were started.
    pub(super) requests: Option<u64>,
    /// New requests are started for this long.
    #[schemars(with = "Option<schema::Span>")]
    pub(super) run_time: Option<Span>,
    /// What starts in this time at the beginning is left out of the figures.
    #[schemars(with = "Option<schema::Span>")]
    pub(super) warm_up: Option<Span>,
    /// What starts in this time at the end is left out, too.
    #[schemars(with = "Option<schema::Span>")]
    pub(super) cool_down: Option<Span>,
    /// How long requests may go on after the last one was started (10s).
    #[schemars(with = "Option<schema::Span>")]
    pub(super) grace: Option<Span>,
}

impl RawLoad {
    /// What has to hold at each level, where it is a search.
    pub(super) fn search_limits(&self) -> &[String] {
        self.search.as_ref().map_or(&[], |search| &search.limits)
    }
}

/// A part of a load that changes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStage {
    /// How long it lasts; no time when it is not there: the level is another from then on.
    #[serde(rename = "for")]
    #[schemars(with = "Option<schema::Span>")]
    pub(super) lasts: Option<Span>,
    /// The users that it goes to.
    pub(super) users: Option<u64>,
    /// The rate that it goes to.
    #[schemars(with = "Option<schema::Rate>")]
    pub(super) rate: Option<StageRate>,
    /// Whether it is there from the beginning of the stage, rather than reached at its end (false).
    #[serde(default)]
    pub(super) jump: bool,
}

/// Arrivals per second, as a rate that may be zero.
#[derive(Copy, Clone, Debug)]
pub(super) struct StageRate(pub(super) f64);

impl<'de> Deserialize<'de> for StageRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        load::parse_rate(&text).map(Self).map_err(de::Error::custom)
    }
}

/// How long each phase of a request may take.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTimeouts {
    /// To open a connection.
    #[schemars(with = "Option<schema::Span>")]
    pub(super) connect: Option<Span>,
    /// To agree on encryption.
    #[schemars(with = "Option<schema::Span>")]
    pub(super) tls: Option<Span>,
    /// From the request to the first byte of its answer.
    #[schemars(with = "Option<schema::Span>")]
    pub(super) headers: Option<Span>,
    /// Between two bytes of an answer.
    #[schemars(with = "Option<schema::Span>")]
    pub(super) idle: Option<Span>,
    /// For the whole request; without limit unless it is given.
    #[schemars(with = "Option<schema::Span>")]
    pub(super) total: Option<Span>,
}

/// Users who do the same things.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUser {
    /// Its share of the users, against the weights of the other classes (1).
    pub(super) weight: Option<u32>,
    /// How long a user waits between an answer and its next request (not at all). Left out where `concurrency` or arrivals
    /// at a `rate` make the load: the report says so.
    #[schemars(with = "Option<schema::Latency>")]
    pub(super) think: Option<Latency>,
    /// What its users do, each time one of these.
    #[serde(default)]
    pub(super) task: Vec<RawTask>,
    /// What each user does once, in this order, before its first task. If one fails, all are tried again after the think
    /// time, a second at least. With arrivals at a rate, each worker does it for all of its arrivals.
    #[serde(default)]
    pub(super) on_start: Vec<RawErrand>,
    /// What each user does once, in this order, after its last task, unless the run was interrupted.
    #[serde(default)]
    pub(super) on_stop: Vec<RawErrand>,
}

/// One thing that a user does.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTask {
    /// Its name in reports; the kind of its request without it.
    pub(super) name: Option<String>,
    /// How often, against the weights of the other tasks (1).
    pub(super) weight: Option<u32>,
    /// How long a user waits after it, where it is not as its class has it.
    #[schemars(with = "Option<schema::Latency>")]
    pub(super) think: Option<Latency>,
    /// What is sent.
    #[schemars(with = "request::AnyRequest")]
    pub(super) request: toml::Table,
    /// Where each go is a conversation: so many requests, each with all that was said before.
    #[schemars(with = "Option<schema::Amount>")]
    pub(super) turns: Option<Amount>,
    /// How long a user waits between an answer and the next turn of a conversation.
    #[schemars(with = "Option<schema::Latency>")]
    pub(super) pause: Option<Latency>,
    /// What the answer must be to count as completed.
    #[serde(default)]
    pub(super) check: RawCheck,
    /// Values to keep of the answer: later requests of the same user mention them as `{{ NAME }}`.
    #[serde(default)]
    pub(super) capture: BTreeMap<String, RawCapture>,
    /// Whether 429 is what the scenario came for, and counts neither as completed nor as failed (false).
    #[serde(default)]
    pub(super) expect_429: bool,
}

/// A request that a user makes once, at its start or its end.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawErrand {
    /// Its name in reports; the kind of its request without it.
    pub(super) name: Option<String>,
    /// What is sent.
    #[schemars(with = "request::AnyRequest")]
    pub(super) request: toml::Table,
    /// What the answer must be to count as completed.
    #[serde(default)]
    pub(super) check: RawCheck,
    /// Values to keep of the answer: later requests of the same user mention them as `{{ NAME }}`.
    #[serde(default)]
    pub(super) capture: BTreeMap<String, RawCapture>,
}

/// Where in an answer a value stands.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCapture {
    /// A JSON pointer into the body, such as `/access_token`.
    pub(super) json: Option<String>,
    /// The name of a header of the answer.
    pub(super) header: Option<String>,
}

/// Rows of data: texts, or tables of the same columns.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFeed {
    /// The rows themselves: texts, or tables.
    #[schemars(with = "Option<Vec<schema::Row>>")]
    pub(super) rows: Option<Vec<toml::Value>>,
    /// A file of rows, from the folder of the scenario: `.csv` with a line of column names, or `.jsonl`.
    pub(super) file: Option<PathBuf>,
    /// `sequential` (default): each request takes the next row; `random`: any row; `unique`: each user keeps one row.
    #[schemars(extend("enum" = ["sequential", "random", "unique"]))]
    pub(super) order: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCheck {
    /// The status, or the statuses, that pass; any 2xx without it.
    #[serde(default)]
    #[schemars(with = "schema::Statuses")]
    pub(super) status: OneOrMany,
    /// A text that the body must hold.
    pub(super) body_contains: Option<String>,
    /// JSON pointers and what must stand there.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, schema::Needed>")]
    pub(super) json: BTreeMap<String, toml::Value>,
    /// An answer that takes longer fails.
    #[schemars(with = "Option<schema::Span>")]
    pub(super) over: Option<Span>,
    /// Limits on its durations: "ttft < 500ms, tpot < 30ms". An answer that breaks one fails.
    pub(super) limits: Option<String>,
}

/// A duration as text with a unit.
#[derive(Copy, Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Span(#[serde(with = "weir_pace::duration_text")] pub(super) Duration);

/// `200` or `[200, 201]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OneOrMany(pub(super) Vec<i64>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

struct OneOrManyVisitor;

impl<'de> Visitor<'de> for OneOrManyVisitor {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a status such as 200, or a list of them")
    }

    fn visit_i64<E: de::Error>(self, one: i64) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMany, A::Error> {
        let mut many = Vec::new();
        while let Some(item) = items.next_element()? {
            many.push(item);
        }
        Ok(OneOrMany(many))
    }
}
