//! What can be asked.

use std::{convert::Infallible, fmt, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    middleware,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use futures_util::stream;
use serde::{Deserialize, de::DeserializeOwned};
use weir_loadgen::Overrides;

use super::{
    desk::{Desk, Refusal},
    files,
    guard::{self, Guard},
};
use crate::load::per_second;

/// Orders are a few hundred bytes.
const BODY_BYTES: usize = 16 << 10;

/// A comment this often keeps proxies from closing a silent stream, and finds browsers that are gone.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a run is to be, as the flags of the same names say it; what is not given stays as the scenario has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Start {
    users: Option<u64>,
    spawn_rate: Option<String>,
    rate: Option<String>,
    run_time: Option<String>,
    url: Option<String>,
}

/// How many users there are to be, reached at the given rate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Users {
    users: u64,
    #[serde(default)]
    spawn_rate: Option<String>,
}

/// An order that has no settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) fn router(desk: Desk, guard: Guard) -> Router {
    Router::new()
        .route("/api/state", get(state))
        .route("/api/events", get(events))
        .route("/api/start", post(start))
        .route("/api/stop", post(stop))
        .route("/api/users", post(users))
        .route("/report/{name}", get(files::of_report))
        .fallback(files::of_page)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn_with_state(guard, guard::stand))
        .with_state(desk)
}

async fn state(State(desk): State<Desk>) -> Response {
    let state = desk.subscribe().borrow().clone();
    ([(header::CONTENT_TYPE, "application/json")], state).into_response()
}

/// The state now, and whenever it changes.
async fn events(State(desk): State<Desk>) -> Response {
    let mut first = desk.subscribe();
    first.mark_changed();
    let states = stream::unfold(first, async |mut changes| {
        changes.changed().await.ok()?;
        let state = changes.borrow_and_update().clone();
        // It is JSON on one line.
        let event = Event::default().data(String::from_utf8_lossy(&state));
        Some((Ok::<_, Infallible>(event), changes))
    });
    Sse::new(states).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

async fn start(State(desk): State<Desk>, body: Bytes) -> Response {
    done(read(&body).and_then(|start: Start| desk.start(&start.changes()?)))
}

async fn stop(State(desk): State<Desk>, body: Bytes) -> Response {
    done(read(&body).and_then(|Nothing {}| desk.stop()))
}

async fn users(State(desk): State<Desk>, body: Bytes) -> Response {
    done(read(&body).and_then(|Users { users, spawn_rate }| {
        let spawn_rate = parsed("spawn_rate", spawn_rate.as_deref(), per_second)?;
        desk.set_users(users, spawn_rate)
    }))
}

impl Start {
    fn changes(&self) -> Result<Overrides, Refusal> {
        Ok(Overrides {
            url: self.url.clone(),
            users: self.users,
            spawn_rate: parsed("spawn_rate", self.spawn_rate.as_deref(), per_second)?,
            rate: parsed("rate", self.rate.as_deref(), per_second)?,
            run_time: parsed("run_time", self.run_time.as_deref(), weir_pace::parse_cli_duration)?,
            ..Overrides::default()
        })
    }
}

fn parsed<T, E: fmt::Display>(
    key: &str,
    text: Option<&str>,
    parse: fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Refusal> {
    text.map(parse).transpose().map_err(|error| Refusal::Unfit(format!("{key}: {error}")))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Unfit(format!("the body: {error}")))
}

fn done(outcome: Result<(), Refusal>) -> Response {
    match outcome {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal @ (Refusal::Busy | Refusal::Idle)) => refused(StatusCode::CONFLICT, &refusal),
        Err(refusal @ Refusal::Unfit(_)) => refused(StatusCode::UNPROCESSABLE_ENTITY, &refusal),
    }
}

/// Why something is not answered, for people and programs.
pub(super) fn refused(status: StatusCode, why: &dyn fmt::Display) -> Response {
    let body = serde_json::json!({ "error": why.to_string() }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
