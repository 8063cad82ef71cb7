//! Inputs from the field that clients send to a server: the tables in `tests/real-inputs/serve`, a row a case, over plain
//! HTTP. The SDK tests send the same rows through the providers' SDKs.

use std::{collections::BTreeMap, fs, path::Path};

use http::{HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::Value;
use weir_wire::Request;

use crate::support::{Api, Reply, Setup, Weir};

/// A table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Headers of all its requests.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    case: Vec<Case>,
}

/// A request, and the right response.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Where such a request was seen.
    #[serde(rename = "source")]
    _source: String,
    #[serde(default)]
    server: ServerSettings,
    /// `POST` if there is a body, else `GET`.
    method: Option<String>,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body: JSON, unless a header names another type.
    body: Option<String>,
    /// The number of words that `WORDS` in the body is replaced by.
    words: Option<usize>,
    /// The number of times that it is sent; the last response counts.
    #[serde(default = "once")]
    times: u32,
    /// The name of an earlier case whose response has the same text.
    same_text_as: Option<String>,
    right: Right,
}

/// The settings of the server of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ServerSettings {
    /// No settings.
    #[default]
    Default,
    /// `strictness = "provider"`.
    Provider,
    /// `unknown = "reject"`.
    RejectUnknownModels,
}

/// The right response.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Right {
    status: u16,
    /// Parts of the body.
    #[serde(default)]
    contains: Vec<String>,
    /// Texts that are not in the body.
    #[serde(default)]
    lacks: Vec<String>,
    /// JSON pointers into the body, with their values.
    #[serde(default)]
    values: BTreeMap<String, toml::Value>,
    /// Headers with their values.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

const fn once() -> u32 {
    1
}

impl ServerSettings {
    fn start(self) -> Weir {
        let setup = Setup::new().time_scale("0");
        Weir::start(match self {
            Self::Default => setup,
            Self::Provider => setup.config("[server]\nstrictness = 'provider'\n"),
            Self::RejectUnknownModels => setup.config("[models]\nunknown = 'reject'\n"),
        })
    }
}

impl Case {
    fn request(&self) -> Request {
        let method = self.method.as_deref().unwrap_or(if self.body.is_some() { "POST" } else { "GET" });
        let mut request =
            Request::new(Method::from_bytes(method.as_bytes()).unwrap(), self.path.parse().unwrap());
        if self.body.is_some() && !self.headers.contains_key("content-type") {
            request = request.with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.headers {
            request = request.with_header(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let Some(body) = &self.body else { return request };
        request.with_body(self.words.map_or_else(
            || body.clone(),
            |count| body.replace("WORDS", vec!["river"; count].join(" ").as_str()),
        ))
    }

    async fn send(&self, api: &Api) -> Reply {
        let request = self.request();
        for _ in 1..self.times {
            api.send(&request).await;
        }
        api.send(&request).await
    }
}

/// The first difference between a response and the right one.
fn difference(right: &Right, reply: &Reply) -> Option<String> {
    let text = String::from_utf8_lossy(&reply.body);
    if reply.status != right.status {
        return Some(format!("expected status {}, found {}: {text}", right.status, reply.status));
    }
    if let Some(part) = right.contains.iter().find(|part| !text.contains(part.as_str())) {
        return Some(format!("expected {part:?} in {text}"));
    }
    if let Some(part) = right.lacks.iter().find(|part| text.contains(part.as_str())) {
        return Some(format!("expected no {part:?} in {text}"));
    }
    let header = right.headers.iter().find(|(name, value)| reply.header(name) != Some(value.as_str()));
    if let Some((name, value)) = header {
        return Some(format!("{name}: expected {value:?}, found {:?}", reply.header(name)));
    }
    let json = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    right.values.iter().find_map(|(pointer, value)| {
        let expected = serde_json::to_value(value).unwrap();
        let found = json.pointer(pointer);
        (found != Some(&expected))
            .then(|| format!("{pointer}: expected {expected}, found {found:?} in {text}"))
    })
}

/// The words of a response in any dialect, plain or streamed.
fn text_of(reply: &Reply) -> String {
    const WORDS: [&str; 6] = [
        "/choices/0/message/content",
        "/choices/0/text",
        "/content/0/text",
        "/output/0/content/0/text",
        "/choices/0/delta/content",
        "/delta/text",
    ];
    let text = String::from_utf8_lossy(&reply.body);
    let streamed = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let values = streamed.chain([&*text]).filter_map(|json| serde_json::from_str::<Value>(json).ok());
    let responses_delta = |value: &Value| {
        let is_delta = value["type"] == "response.output_text.delta";
        is_delta.then(|| value["delta"].as_str().unwrap_or_default().to_owned())
    };
    let words = |value: &Value| {
        let found = WORDS.iter().find_map(|pointer| value.pointer(pointer)?.as_str()).map(str::to_owned);
        found.or_else(|| responses_delta(value)).unwrap_or_default()
    };
    values.map(|value| words(&value)).collect()
}

fn read_cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real-inputs/serve");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &Path| {
        let table = toml::from_str::<Table>(&fs::read_to_string(path).unwrap());
        let Table { headers, mut case } = table.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        case.iter_mut().for_each(|case| case.headers.extend(headers.clone()));
        case
    };
    paths.iter().flat_map(|path| read(path)).collect()
}

#[tokio::test]
async fn serve_requests_from_the_field_have_the_right_responses() {
    let mut servers = BTreeMap::new();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = 0;
    for case in read_cases() {
        let server = servers.entry(case.server).or_insert_with(|| case.server.start());
        let reply = case.send(&server.api).await;
        let text = text_of(&reply);
        let other = case.same_text_as.as_ref().map(|name| &texts[name]);
        let difference = difference(&case.right, &reply).or_else(|| {
            let other = other.filter(|other| **other != text || text.is_empty())?;
            Some(format!("expected the text {other:?}, found {text:?}"))
        });
        let outcome =
            difference.as_ref().map_or("ok".to_owned(), |difference| format!("WRONG: {difference}"));
        println!("{outcome:>4}  {}", case.name);
        wrong += usize::from(difference.is_some());
        let earlier = texts.insert(case.name.clone(), text);
        assert!(earlier.is_none(), "two cases are called {:?}", case.name);
    }
    assert_eq!(wrong, 0, "cases are wrong; their lines are above");
}
