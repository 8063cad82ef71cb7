//! `/v1/models` in this API's format.

use axum::{RequestPartsExt as _, extract::Query, response::Response};
use serde_json::{Value, json};
use weir_model::Profile;

use super::{body::wrong, dialect::profile, headers::add_headers, version::Version};
use crate::request::{Problem, RequestContext, json_answer};

/// The creation date of every simulated model.
const CREATED_AT: &str = "2025-01-01T00:00:00Z";
const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 1_000;

/// `GET /v1/models`.
pub(in crate::api) async fn list(call: &mut RequestContext) -> Result<Response, Problem> {
    Version::of(&call.parts.headers)?;
    let page = Page::of(call).await?;
    let models = call.server.models.iter().filter(|_| page.wants_active).map(|profile| &**profile);
    let answer = json_answer(&page.of_models(models.collect()));
    Ok(add_headers(&call.server.ids.next(), answer))
}

/// `GET /v1/models/{model}`.
pub(in crate::api) async fn retrieve(call: &mut RequestContext) -> Result<Response, Problem> {
    Version::of(&call.parts.headers)?;
    let name = call.name().await?;
    let answer = json_answer(&card(&name, profile(&call.server, &name)?));
    Ok(add_headers(&call.server.ids.next(), answer))
}

/// The requested page of models. They are sorted by name, so that every name is a position in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Page {
    after: Option<String>,
    before: Option<String>,
    limit: usize,
    /// There are no deprecated or retired models.
    wants_active: bool,
}

impl Page {
    async fn of(call: &mut RequestContext) -> Result<Self, Problem> {
        let query = call.parts.extract::<Query<Vec<(String, String)>>>().await;
        let Query(pairs) = query.map_err(|error| Problem::invalid(None, error.to_string()))?;
        Self::read(pairs)
    }

    fn read(pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        let (mut after, mut before, mut limit, mut stages) = (None, None, LIMIT_DEFAULT, Vec::new());
        for (key, value) in pairs {
            match &*key {
                "after_id" => after = Some(value),
                "before_id" => before = Some(value),
                "limit" => limit = check_limit(&value)?,
                "lifecycle" | "lifecycle[]" => stages.push(check_stage(value)?),
                // Other parameters of the query are ignored.
                _ => {}
            }
        }
        let wants_active = stages.is_empty() || stages.iter().any(|stage| stage == "active");
        Ok(Self { after, before, limit, wants_active })
    }

    fn of_models(&self, models: Vec<&Profile>) -> Value {
        let is_after = |profile: &&Profile| self.after.as_deref().is_none_or(|after| *profile.name > *after);
        let is_before =
            |profile: &&Profile| self.before.as_deref().is_none_or(|before| *profile.name < *before);
        let mut found: Vec<&Profile> = models.into_iter().filter(is_after).filter(is_before).collect();
        let more = found.len().saturating_sub(self.limit);
        if self.before.is_some() && self.after.is_none() {
            found.drain(..more);
        } else {
            found.truncate(self.limit);
        }
        json!({
            "data": found.iter().map(|profile| card(&profile.name, profile)).collect::<Vec<_>>(),
            "has_more": more > 0,
            "first_id": found.first().map(|profile| &*profile.name),
            "last_id": found.last().map(|profile| &*profile.name),
        })
    }
}

fn check_limit(value: &str) -> Result<usize, Problem> {
    match value.parse::<usize>() {
        Ok(0) => Err(wrong("limit", "Input should be greater than or equal to 1")),
        Ok(limit) if limit > LIMIT_MAX => {
            Err(wrong("limit", &format!("Input should be less than or equal to {LIMIT_MAX}")))
        }
        Ok(limit) => Ok(limit),
        Err(_) => Err(wrong("limit", "Input should be a valid integer")),
    }
}

fn check_stage(value: String) -> Result<String, Problem> {
    match &*value {
        "active" | "deprecated" | "retired" => Ok(value),
        _ => Err(wrong("lifecycle", "Input should be 'active', 'deprecated' or 'retired'")),
    }
}

fn card(name: &str, profile: &Profile) -> Value {
    json!({
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": CREATED_AT,
        "lifecycle": "active",
        "deprecated_at": null,
        "retires_at": null,
        "line": null,
        "max_input_tokens": profile.context,
        "max_tokens": profile.context,
        "capabilities": capabilities(),
    })
}

fn capabilities() -> Value {
    let (yes, no) = (json!({"supported": true}), json!({"supported": false}));
    json!({
        "batch": no,
        "citations": no,
        "code_execution": no,
        "context_management": {
            "supported": false,
            "clear_thinking_20251015": no,
            "clear_tool_uses_20250919": no,
            "compact_20260112": no,
        },
        "effort": {"supported": true, "low": yes, "medium": yes, "high": yes, "xhigh": yes, "max": yes},
        "image_input": yes,
        "pdf_input": yes,
        "server_tools": {"supported": false, "code_execution": no, "web_search": no},
        "structured_outputs": yes,
        "thinking": {
            "supported": true,
            "types": {"adaptive": yes, "between_tools": yes, "disabled": yes, "enabled": yes},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &[(&str, &str)]) -> Result<String, String> {
        let pairs = query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let page = Page::read(pairs.collect()).map_err(|problem| problem.message)?;
        let catalog = weir_model::Catalog::embedded().unwrap();
        let names = ["claude-3-5-haiku", "fast", "gemini-2.0-flash", "gpt-4o-mini", "instant"];
        let profiles = names.iter().filter_map(|name| catalog.get(name)).map(|profile| &**profile);
        let encoded = page.of_models(profiles.collect());
        let ids: Vec<_> =
            encoded["data"].as_array().unwrap().iter().map(|card| card["id"].as_str().unwrap()).collect();
        assert_eq!(encoded["first_id"].as_str(), ids.first().copied());
        assert_eq!(encoded["last_id"].as_str(), ids.last().copied());
        Ok(format!("{} {}", ids.join(" "), encoded["has_more"]))
    }

    #[test]
    fn models_page_with_cursor_begins_after_or_ends_before_it() {
        insta::assert_snapshot!(page(&[]).unwrap(), @"claude-3-5-haiku fast gemini-2.0-flash gpt-4o-mini instant false");
        insta::assert_snapshot!(page(&[("limit", "2")]).unwrap(), @"claude-3-5-haiku fast true");
        insta::assert_snapshot!(page(&[("limit", "2"), ("after_id", "fast")]).unwrap(), @"gemini-2.0-flash gpt-4o-mini true");
        insta::assert_snapshot!(page(&[("limit", "2"), ("before_id", "gpt-4o-mini")]).unwrap(), @"fast gemini-2.0-flash true");
        insta::assert_snapshot!(page(&[("after_id", "zebra")]).unwrap(), @" false");
    }

    #[test]
    fn models_page_limit_outside_1_to_1000_fails() {
        for (limit, message) in [
            ("0", "limit: Input should be greater than or equal to 1"),
            ("1001", "limit: Input should be less than or equal to 1000"),
            ("few", "limit: Input should be a valid integer"),
        ] {
            assert_eq!(page(&[("limit", limit)]), Err(message.to_owned()));
        }
    }

    #[test]
    fn model_card_has_the_providers_members() {
        let catalog = weir_model::Catalog::embedded().unwrap();
        let mut card = card("my-model", catalog.get("fast").unwrap());
        card["capabilities"].take();
        insta::assert_snapshot!(card, @r#"{"capabilities":null,"created_at":"2025-01-01T00:00:00Z","deprecated_at":null,"display_name":"my-model","id":"my-model","lifecycle":"active","line":null,"max_input_tokens":32768,"max_tokens":32768,"retires_at":null,"type":"model"}"#);
    }
}
