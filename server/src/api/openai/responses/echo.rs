//! The fields of an answer that repeat its request.

use std::fmt::Write as _;

use bytes::{Bytes, BytesMut};
use serde_json::value::RawValue;

use super::{
    request::{
        CacheRetention, FormatKind, RawFormat, RawRequest, ServiceTier, Summary, Truncation, Verbosity,
    },
    tools::write_tool,
    write::{write_compact, write_nullable},
};
use crate::request::{
    Problem,
    json::{write_number, write_string},
};

/// Writes all fields from the request, from the inside of the object to its end.
pub(super) fn echo(request: &RawRequest<'_>, model: &str) -> Result<Bytes, Problem> {
    let mut out = BytesMut::with_capacity(640);
    field(&mut out, "model");
    write_string(&mut out, model);
    field(&mut out, "background");
    write_bool(&mut out, request.background.unwrap_or(false));
    field(&mut out, "conversation");
    match request.conversation_id()? {
        Some(id) => {
            out.extend_from_slice(b"{\"id\":");
            write_string(&mut out, &id);
            out.extend_from_slice(b"}");
        }
        None => out.extend_from_slice(b"null"),
    }
    text_field(&mut out, "instructions", request.instructions.as_deref());
    number_field(&mut out, "max_output_tokens", request.max_output_tokens);
    number_field(&mut out, "max_tool_calls", request.max_tool_calls);
    write_metadata(&mut out, request);
    field(&mut out, "parallel_tool_calls");
    write_bool(&mut out, request.parallel_tool_calls.unwrap_or(true));
    text_field(&mut out, "previous_response_id", request.previous_response_id.as_deref());
    field(&mut out, "prompt");
    write_compact(&mut out, request.prompt.map_or("null", RawValue::get));
    text_field(&mut out, "prompt_cache_key", request.prompt_cache_key.as_deref());
    text_field(&mut out, "prompt_cache_retention", request.prompt_cache_retention.map(cache_retention));
    write_reasoning(&mut out, request);
    text_field(&mut out, "safety_identifier", request.safety_identifier.as_deref());
    text_field(&mut out, "service_tier", Some(service_tier(request.service_tier)));
    field(&mut out, "store");
    write_bool(&mut out, request.store.unwrap_or(true));
    decimal_field(&mut out, "temperature", request.temperature);
    write_text_settings(&mut out, request);
    field(&mut out, "tool_choice");
    write_compact(&mut out, request.tool_choice.map_or("\"auto\"", RawValue::get));
    field(&mut out, "tools");
    out.extend_from_slice(b"[");
    for (index, tool) in request.tools().iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b",");
        }
        write_tool(&mut out, tool);
    }
    out.extend_from_slice(b"]");
    number_field(&mut out, "top_logprobs", Some(request.top_logprobs.unwrap_or(0)));
    decimal_field(&mut out, "top_p", request.top_p);
    let truncation = match request.truncation {
        Some(Truncation::Auto) => "auto",
        Some(Truncation::Disabled) | None => "disabled",
    };
    text_field(&mut out, "truncation", Some(truncation));
    text_field(&mut out, "user", request.user.as_deref());
    out.extend_from_slice(b"}");
    Ok(out.freeze())
}

fn field(out: &mut BytesMut, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn text_field(out: &mut BytesMut, name: &str, text: Option<&str>) {
    field(out, name);
    write_nullable(out, text);
}

fn number_field(out: &mut BytesMut, name: &str, number: Option<u32>) {
    field(out, name);
    match number {
        Some(number) => write_number(out, number.into()),
        None => out.extend_from_slice(b"null"),
    }
}

/// The default of both sampling settings is 1.
fn decimal_field(out: &mut BytesMut, name: &str, number: Option<f64>) {
    field(out, name);
    // Writing to a buffer cannot fail, and what was checked is finite.
    let _ = write!(out, "{:?}", number.unwrap_or(1.0));
}

fn write_bool(out: &mut BytesMut, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

fn write_metadata(out: &mut BytesMut, request: &RawRequest<'_>) {
    field(out, "metadata");
    out.extend_from_slice(b"{");
    for (index, (key, value)) in request.metadata.iter().flatten().enumerate() {
        if index > 0 {
            out.extend_from_slice(b",");
        }
        write_string(out, key);
        out.extend_from_slice(b":");
        write_string(out, value);
    }
    out.extend_from_slice(b"}");
}

fn write_reasoning(out: &mut BytesMut, request: &RawRequest<'_>) {
    field(out, "reasoning");
    out.extend_from_slice(b"{\"effort\":");
    write_nullable(out, request.effort().map(|effort| effort.to_string()).as_deref());
    out.extend_from_slice(b",\"summary\":");
    write_nullable(out, request.summary().map(summary));
    out.extend_from_slice(b"}");
}

fn write_text_settings(out: &mut BytesMut, request: &RawRequest<'_>) {
    field(out, "text");
    out.extend_from_slice(b"{\"format\":");
    let text = request.text.as_deref();
    match text.and_then(|text| text.format.as_deref()) {
        None | Some(RawFormat { kind: FormatKind::Text, .. }) => {
            out.extend_from_slice(b"{\"type\":\"text\"}");
        }
        Some(RawFormat { kind: FormatKind::JsonObject, .. }) => {
            out.extend_from_slice(b"{\"type\":\"json_object\"}");
        }
        Some(RawFormat { kind: FormatKind::JsonSchema, name, description, schema, strict }) => {
            out.extend_from_slice(b"{\"type\":\"json_schema\",\"name\":");
            write_nullable(out, name.as_deref());
            out.extend_from_slice(b",\"description\":");
            write_nullable(out, description.as_deref());
            out.extend_from_slice(b",\"schema\":");
            write_compact(out, schema.map_or("{}", RawValue::get));
            out.extend_from_slice(b",\"strict\":");
            write_bool(out, strict.unwrap_or(false));
            out.extend_from_slice(b"}");
        }
    }
    let verbosity = match text.and_then(|text| text.verbosity) {
        Some(Verbosity::Low) => "low",
        Some(Verbosity::Medium) | None => "medium",
        Some(Verbosity::High) => "high",
    };
    text_field(out, "verbosity", Some(verbosity));
    out.extend_from_slice(b"}");
}

const fn cache_retention(retention: CacheRetention) -> &'static str {
    match retention {
        CacheRetention::InMemory => "in_memory",
        CacheRetention::Day => "24h",
    }
}

/// The tier of a request; the default one unless it chose one.
const fn service_tier(tier: Option<ServiceTier>) -> &'static str {
    match tier {
        None | Some(ServiceTier::Auto | ServiceTier::Default) => "default",
        Some(ServiceTier::Flex) => "flex",
        Some(ServiceTier::Scale) => "scale",
        Some(ServiceTier::Priority | ServiceTier::Fast) => "priority",
        Some(ServiceTier::Ultrafast) => "ultrafast",
    }
}

const fn summary(summary: Summary) -> &'static str {
    match summary {
        Summary::Auto => "auto",
        Summary::Concise => "concise",
        Summary::Detailed => "detailed",
    }
}
