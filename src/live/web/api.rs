//! The API of the page.

use std::{convert::Infallible, fmt, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
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
use tokio::sync::watch;
use weir_loadgen::Overrides;

use super::{
    files,
    guard::{self, Guard},
    session_handle::{CommandError, SessionHandle},
};
use crate::load::per_second;

/// Maximum body size; commands have a few hundred bytes.
const BODY_BYTES: usize = 16 << 10;

/// The newest streams of events go on; older ones end. So connections are left for commands, whatever clients do. A browser
/// opens a stream that has ended again.
const EVENT_STREAMS_MAX: u64 = 32;

/// The number of streams of events that were opened.
#[derive(Clone, Debug)]
struct EventStreams(Arc<watch::Sender<u64>>);

/// The interval of keep-alive comments, so that proxies keep a silent stream open and closed browsers are detected.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The settings of a run, like the flags of the same names; missing ones are those of the scenario.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StartBody {
    users: Option<u64>,
    spawn_rate: Option<String>,
    rate: Option<String>,
    run_time: Option<String>,
    url: Option<String>,
}

/// The target number of users, reached at the given rate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsersBody {
    users: u64,
    #[serde(default)]
    spawn_rate: Option<String>,
}

/// The body of a command without settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmptyBody {}

pub(super) fn router(handle: SessionHandle, guard: Guard) -> Router {
    Router::new()
        .route("/api/state", get(state))
        .route("/api/events", get(events))
        .route("/api/start", post(start))
        .route("/api/stop", post(stop))
        .route("/api/users", post(users))
        .route("/report/{name}", get(files::of_report))
        .fallback(files::of_page)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn_with_state(guard, guard::check_access))
        .layer(Extension(EventStreams(Arc::new(watch::Sender::new(0)))))
        .with_state(handle)
}

async fn state(State(handle): State<SessionHandle>) -> Response {
    let state = handle.subscribe().borrow().clone();
    ([(header::CONTENT_TYPE, "application/json")], state).into_response()
}

/// Streams the state now, and whenever it changes.
async fn events(
    State(handle): State<SessionHandle>,
    Extension(EventStreams(opened)): Extension<EventStreams>,
) -> Response {
    opened.send_modify(|count| *count += 1);
    let mut newest = opened.subscribe();
    let is_old = newest.borrow_and_update().saturating_add(EVENT_STREAMS_MAX);
    let mut first = handle.subscribe();
    first.mark_changed();
    let states = stream::unfold((first, newest, is_old), async |(mut changes, mut newest, is_old)| {
        tokio::select! {
            _ = newest.wait_for(|count| *count >= is_old) => return None,
            changed = changes.changed() => changed.ok()?,
        }
        let state = changes.borrow_and_update().clone();
        // The state is JSON on one line.
        let event = Event::default().data(String::from_utf8_lossy(&state));
        Some((Ok::<_, Infallible>(event), (changes, newest, is_old)))
    });
    let events = Sse::new(states).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // Its connection is free as soon as the stream ends.
    ([(header::CONNECTION, "close")], events).into_response()
}

async fn start(State(handle): State<SessionHandle>, body: Bytes) -> Response {
    done(read(&body).and_then(|start: StartBody| handle.start(&start.changes()?)))
}

async fn stop(State(handle): State<SessionHandle>, body: Bytes) -> Response {
    done(read(&body).and_then(|EmptyBody {}| handle.stop()))
}

async fn users(State(handle): State<SessionHandle>, body: Bytes) -> Response {
    done(read(&body).and_then(|UsersBody { users, spawn_rate }| {
        let spawn_rate = parsed("spawn_rate", spawn_rate.as_deref(), per_second)?;
        handle.set_users(users, spawn_rate)
    }))
}

impl StartBody {
    fn changes(&self) -> Result<Overrides, CommandError> {
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
) -> Result<Option<T>, CommandError> {
    text.map(parse).transpose().map_err(|error| CommandError::Invalid(format!("{key}: {error}")))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, CommandError> {
    serde_json::from_slice(body).map_err(|error| CommandError::Invalid(format!("the body: {error}")))
}

fn done(outcome: Result<(), CommandError>) -> Response {
    match outcome {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal @ (CommandError::Busy | CommandError::Idle)) => {
            error_response(StatusCode::CONFLICT, &refusal)
        }
        Err(refusal @ CommandError::Invalid(_)) => error_response(StatusCode::UNPROCESSABLE_ENTITY, &refusal),
    }
}

/// Returns an error response.
pub(super) fn error_response(status: StatusCode, why: &dyn fmt::Display) -> Response {
    let body = serde_json::json!({ "error": why.to_string() }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
