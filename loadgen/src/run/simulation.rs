//! Runs in simulated time, for tests: the target is a function, and time passes only when everything waits.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use http::header::HeaderValue;
use http::{HeaderMap, HeaderName, StatusCode};
use weir_pace::Clock;
use weir_results::Summary;
use weir_wire::{Chunk, PartialTimestamps, Phase, Request};

use crate::record::{FailureKind, Problem};
use crate::scenario::Scenario;

use super::collector::Collector;
use super::context::WorkerContext;
use super::control::Control;
use super::ending::EndSignal;
use super::exchange::{Connection, Response, Transport};
use super::options::RunOptions;
use super::plan::Plan;
use super::summary::{Locality, RunContext, RunProgress};
use super::worker::work;

/// A run and what its target saw.
#[derive(Debug)]
pub(crate) struct SimulatedRun {
    pub(crate) summary: Summary,
    /// In the order in which they arrived.
    pub(crate) requests: Vec<ReceivedRequest>,
}

/// A request as the simulated target saw it.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) worker: usize,
    /// The number of its connection over all workers, from 0.
    pub(crate) connection: usize,
    /// From the start of the run.
    pub(crate) at: Duration,
    /// The end of its answer; `None` if the client cut it.
    pub(crate) ended: Option<Duration>,
    /// Method and path.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// What the simulated target does with a request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// `None` refuses the connection.
    status: Option<StatusCode>,
    content_type: &'static str,
    headers: HeaderMap,
    trailers: HeaderMap,
    /// The parts of the body, each at its time after the request.
    parts: Vec<(Duration, Bytes)>,
    /// The end of the body, after the request.
    end: Duration,
}

impl Reply {
    /// A whole body with a status, all after `delay`.
    pub(crate) fn status(status: u16, delay: Duration, body: &str) -> Self {
        Self {
            status: Some(StatusCode::from_u16(status).unwrap()),
            content_type: "application/json",
            headers: HeaderMap::new(),
            trailers: HeaderMap::new(),
            parts: vec![(delay, Bytes::copy_from_slice(body.as_bytes()))],
            end: delay,
        }
    }

    /// A JSON body with status 200, all after `delay`.
    pub(crate) fn json(delay: Duration, body: &str) -> Self {
        Self::status(200, delay, body)
    }

    /// A stream of server-sent events, each `gap` after the one before, that ends with the last.
    pub(crate) fn stream(gap: Duration, events: &[&str]) -> Self {
        let parts = (1_u32..).zip(events);
        Self {
            content_type: "text/event-stream",
            parts: parts.map(|(nth, event)| (gap * nth, format!("data: {event}\n\n").into())).collect(),
            end: gap * u32::try_from(events.len()).unwrap(),
            ..Self::json(Duration::ZERO, "")
        }
    }

    /// A stream whose body consists of these parts, each at its time after the request, and ends at `end`.
    pub(crate) fn stream_body(parts: Vec<(Duration, Bytes)>, end: Duration) -> Self {
        Self { content_type: "text/event-stream", parts, end, ..Self::json(Duration::ZERO, "") }
    }

    /// The same reply with a header.
    pub(crate) fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        self
    }

    /// The same reply with trailers.
    pub(crate) fn with_server_timing(mut self, value: &'static str) -> Self {
        self.trailers.insert(HeaderName::from_static("server-timing"), HeaderValue::from_static(value));
        self
    }

    /// The connection is refused, after `delay`.
    pub(crate) fn refused(delay: Duration) -> Self {
        Self { status: None, ..Self::json(delay, "") }
    }
}

/// Runs a scenario in simulated time. `target` answers each request; `on_second` is called after each complete second, at
/// its simulated end.
pub(crate) fn simulate_run(
    scenario: &Scenario,
    options: RunOptions,
    control: &Control,
    target: impl Fn(&ReceivedRequest) -> Reply + 'static,
    on_second: impl FnMut(&RunProgress<'_>),
) -> SimulatedRun {
    let on_second = RefCell::new(on_second);
    weir_pace::simulate(|clock| async move {
        let epoch = clock.now();
        let now = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let workers = options.workers.unwrap_or(NonZeroUsize::MIN);
        let url = scenario.target().unwrap();
        let plan = Arc::new(Plan::new(scenario, url, options, workers, epoch, now).unwrap());
        let signal = EndSignal::new(control);
        let _attached = control.attach(plan.controller.clone());
        let context = RunContext {
            scenario,
            plan: &plan,
            started: String::new(),
            locality: Locality::Remote,
            watcher: None,
            abort: None,
        };
        let collector = RefCell::new(Collector::new(context, signal.clone()));
        let target = SimulatedTarget::new(&clock, target);
        let run_worker = async |index| {
            let worker = WorkerContext::new(Arc::clone(&plan), index, clock.clone(), target.transport(index));
            let collect = |report| collector.borrow_mut().add(&report, &mut *on_second.borrow_mut());
            let last = work(&worker, &signal, |report| {
                collect(report);
                None
            });
            collect(last.await.unwrap());
        };
        join_all((0..workers.get()).map(run_worker)).await;
        let summary = collector.borrow().summary();
        SimulatedRun { summary, requests: target.take_requests() }
    })
}

/// A target that is a function.
pub(crate) struct SimulatedTarget {
    clock: Clock,
    epoch: Instant,
    reply: Box<dyn Fn(&ReceivedRequest) -> Reply>,
    received: RefCell<Vec<ReceivedRequest>>,
    connections: Cell<usize>,
}

impl SimulatedTarget {
    pub(crate) fn new(clock: &Clock, reply: impl Fn(&ReceivedRequest) -> Reply + 'static) -> Rc<Self> {
        Rc::new(Self {
            clock: clock.clone(),
            epoch: clock.now(),
            reply: Box::new(reply),
            received: RefCell::default(),
            connections: Cell::new(0),
        })
    }

    /// The client of a worker.
    pub(crate) fn transport(self: &Rc<Self>, worker: usize) -> SimulatedTransport {
        SimulatedTransport { worker, target: Rc::clone(self) }
    }

    /// Takes the requests received so far.
    pub(crate) fn take_requests(&self) -> Vec<ReceivedRequest> {
        self.received.take()
    }

    fn elapsed(&self) -> Duration {
        self.clock.now() - self.epoch
    }
}

pub(crate) struct SimulatedTransport {
    worker: usize,
    target: Rc<SimulatedTarget>,
}

pub(crate) struct SimulatedConnection {
    worker: usize,
    number: usize,
    target: Rc<SimulatedTarget>,
    progress: Option<PartialTimestamps>,
}

pub(crate) struct SimulatedResponse<'a> {
    connection: &'a mut SimulatedConnection,
    sent: Instant,
    /// Its index among the received requests.
    index: usize,
    status: StatusCode,
    headers: HeaderMap,
    trailers: HeaderMap,
    parts: std::vec::IntoIter<(Duration, Bytes)>,
    end: Duration,
}

impl Transport for SimulatedTransport {
    type Connection = SimulatedConnection;

    fn connection(&self) -> SimulatedConnection {
        let number = self.target.connections.replace(self.target.connections.get() + 1);
        SimulatedConnection { worker: self.worker, number, target: Rc::clone(&self.target), progress: None }
    }
}

impl Connection for SimulatedConnection {
    type Response<'a> = SimulatedResponse<'a>;

    async fn send(&mut self, request: &Request) -> Result<SimulatedResponse<'_>, Problem> {
        let target = Rc::clone(&self.target);
        let received = ReceivedRequest {
            worker: self.worker,
            connection: self.number,
            at: target.elapsed(),
            ended: None,
            line: format!("{} {}", request.method, request.path_and_query),
            headers: request.headers.clone(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
        };
        let reply = (target.reply)(&received);
        let index = target.received.borrow().len();
        target.received.borrow_mut().push(received);
        let sent = target.clock.now();
        let started = PartialTimestamps {
            started: sent,
            connected: None,
            sent: None,
            last_sent: None,
            resent: false,
            first_byte: None,
            headers: None,
            end: None,
        };
        self.progress = Some(started);
        let Some(status) = reply.status else {
            target.clock.sleep(reply.end).await;
            let end = Some(target.clock.now());
            self.progress = Some(PartialTimestamps { end, ..started });
            return Err(Problem::new(FailureKind::Connect, "refused"));
        };
        let first = reply.parts.first().map_or(reply.end, |(at, _)| *at);
        target.clock.sleep_until(sent + first).await;
        let head_at = Some(target.clock.now());
        self.progress = Some(PartialTimestamps {
            sent: Some(sent),
            last_sent: Some(sent),
            first_byte: head_at,
            headers: head_at,
            ..started
        });
        let mut headers = reply.headers;
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
        Ok(SimulatedResponse {
            sent,
            index,
            status,
            headers,
            trailers: reply.trailers,
            parts: reply.parts.into_iter(),
            end: reply.end,
            connection: self,
        })
    }

    fn progress(&self) -> Option<PartialTimestamps> {
        self.progress
    }
}

impl Response for SimulatedResponse<'_> {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    fn take_headers(&mut self) -> HeaderMap {
        std::mem::take(&mut self.headers)
    }

    fn content_encoding(&self) -> Option<&HeaderValue> {
        None
    }

    fn trailers(&self) -> Option<&HeaderMap> {
        Some(&self.trailers)
    }

    async fn chunk(&mut self) -> Result<Option<Chunk>, Problem> {
        let target = &self.connection.target;
        if let Some((at, bytes)) = self.parts.next() {
            target.clock.sleep_until(self.sent + at).await;
            return Ok(Some(Chunk { bytes, at: target.clock.now() }));
        }
        target.clock.sleep_until(self.sent + self.end).await;
        self.complete();
        Ok(None)
    }

    async fn drain(&mut self, within: Duration) -> Result<(), Problem> {
        let clock = &self.connection.target.clock;
        let until = clock.now() + within;
        if self.sent + self.end > until {
            clock.sleep_until(until).await;
            let now = clock.now();
            if let Some(progress) = &mut self.connection.progress {
                progress.end = Some(now);
            }
            return Err(Problem::new(FailureKind::Timeout(Phase::Idle), "the body did not end"));
        }
        clock.sleep_until(self.sent + self.end).await;
        self.complete();
        Ok(())
    }
}

impl SimulatedResponse<'_> {
    /// Notes the end of the answer.
    fn complete(&mut self) {
        let target = &self.connection.target;
        if let Some(request) = target.received.borrow_mut().get_mut(self.index) {
            request.ended = Some(target.elapsed());
        }
        if let Some(progress) = &mut self.connection.progress {
            progress.end = Some(target.clock.now());
        }
    }
}
