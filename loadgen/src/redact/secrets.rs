//! The secrets of a request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::Value;
use weir_wire::Request;

use super::named::{is_secret_name, secret_query_values};

/// A larger body is not searched for secrets.
const BODY_BYTES_MAX: usize = 64 << 10;

/// Returns the values of secret headers, of secret query keys and of secret members of a JSON body.
pub(crate) fn secrets_of_request(request: &Request) -> Vec<String> {
    let mut secrets = secrets_of_headers(&request.headers);
    secrets.extend(secret_query_values(request.path_and_query.as_str()));
    if request.body.len() <= BODY_BYTES_MAX
        && let Ok(document) = serde_json::from_slice(&request.body)
    {
        add_members(&document, false, &mut secrets);
    }
    secrets
}

/// Returns the credentials in the values of secret headers.
pub(crate) fn secrets_of_headers(headers: &HeaderMap) -> Vec<String> {
    let mut secrets = Vec::new();
    for (name, value) in headers {
        if value.is_sensitive() || is_secret_name(name.as_str()) {
            add_credentials(&String::from_utf8_lossy(value.as_bytes()), &mut secrets);
        }
    }
    secrets
}

/// Adds the credentials of a value: all of it, or `KEY` of `Bearer KEY` and `name=KEY; other=KEY`.
fn add_credentials(value: &str, secrets: &mut Vec<String>) {
    let (scheme, credentials) = value.trim().split_once(' ').unwrap_or(("", value.trim()));
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("basic")
        && let Some(user_and_password) =
            STANDARD.decode(credentials).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    {
        secrets.extend(user_and_password.split_once(':').map(|(_, password)| password.to_owned()));
        secrets.push(user_and_password);
    }
    let parts = value.split([';', ',']).filter_map(|part| part.split_once('='));
    secrets.extend(parts.map(|(_, part)| part.trim().trim_matches('"').to_owned()));
    secrets.push(credentials.to_owned());
}

fn add_members(value: &Value, is_secret: bool, secrets: &mut Vec<String>) {
    match value {
        Value::String(text) if is_secret => secrets.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| add_members(item, is_secret, secrets)),
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| add_members(member, is_secret_name(name), secrets));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
