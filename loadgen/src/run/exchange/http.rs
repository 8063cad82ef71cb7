//! Real requests over HTTP.

use std::time::Duration;

use http::header::HeaderValue;
use http::{HeaderMap, StatusCode};
use weir_pace::Clock;
use weir_wire::{Chunk, Client, ClientConfig, PartialTimestamps, Request, SetupError, Target};

use crate::clock_timer::ClockTimer;
use crate::record::Problem;

use super::transport::{Connection, Response, Transport};

/// A real HTTP client.
pub(crate) struct HttpTransport(Client<ClockTimer>);

impl HttpTransport {
    /// # Errors
    /// Fails if the client cannot be set up.
    pub(crate) fn new(target: &Target, config: &ClientConfig, clock: &Clock) -> Result<Self, SetupError> {
        Client::new(target.clone(), config.clone(), ClockTimer(clock.clone())).map(Self)
    }
}

impl Transport for HttpTransport {
    type Connection = weir_wire::Connection<ClockTimer>;

    fn connection(&self) -> Self::Connection {
        self.0.connection()
    }
}

impl Connection for weir_wire::Connection<ClockTimer> {
    type Response<'a> = weir_wire::Response<'a, ClockTimer>;

    async fn send(&mut self, request: &Request) -> Result<Self::Response<'_>, Problem> {
        Ok(weir_wire::Connection::send(self, request).await?)
    }

    fn progress(&self) -> Option<PartialTimestamps> {
        weir_wire::Connection::progress(self)
    }
}

impl Response for weir_wire::Response<'_, ClockTimer> {
    fn status(&self) -> StatusCode {
        weir_wire::Response::status(self)
    }

    fn headers(&self) -> &HeaderMap {
        weir_wire::Response::headers(self)
    }

    fn take_headers(&mut self) -> HeaderMap {
        weir_wire::Response::take_headers(self)
    }

    fn content_encoding(&self) -> Option<&HeaderValue> {
        weir_wire::Response::content_encoding(self)
    }

    fn trailers(&self) -> Option<&HeaderMap> {
        weir_wire::Response::trailers(self)
    }

    async fn chunk(&mut self) -> Result<Option<Chunk>, Problem> {
        Ok(weir_wire::Response::chunk(self).await?)
    }

    async fn drain(&mut self, within: Duration) -> Result<(), Problem> {
        Ok(weir_wire::Response::drain(self, within).await?)
    }
}
