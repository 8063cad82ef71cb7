//! What only `strictness = "provider"` refuses.

use crate::{api::content_hash::for_each_member, config::Strictness, request::Problem};

/// Names of reasoning models, and of models that begin like them but are not.
const REASONING: [&str; 4] = ["o1", "o3", "o4", "gpt-5"];
const NOT_REASONING: [&str; 1] = ["gpt-5-chat"];

/// The fields of requests for chat answers that the provider knows.
pub(super) const CHAT: &[&str] = &[
    "model",
    "messages",
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "metadata",
    "modalities",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];
/// Of requests for completions.
pub(super) const COMPLETIONS: &[&str] = &[
    "model",
    "prompt",
    "best_of",
    "echo",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_tokens",
    "n",
    "presence_penalty",
    "seed",
    "stop",
    "stream",
    "stream_options",
    "suffix",
    "temperature",
    "top_p",
    "user",
];
/// Of requests for embeddings.
pub(super) const EMBEDDINGS: &[&str] = &["input", "model", "dimensions", "encoding_format", "user"];
/// Of requests for responses.
pub(super) const RESPONSES: &[&str] = &[
    "background",
    "context_management",
    "conversation",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// Refuses fields of the body that are not among `known`, in the words of chat requests.
pub(super) fn check_fields(strictness: Strictness, body: &[u8], known: &[&str]) -> Result<(), Problem> {
    let unknown = unknown_fields(strictness, body, known);
    match &*unknown {
        [] => Ok(()),
        [only] => Err(Problem::invalid(None, format!("Unrecognized request argument supplied: {only}"))),
        several => {
            let list = several.join(", ");
            Err(Problem::invalid(None, format!("Unrecognized request arguments supplied: {list}")))
        }
    }
}

/// Refuses fields of a request for a response that are not known.
pub(super) fn check_response_fields(strictness: Strictness, body: &[u8]) -> Result<(), Problem> {
    match unknown_fields(strictness, body, RESPONSES).first() {
        None => Ok(()),
        Some(name) => Err(Problem::field(name, "unknown_parameter", format!("Unknown parameter: '{name}'."))),
    }
}

fn unknown_fields(strictness: Strictness, body: &[u8], known: &[&str]) -> Vec<String> {
    let mut unknown = Vec::new();
    if strictness == Strictness::Lenient {
        return unknown;
    }
    for_each_member(body, |name, _| {
        let name: String = serde_json::from_slice(name).unwrap_or_default();
        if !known.contains(&&*name) && unknown.len() < 20 {
            unknown.push(name.chars().take(100).collect());
        }
    });
    unknown
}

/// Whether the provider's model of this name reasons, so that it takes fewer parameters.
pub(super) fn is_reasoning(model: &str) -> bool {
    let begins = |name: &&str| model.starts_with(*name);
    REASONING.iter().any(&begins) && !NOT_REASONING.iter().any(begins)
}

/// The error of a parameter that a reasoning model does not take.
pub(super) fn unsupported_parameter(param: &str, instead: Option<&str>) -> Problem {
    let hint = instead.map(|instead| format!(" Use '{instead}' instead.")).unwrap_or_default();
    let message = format!("Unsupported parameter: '{param}' is not supported with this model.{hint}");
    Problem::field(param, "unsupported_parameter", message)
}

/// Refuses a value of a parameter of which a reasoning model takes the default only.
pub(super) fn check_default(param: &str, value: Option<f64>, default: f64) -> Result<(), Problem> {
    match value {
        Some(value) if value != default => {
            let message = format!(
                "Unsupported value: '{param}' does not support {value} with this model. Only the default ({default}) \
                 value is supported."
            );
            Err(Problem::field(param, "unsupported_value", message))
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses another value than the default of a parameter that a reasoning model does not take.
pub(super) fn check_unsupported(param: &str, value: Option<f64>, default: f64) -> Result<(), Problem> {
    match value {
        Some(value) if value != default => Err(unsupported_parameter(param, None)),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_fields_names_unknown_ones_as_the_provider_does() {
        let fault =
            |body: &str| check_fields(Strictness::Provider, body.as_bytes(), CHAT).unwrap_err().message;
        insta::assert_snapshot!(fault(r#"{"model": "m", "top_k": 1}"#), @"Unrecognized request argument supplied: top_k");
        insta::assert_snapshot!(fault(r#"{"a": {"model": 1}, "b": 1}"#), @"Unrecognized request arguments supplied: a, b");
        assert_eq!(check_fields(Strictness::Lenient, br#"{"top_k": 1}"#, CHAT), Ok(()));
        assert_eq!(check_fields(Strictness::Provider, br#"{"model": "m", "n": 1}"#, CHAT), Ok(()));
        let problem =
            check_response_fields(Strictness::Provider, br#"{"input": "a", "top_k": 1}"#).unwrap_err();
        insta::assert_snapshot!(problem.message, @"Unknown parameter: 'top_k'.");
    }

    #[test]
    fn checks_of_reasoning_models_have_the_words_of_the_provider() {
        let words = |result: Result<(), Problem>| {
            let problem = result.unwrap_err();
            format!("{} {}", problem.code.unwrap_or_default(), problem.message)
        };
        insta::assert_snapshot!(words(check_default("temperature", Some(0.2), 1.0)), @"unsupported_value Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.");
        insta::assert_snapshot!(words(check_unsupported("top_p", Some(0.5), 1.0)), @"unsupported_parameter Unsupported parameter: 'top_p' is not supported with this model.");
        insta::assert_snapshot!(words(Err(unsupported_parameter("max_tokens", Some("max_completion_tokens")))), @"unsupported_parameter Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.");
        assert_eq!(check_unsupported("top_p", Some(1.0), 1.0), Ok(()));
    }

    #[test]
    fn is_reasoning_knows_the_families() {
        for (model, is) in [
            ("o1", true),
            ("o3-mini", true),
            ("gpt-5-nano", true),
            ("gpt-5-chat-latest", false),
            ("gpt-4o", false),
        ] {
            assert_eq!(is_reasoning(model), is, "{model}");
        }
    }
}
