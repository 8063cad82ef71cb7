//! The results of a load test in the format of its tool.

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    ops::RangeInclusive,
};

use serde::Deserialize;

use super::{error::BaselineError, json, name::FileName, percentile::Times};

/// Maximum endpoints of one test. Tests with ids in paths have more and must group them.
pub(super) const ENDPOINTS_MAX: usize = 1_000;
/// Maximum bytes of an endpoint with its method.
const ENDPOINT_BYTES_MAX: usize = 1_024;

/// The maximum duration of tests and response times, so that sums and rates stay finite.
const SECONDS: RangeInclusive<f64> = 0.001..=1e9;
const RESPONSE_MS: RangeInclusive<f64> = 0.0..=1e9;

#[derive(Deserialize)]
#[serde(expecting = "the results of a load test, a JSON object")]
struct RawResults<'a> {
    total_requests: u64,
    concurrent_users: u64,
    duration_seconds: f64,
    #[serde(borrow)]
    metrics: Vec<RawMetric<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "one request, a JSON object")]
struct RawMetric<'a> {
    #[serde(borrow)]
    endpoint: Cow<'a, str>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    /// Absent, null or 0 if there was no response.
    status_code: Option<u16>,
    response_time_ms: f64,
    error: Option<String>,
}

/// The results of a load test: every endpoint with at least one request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Results {
    pub(super) total_requests: u64,
    pub(super) concurrent_users: u64,
    pub(super) duration_seconds: f64,
    pub(super) endpoints: Vec<Endpoint>,
    /// All endpoints together.
    pub(super) all: Requests,
}

/// The requests to one endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Endpoint {
    pub(super) path: String,
    pub(super) method: String,
    pub(super) requests: Requests,
}

/// Counts and times of some requests.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Requests {
    pub(super) times: Times,
    pub(super) failed: u64,
}

impl Requests {
    /// Failed requests in per cent.
    pub(super) fn error_rate(&self) -> f64 {
        100.0 * self.failed as f64 / self.times.count().max(1) as f64
    }
}

impl RawMetric<'_> {
    fn failed(&self) -> bool {
        let refused = self.status_code.is_none_or(|status| status == 0 || status >= 400);
        refused || self.error.as_ref().is_some_and(|error| !error.is_empty())
    }
}

/// The requests of an endpoint while reading.
#[derive(Default)]
struct EndpointRequests {
    ms: Vec<f64>,
    failed: u64,
}

impl EndpointRequests {
    fn add(&mut self, metric: &RawMetric<'_>) {
        self.ms.push(metric.response_time_ms);
        self.failed += u64::from(metric.failed());
    }

    fn ended(self) -> Requests {
        Requests { times: Times::new(self.ms), failed: self.failed }
    }
}

impl Results {
    /// Parses the text of the file `name`.
    pub(super) fn read(name: &FileName, text: &[u8]) -> Result<Self, BaselineError> {
        let broken = |message: String| BaselineError::Broken { name: name.as_str().to_owned(), message };
        let raw: RawResults<'_> = json::read(name, text)?;
        let seconds = raw.duration_seconds;
        if !SECONDS.contains(&seconds) {
            let (low, high) = (SECONDS.start(), SECONDS.end());
            let message =
                format!("duration_seconds: expected a number from {low} to {high}, found {seconds}");
            return Err(broken(message));
        }
        let (mut by_endpoint, mut all) =
            (BTreeMap::<_, EndpointRequests>::new(), EndpointRequests::default());
        for (index, metric) in raw.metrics.iter().enumerate() {
            check(metric).map_err(|message| broken(format!("metrics[{index}].{message}")))?;
            let count = by_endpoint.len();
            match by_endpoint.entry((&*metric.endpoint, &*metric.method)) {
                Entry::Vacant(_) if count == ENDPOINTS_MAX => {
                    return Err(broken(format!(
                        "metrics[{index}].endpoint: too many endpoints; at most {ENDPOINTS_MAX} are allowed"
                    )));
                }
                entry => entry.or_default().add(metric),
            }
            all.add(metric);
        }
        let endpoints = by_endpoint.into_iter().map(|((path, method), gathered)| {
            let requests = gathered.ended();
            Endpoint { path: path.to_owned(), method: method.to_owned(), requests }
        });
        Ok(Self {
            total_requests: raw.total_requests,
            concurrent_users: raw.concurrent_users,
            duration_seconds: seconds,
            endpoints: endpoints.collect(),
            all: all.ended(),
        })
    }
}

fn check(metric: &RawMetric<'_>) -> Result<(), String> {
    let ms = metric.response_time_ms;
    if !RESPONSE_MS.contains(&ms) {
        let (low, high) = (RESPONSE_MS.start(), RESPONSE_MS.end());
        return Err(format!("response_time_ms: expected a number from {low} to {high}, found {ms}"));
    }
    let bytes = metric.endpoint.len() + metric.method.len();
    if bytes > ENDPOINT_BYTES_MAX {
        return Err(format!("endpoint: has {bytes} bytes with its method: {ENDPOINT_BYTES_MAX} at the most"));
    }
    // Control characters would distort the text report.
    for (key, text) in [("endpoint", &metric.endpoint), ("method", &metric.method)] {
        if text.chars().any(char::is_control) {
            return Err(format!("{key}: {text:?} has control characters"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn metric(endpoint: &str, status: &Value, error: &Value) -> Value {
        json!({"endpoint": endpoint, "method": "GET", "status_code": status, "response_time_ms": 5.5, "error": error})
    }

    fn results(metrics: &[Value]) -> Value {
        json!({"test_id": "t", "total_requests": 9, "concurrent_users": 3, "duration_seconds": 2.0, "metrics": metrics})
    }

    fn read(text: &str) -> Result<Results, BaselineError> {
        Results::read(&FileName::read("file", "r.json").unwrap(), text.as_bytes())
    }

    #[test]
    fn read_groups_requests_by_endpoint() {
        let metrics = [
            metric("/b", &json!(200), &json!(null)),
            metric("/a", &json!(201), &json!("")),
            metric("/b", &json!(503), &json!(null)),
            metric("/b", &json!(0), &json!("connection refused")),
            metric("/b", &json!(null), &json!(null)),
            metric("/b", &json!(200), &json!("the body was wrong")),
        ];
        let results = read(&results(&metrics).to_string()).unwrap();
        let found: Vec<_> = results
            .endpoints
            .iter()
            .map(|endpoint| (&*endpoint.path, endpoint.requests.times.count(), endpoint.requests.failed))
            .collect();
        assert_eq!(found, [("/a", 1, 0), ("/b", 5, 4)]);
        assert_eq!((results.all.times.count(), results.all.failed), (6, 4));
        assert_eq!(results.endpoints[1].requests.error_rate(), 80.0);
    }

    #[test]
    fn read_of_invalid_file_names_the_position() {
        let error = |text: String| read(&text).unwrap_err().to_string();
        insta::assert_snapshot!(error("{\"metrics\": [}".to_owned()), @"r.json: metrics[0]: expected value at line 1 column 14");
        insta::assert_snapshot!(error("[]".to_owned()), @"r.json: expected a JSON object, found a list");
        insta::assert_snapshot!(error(json!({"metrics": []}).to_string()), @"r.json: missing field `total_requests` at line 1 column 14");
        insta::assert_snapshot!(error(results(&[metric("/a", &json!("ok"), &json!(null))]).to_string()), @r#"r.json: metrics[0].status_code: invalid type: string "ok", expected u16 at line 1 column 142"#);
        insta::assert_snapshot!(error(results(&[metric("/a\n", &json!(200), &json!(null))]).to_string()), @r#"r.json: metrics[0].endpoint: "/a\n" has control characters"#);
        let mut negative = metric("/a", &json!(200), &json!(null));
        negative["response_time_ms"] = json!(-1);
        insta::assert_snapshot!(error(results(&[metric("/a", &json!(200), &json!(null)), negative]).to_string()), @"r.json: metrics[1].response_time_ms: expected a number from 0 to 1000000000, found -1");
        let mut timeless = results(&[metric("/a", &json!(200), &json!(null))]);
        timeless["duration_seconds"] = json!(0);
        insta::assert_snapshot!(error(timeless.to_string()), @"r.json: duration_seconds: expected a number from 0.001 to 1000000000, found 0");
    }

    #[test]
    fn read_without_requests_has_zero_figures() {
        let results = read(&results(&[]).to_string()).unwrap();
        assert_eq!(
            (results.endpoints.len(), results.all.times.count(), results.all.error_rate()),
            (0, 0, 0.0)
        );
    }

    #[test]
    fn read_of_too_many_endpoints_fails() {
        let metrics =
            |count| (0..count).map(|number| metric(&format!("/{number}"), &json!(200), &json!(null)));
        let read = |count| read(&results(&metrics(count).collect::<Vec<_>>()).to_string());
        assert_eq!(read(ENDPOINTS_MAX).unwrap().endpoints.len(), ENDPOINTS_MAX);
        insta::assert_snapshot!(read(ENDPOINTS_MAX + 1).unwrap_err(), @"r.json: metrics[1000].endpoint: too many endpoints; at most 1000 are allowed");
    }
}
