//! `POST /v1/moderations`: scores of harmful content, by words that occur in it.

use std::{borrow::Cow, collections::HashSet, sync::Arc, time::Duration};

use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};
use twox_hash::XxHash3_64;
use weir_model::{Content, Reply};
use weir_pace::Seed;

use super::{bounds::not_empty, headers::add_headers};
use crate::{
    api::generation::{self, Generation},
    request::{
        Incoming, Problem, RequestContext,
        json::{self, List, Object, Str},
    },
};

/// The model of requests without one.
const MODEL: &str = "omni-moderation-latest";
/// Maximum texts or parts of one request.
const INPUTS_MAX: usize = 2_048;
/// A content with a higher score is flagged.
const FLAGGED: f64 = 0.5;
/// The work of reading a byte, and of scoring an input, in units of some nanoseconds.
const WORK_PER_BYTE: u64 = 4;
const WORK_PER_INPUT: u64 = 200;

/// A category of harmful content.
struct Category {
    name: &'static str,
    /// Whether images are scored, too.
    scores_images: bool,
    /// Words that raise its score.
    words: &'static [&'static str],
}

const CATEGORIES: [Category; 13] = [
    category("harassment", false, &["idiot", "idiots", "stupid", "loser", "pathetic", "moron"]),
    category("harassment/threatening", false, &["threaten", "threat"]),
    category("hate", false, &["vermin", "subhuman", "bigot"]),
    category("hate/threatening", false, &["exterminate", "genocide"]),
    category("illicit", false, &["shoplift", "counterfeit", "launder", "cocaine", "heroin", "meth"]),
    category("illicit/violent", false, &["bomb", "bombs", "explosive", "explosives", "grenade"]),
    category("self-harm", true, &["suicide", "suicidal", "selfharm"]),
    category("self-harm/instructions", true, &["overdose"]),
    category("self-harm/intent", true, &["suicidal"]),
    category("sexual", true, &["porn", "pornographic", "nude", "erotic"]),
    category("sexual/minors", false, &[]),
    category(
        "violence",
        true,
        &["kill", "killed", "murder", "stab", "shoot", "attack", "bomb", "exterminate"],
    ),
    category("violence/graphic", true, &["gore", "gory", "mutilate", "dismember", "bloody"]),
];

const fn category(name: &'static str, scores_images: bool, words: &'static [&'static str]) -> Category {
    Category { name, scores_images, words }
}

#[derive(Deserialize)]
struct RawModeration<'a> {
    #[serde(borrow)]
    input: &'a RawValue,
    #[serde(borrow)]
    model: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum RawPart {
    Text { text: String },
    ImageUrl { image_url: RawImage },
}

#[derive(Deserialize)]
struct RawImage {
    url: String,
}

/// What is scored together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Input<'a> {
    texts: Vec<Cow<'a, str>>,
    images: Vec<String>,
}

/// Scores each text, or all parts together.
pub(super) async fn moderations(call: &mut RequestContext) -> Result<Response, Problem> {
    let (generation, body) = call.read(|incoming| begin(&incoming)).await?;
    let response = generation.plain(call, body).await;
    Ok(add_headers(call, &call.server.ids.next(), response))
}

fn begin(incoming: &Incoming<'_>) -> Result<(Generation, Bytes), Problem> {
    let Incoming { server, body, limit, .. } = *incoming;
    let raw: RawModeration<'_> = json::read(body)?;
    let inputs = inputs(raw.input)?;
    let bytes = CATEGORIES.len() * 128 * inputs.len();
    let work = WORK_PER_BYTE * body.len() as u64 + WORK_PER_INPUT * inputs.len() as u64;
    limit.check(work, bytes as u64)?;
    // It takes as long as the first token of the default model, without any tokens.
    let profile = Arc::clone(generation::profile(server, None)?);
    let reply = Reply { content: Content::new(Vec::new()), delay: Duration::ZERO };
    let generation = Generation::admit(incoming, &profile, 0, XxHash3_64::oneshot(body), reply, None)?;
    let seed = server.config.seed.named("moderation");
    let results: Vec<Value> = inputs.iter().map(|input| result(seed, input)).collect();
    let answer = json!({
        "id": format!("modr-{}", server.ids.next()),
        "model": raw.model.as_deref().unwrap_or(MODEL),
        "results": results,
    });
    Ok((generation, answer.to_string().into()))
}

/// Returns the inputs, each of which has a result: a text, each text of a list, or all parts of a list.
fn inputs(raw: &RawValue) -> Result<Vec<Input<'_>>, Problem> {
    let of_text = |Str(text): Str<'_>| Input { texts: vec![text.into_owned().into()], images: Vec::new() };
    let text = raw.get();
    if text.starts_with('"') {
        return json::read_part("input", raw).map(|text| vec![of_text(text)]);
    }
    if !text.starts_with('[') {
        return Err(json::mistyped_value(
            "input",
            "one of a string, array of strings, or array of objects",
            raw,
        ));
    }
    let List::<&RawValue, INPUTS_MAX>(elements) = json::read_part("input", raw)?;
    not_empty("input", &elements)?;
    let is_of_parts = elements.iter().all(|element| element.get().starts_with('{'));
    let path = |index: usize| format!("input[{index}]");
    if !is_of_parts {
        let texts = elements.iter().enumerate();
        return texts.map(|(index, raw)| json::read_part(&path(index), raw).map(of_text)).collect();
    }
    let mut input = Input::default();
    for (index, raw) in elements.iter().enumerate() {
        let Object(part) = json::read_part(&path(index), raw)?;
        match part {
            RawPart::Text { text } => input.texts.push(text.into()),
            RawPart::ImageUrl { image_url } => input.images.push(image_url.url),
        }
    }
    Ok(vec![input])
}

fn result(seed: Seed, input: &Input<'_>) -> Value {
    let texts = input.texts.iter();
    let words: HashSet<String> = texts
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| (3..16).contains(&word.len()))
        .map(str::to_lowercase)
        .collect();
    let seed = input.texts.iter().fold(seed, |seed, text| seed.named(text));
    let seed = input.images.iter().fold(seed, |seed, url| seed.named(url));
    let (mut categories, mut scores, mut applied) = (Map::new(), Map::new(), Map::new());
    for category in &CATEGORIES {
        let unit = seed.named(category.name).unit();
        let is_named = category.words.iter().any(|word| words.contains(*word));
        // Of harmless contents, scores are about 1e-6 to 1e-3.
        let score = if is_named { 0.6 + 0.39 * unit } else { 10_f64.powf(-6.0 + 3.0 * unit) };
        let score = (score * 1e8).round() / 1e8;
        categories.insert(category.name.to_owned(), (score > FLAGGED).into());
        scores.insert(category.name.to_owned(), score.into());
        let kinds = [
            (!input.texts.is_empty()).then_some("text"),
            (!input.images.is_empty() && category.scores_images).then_some("image"),
        ];
        applied.insert(category.name.to_owned(), kinds.into_iter().flatten().collect());
    }
    let flagged = categories.values().any(|value| *value == Value::Bool(true));
    json!({
        "flagged": flagged,
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": applied,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(input: &str) -> Result<Vec<Value>, String> {
        let raw: &RawValue = serde_json::from_str(input).unwrap();
        let inputs = inputs(raw).map_err(|problem| problem.message)?;
        Ok(inputs.iter().map(|input| result(Seed::new(1), input)).collect())
    }

    #[test]
    fn result_flags_by_words_and_is_deterministic() {
        let [calm, harmful] = &results(r#"["What a fine day", "I will KILL you, idiot!"]"#).unwrap()[..]
        else {
            panic!("expected two results")
        };
        assert_eq!((&calm["flagged"], &harmful["flagged"]), (&json!(false), &json!(true)));
        assert_eq!(calm["categories"].as_object().unwrap().len(), 13);
        let is = |category: &str| harmful["categories"][category] == json!(true);
        assert!(is("violence") && is("harassment") && !is("hate") && !is("sexual/minors"));
        assert!(harmful["category_scores"]["violence"].as_f64().unwrap() > 0.5);
        assert_eq!(results(r#""What a fine day""#).unwrap()[0], *calm);
    }

    #[test]
    fn inputs_of_parts_have_one_result_with_input_types() {
        let parts = r#"[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:,"}}]"#;
        let results = results(parts).unwrap();
        assert_eq!(results.len(), 1);
        let applied = &results[0]["category_applied_input_types"];
        assert_eq!((&applied["violence"], &applied["hate"]), (&json!(["text", "image"]), &json!(["text"])));
    }

    #[test]
    fn inputs_of_other_types_fail() {
        let fault = |input| results(input).unwrap_err();
        insta::assert_snapshot!(fault("5"), @"Invalid type for 'input': expected one of a string, array of strings, or array of objects, but got an integer instead.");
        insta::assert_snapshot!(fault("[]"), @"Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.");
        assert!(results(r#"["a", 5]"#).is_err() && results(r#"[{"type":"audio"}]"#).is_err());
    }
}
