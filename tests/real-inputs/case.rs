//! The rows of the tables.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use weir_stub::{Next, Reply};

use super::Scenario;

/// A table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) case: Vec<Case>,
}

/// What a server sends, and what is right.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: String,
    /// Where such an input was seen.
    pub(super) source: String,
    /// The `kind` of the request.
    #[serde(default = "chat")]
    pub(super) kind: String,
    /// Events: the data of each, at its number of milliseconds after the request. The request asks for a stream.
    events: Option<Vec<(u64, String)>>,
    /// Pieces of the body of a stream of events, as they are.
    body: Option<Vec<(u64, String)>>,
    /// A JSON body with status 200, at once. The request asks for a plain answer.
    plain: Option<String>,
    /// Everything that is sent, as it is.
    http: Option<Vec<(u64, String)>>,
    /// Whether the request asks for a stream, where `http` leaves it open.
    stream: Option<bool>,
    /// The replies to the first requests, one each. All further requests get the reply of the row.
    #[serde(default)]
    pub(super) earlier: Vec<EarlierReply>,
    /// Further keys of the task.
    #[serde(default)]
    task: String,
    /// The end of a stream's body; by default, with the last event.
    end_ms: Option<u64>,
    /// What comes instead of the end of a stream's body.
    #[serde(default)]
    ending: Ending,
    /// Requests of the run; one by default.
    #[serde(default = "one")]
    pub(super) requests: u64,
    pub(super) right: Right,
}

/// A reply to one of the first requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) enum EarlierReply {
    /// A JSON body with status 200.
    Plain(String),
    /// The data of the events of a stream.
    Events(Vec<String>),
    /// All bytes.
    Http(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ending {
    #[default]
    Body,
    /// The connection is closed without an end of the body.
    Close,
    /// Nothing more is sent.
    Never,
}

/// The body of a stream.
#[derive(Clone, Debug)]
pub(super) struct StreamBody {
    /// Each at its number of milliseconds after the request.
    pub(super) parts: Vec<(u64, String)>,
    pub(super) end_ms: u64,
    pub(super) ending: Ending,
}

/// The right values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Right {
    /// The kind of all failures; without one, all requests complete.
    pub(super) failure: Option<String>,
    /// The number of failures; by default, every request fails.
    pub(super) failed: Option<u64>,
    /// The number of requests that the server receives, if it is checked.
    pub(super) received: Option<usize>,
    /// What the body of the last request must contain.
    #[serde(default)]
    pub(super) last_body_contains: Vec<String>,
    /// What the example of the failure must contain.
    #[serde(default)]
    pub(super) contains: Vec<String>,
    /// What the example of the failure must not contain.
    #[serde(default)]
    pub(super) lacks: Vec<String>,
    /// Members of the figures, which must have exactly these values.
    #[serde(default)]
    pub(super) counts: BTreeMap<String, u64>,
    /// Medians of latencies, in milliseconds; 0 is a latency without samples. Those of `events` and `body` are checked in
    /// simulated time, exactly.
    #[serde(default)]
    pub(super) ms: BTreeMap<String, f64>,
}

fn chat() -> String {
    "openai.chat".to_owned()
}

const fn one() -> u64 {
    1
}

impl Table {
    /// All cases of the tables in `folder`.
    pub(super) fn read_all(folder: &Path) -> Vec<Case> {
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let read = |path: &Path| {
            let table = toml::from_str::<Self>(&fs::read_to_string(path).unwrap());
            table.unwrap_or_else(|error| panic!("{}: {error}", path.display())).case
        };
        paths.iter().flat_map(|path| read(path)).collect()
    }
}

impl Case {
    pub(super) fn is_stream(&self) -> bool {
        self.stream.unwrap_or(self.plain.is_none())
    }

    /// What the server sends after the request of this number, from 0.
    pub(super) fn reply(&self, number: usize) -> Reply {
        match self.earlier.get(number) {
            Some(EarlierReply::Plain(body)) => return Reply::json(body),
            Some(EarlierReply::Http(http)) => return Reply::raw([(0, http.clone().into_bytes())]),
            Some(EarlierReply::Events(events)) => {
                let parts = events.iter().map(|data| (0, format!("data: {data}\n\n").into_bytes()));
                return Reply::stream(parts).end_body(0);
            }
            None => {}
        }
        if let Some(body) = &self.plain {
            return Reply::json(body);
        }
        if let Some(http) = &self.http {
            let reply = Reply::raw(http.iter().map(|(ms, text)| (*ms, text.clone().into_bytes())));
            return match self.ending {
                Ending::Body => reply,
                Ending::Close => reply.then(Next::Close, self.end_ms.unwrap_or(0)),
                Ending::Never => reply.then(Next::Hang, self.end_ms.unwrap_or(0)),
            };
        }
        let StreamBody { parts, end_ms, ending } = self.stream_body();
        let reply = Reply::stream(parts.into_iter().map(|(ms, text)| (ms, text.into_bytes())));
        match ending {
            Ending::Body => reply.end_body(end_ms),
            Ending::Close => reply.then(Next::Close, end_ms),
            Ending::Never => reply.then(Next::Hang, end_ms),
        }
    }

    /// The body of a stream that the server sends, as far as it is not given by `http`.
    pub(super) fn stream_body(&self) -> StreamBody {
        let events = self.events.iter().flatten().map(|(ms, data)| (*ms, format!("data: {data}\n\n")));
        let parts: Vec<(u64, String)> = events.chain(self.body.iter().flatten().cloned()).collect();
        let last_ms = parts.last().map_or(0, |(ms, _)| *ms);
        StreamBody { parts, end_ms: self.end_ms.unwrap_or(last_ms), ending: self.ending }
    }

    /// The scenario of a run against the server at `url`.
    pub(super) fn scenario(&self, url: &str) -> Scenario {
        let text = format!(
            "url = \"{url}\"\napi_key_env = \"KEY\"\n[load]\nusers = 1\nrequests = {}\n[timeouts]\nidle = \"1s\"\n\
             [[user.u.task]]\n{}\nrequest = {{ {} }}\n",
            self.requests,
            self.task,
            self.request()
        );
        Scenario::parse("case", "case", &text, &|_| Some("sk-secret-0123456789".to_owned()))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// The request of the task.
    fn request(&self) -> String {
        let stream = self.is_stream();
        match self.kind.as_str() {
            "chain" | "chain_stream" => format!("kind = \"{}\", chain = \"c\"", self.kind),
            "any" => r#"kind = "http", path = "/s", events = "any""#.to_owned(),
            "openai.embeddings" => r#"kind = "openai.embeddings", model = "m", input = "x""#.to_owned(),
            kind => format!(
                "kind = \"{kind}\", model = \"m\", prompt = \"p\", max_tokens = 64, stream = {stream}"
            ),
        }
    }
}
