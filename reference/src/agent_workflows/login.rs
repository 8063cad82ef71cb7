//! `POST /api/v1/auth/token`.

use std::{
    borrow::Cow,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::state::AgentWorkflows;
use crate::fields::fault;
use weir_server::{Problem, ProblemKind, RequestContext, json, json_answer};

/// Maximum bytes of a user's name, which is part of each token and so of each request's head.
const USERNAME_BYTES_MAX: usize = 256;

#[derive(Deserialize)]
#[serde(expecting = "a username and a password, a JSON object")]
struct RawRequest<'a> {
    #[serde(borrow)]
    username: Cow<'a, str>,
    #[serde(borrow)]
    password: Cow<'a, str>,
}

/// Returns a token for a user's name and password.
pub(super) async fn login(system: &AgentWorkflows, call: &mut RequestContext) -> Result<Response, Problem> {
    let body = call.body().await?;
    let RawRequest { username, password } = json::read_with_place(&body)?;
    if username.len() > USERNAME_BYTES_MAX {
        let message = format!("has {} bytes: {USERNAME_BYTES_MAX} at the most", username.len());
        return Err(fault("username", &message));
    }
    let passwords = &system.settings.passwords;
    let known = passwords.get(&*username).is_some_and(|right| right.reveal() == password);
    if !passwords.is_empty() && !known {
        // The response does not reveal which of the two is wrong.
        return Err(Problem::new(ProblemKind::InvalidKey, "wrong username or password".to_owned()));
    }
    let tokens = &system.tokens;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let token = tokens.issue(&username, now).map_err(|error| {
        Problem::new(ProblemKind::ServerError, format!("the token could not be signed: {error}"))
    })?;
    Ok(json_answer(&json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": tokens.lifetime().as_secs(),
    })))
}
