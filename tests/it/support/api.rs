//! A client for a running server.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use http::{HeaderValue, Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use weir_pace::{Clock, Sleep, TimerConfig};
use weir_wire::{Client, ClientConfig, Connection, Request, Timeouts, Timer};

use super::Reply;

/// Longer than any response in these tests.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The client's timeouts on Weir's clock.
#[derive(Clone, Debug)]
pub(crate) struct ClockTimer(Clock);

impl Timer for ClockTimer {
    type Sleep = Sleep;

    fn sleep_until(&self, at: Instant) -> Sleep {
        self.0.sleep_until(at)
    }
}

/// A client for a running server.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Clock,
    client: Client<ClockTimer>,
}

impl Api {
    /// On the current runtime.
    pub(crate) fn new(address: SocketAddr) -> Self {
        let clock = Clock::start(TimerConfig::default()).unwrap();
        let timeouts = Timeouts { total: Some(TIMEOUT), ..Timeouts::default() };
        let config = ClientConfig { timeouts, ..ClientConfig::default() };
        let target = format!("http://{address}").parse().unwrap();
        Self { address, client: Client::new(target, config, ClockTimer(clock.clone())).unwrap(), clock }
    }

    /// A new connection, for tests that read a response in pieces.
    pub(crate) fn connection(&self) -> Connection<ClockTimer> {
        self.client.connection()
    }

    /// Sends `request` on a new connection and returns the whole response.
    pub(crate) async fn send(&self, request: &Request) -> Reply {
        let mut connection = self.connection();
        Reply::read(connection.send(request).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(&get(path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(&post(path, body)).await
    }

    /// The value of a field of `/health`.
    pub(crate) async fn health(&self, figure: &str) -> i64 {
        self.get("/health").await.json()[figure].as_i64().unwrap()
    }

    /// Waits until a field of `/health` is `value`.
    pub(crate) async fn until_health(&self, figure: &str, value: i64) {
        let start = Instant::now();
        loop {
            let now = self.health(figure).await;
            if now == value {
                return;
            }
            assert!(start.elapsed() < TIMEOUT, "{figure} stays at {now} instead of {value}");
            self.clock.sleep(Duration::from_millis(10)).await;
        }
    }
}

pub(crate) fn get(path: &str) -> Request {
    Request::new(Method::GET, path.parse().unwrap())
}

pub(crate) fn post(path: &str, body: &Value) -> Request {
    Request::new(Method::POST, path.parse().unwrap())
        .with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .with_body(body.to_string())
}

/// A chat request to `model`, with further `fields`.
pub(crate) fn chat(model: &str, fields: &Value) -> Request {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "Hello there"}]});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    post("/v1/chat/completions", &body)
}
