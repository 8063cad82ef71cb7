//! The metrics of keys.

use std::sync::{Arc, OnceLock};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

/// The label of all keys that are not listed.
const UNLISTED: &str = "(unlisted)";

/// Labels are names of listed keys, so their number is bounded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    key: Arc<str>,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    key: Arc<str>,
    /// The kind of tokens: `prompt` or `completion`.
    kind: &'static str,
}

/// The metrics of all keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyMetrics {
    requests: Family<RequestLabels, Counter>,
    tokens: Family<TokenLabels, Counter>,
}

/// What happens to a request of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyOutcome {
    Admitted,
    /// Refused by a limit of requests.
    Requests,
    /// Refused by a limit of tokens.
    Tokens,
    /// Refused by the limit of concurrent requests.
    Concurrent,
}

/// The metrics of one key, or of all that are not listed.
#[derive(Debug)]
pub(crate) struct KeyCounters {
    key: Arc<str>,
    metrics: KeyMetrics,
    admitted: OnceLock<Counter>,
    prompt: OnceLock<Counter>,
    completion: OnceLock<Counter>,
}

impl KeyMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "key_requests",
            "Requests by the name of their key and their outcome: admitted, or the limit that refused them",
            self.requests.clone(),
        );
        registry.register(
            "key_tokens",
            "Tokens of answers that have ended, by the name of their key",
            self.tokens.clone(),
        );
    }

    /// The counters of the key `name`; `None`: of all keys that are not listed.
    pub(crate) fn counters(&self, name: Option<&str>) -> Arc<KeyCounters> {
        Arc::new(KeyCounters {
            key: name.unwrap_or(UNLISTED).into(),
            metrics: self.clone(),
            admitted: OnceLock::new(),
            prompt: OnceLock::new(),
            completion: OnceLock::new(),
        })
    }
}

impl KeyCounters {
    /// Counts an admitted request.
    pub(crate) fn admitted(&self) {
        self.admitted.get_or_init(|| self.requests(KeyOutcome::Admitted)).inc();
    }

    /// Counts a refused request.
    pub(crate) fn refused(&self, outcome: KeyOutcome) {
        self.requests(outcome).inc();
    }

    /// Counts the tokens of an answer.
    pub(crate) fn tokens(&self, prompt: u64, completion: u64) {
        self.prompt.get_or_init(|| self.tokens_of("prompt")).inc_by(prompt);
        self.completion.get_or_init(|| self.tokens_of("completion")).inc_by(completion);
    }

    fn requests(&self, outcome: KeyOutcome) -> Counter {
        let outcome = match outcome {
            KeyOutcome::Admitted => "admitted",
            KeyOutcome::Requests => "requests",
            KeyOutcome::Tokens => "tokens",
            KeyOutcome::Concurrent => "concurrent",
        };
        let labels = RequestLabels { key: Arc::clone(&self.key), outcome };
        self.metrics.requests.get_or_create(&labels).clone()
    }

    fn tokens_of(&self, kind: &'static str) -> Counter {
        self.metrics.tokens.get_or_create(&TokenLabels { key: Arc::clone(&self.key), kind }).clone()
    }
}
