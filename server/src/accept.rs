//! The accept loop: `TCP_NODELAY`, a limit on connections, a timeout for request heads, and a shutdown that
//! lets open responses finish.

use std::{
    convert::Infallible,
    fmt,
    future::{pending, poll_fn},
    io,
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinHandle,
};
use tower_service::Service as _;
use weir_pace::{Clock, TimerConfig};

use crate::{
    app::{Backends, router},
    config::Config,
    connection::{Arrival, HyperTimer, RequestBody, StampedStream, WriteLog},
    context::ServerContext,
    error::StartError,
    faults::{Faults, REFUSE, Refusals},
    telemetry::Metrics,
};

/// Delay before accepting again when the process has no free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The longest queue of new connections; systems shorten it to their own limit (`net.core.somaxconn` on Linux).
const BACKLOG: u32 = 65_535;

/// The largest request head, and what is written at most to a client that does not read, in bytes.
const BUFFER_BYTES: usize = 40 << 10;

/// The models and chains that a server offers.
#[derive(Clone, Debug)]
pub struct Services {
    /// The models.
    pub models: weir_model::Catalog,
    /// The chains.
    pub chains: weir_chains::Catalog,
    /// The backends besides the LLM APIs.
    pub backends: Backends,
}

/// The phase of the server, which connections watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    /// Finish open responses, then close.
    Draining,
    /// Close now.
    Cut,
}

/// A running server. It stops at once when it is dropped; see [`Server::shutdown`].
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    phase: watch::Sender<Phase>,
    accepting: JoinHandle<()>,
    /// Closes when the accept loop and every connection have dropped the sender.
    open: mpsc::Receiver<Infallible>,
    drain: Duration,
    clock: Clock,
}

impl Server {
    /// Binds and starts to serve, on the current runtime.
    ///
    /// # Errors
    /// Fails if the address cannot be listened on, or if the settings do not fit the services.
    pub async fn bind(config: Config, services: Services) -> Result<Self, StartError> {
        let (address, drain) = (config.bind, config.drain);
        let clock = Clock::start(TimerConfig::default())?;
        let limits = Limits {
            idle: config.idle_timeout,
            body: config.body_timeout,
            write: config.write_timeout,
            connections: config.connections_max,
        };
        let server = ServerContext::new(config, services.models, services.chains, clock.clone())?;
        let faults = Arc::new(Faults::new(&server)?);
        let router = router(&server, &faults, &services.backends)?;
        let listen = |source| StartError::Listen { address, source };
        let listener = listen_on(address).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (phase, watch) = watch::channel(Phase::Serving);
        let (holder, open) = mpsc::channel(1);
        let acceptor = Acceptor { router, clock: clock.clone(), limits, phase: watch, open: holder };
        let refused = RefusedWindows::new(&faults, &server);
        let accepting = tokio::spawn(acceptor.run(listener, address, refused));
        Ok(Self { address, phase, accepting, open, drain, clock })
    }

    /// Checks that a server could start with these settings and services, without listening.
    ///
    /// # Errors
    /// Fails if the settings do not fit the services.
    pub async fn check(config: Config, services: Services) -> Result<(), StartError> {
        let clock = Clock::start(TimerConfig::default())?;
        let server = ServerContext::new(config, services.models, services.chains, clock)?;
        let faults = Arc::new(Faults::new(&server)?);
        router(&server, &faults, &services.backends).map(drop)
    }

    /// The local address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, lets open responses end within the grace period, then aborts them.
    pub async fn shutdown(mut self) -> Drained {
        self.phase.send_replace(Phase::Draining);
        match self.clock.timeout(self.drain, self.open.recv()).await {
            Ok(_) => Drained::Complete,
            Err(_) => Drained::Cut { after: self.drain },
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.phase.send_replace(Phase::Cut);
        self.accepting.abort();
    }
}

/// The result of a shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every open response was completed.
    Complete,
    /// Some responses were aborted.
    Cut {
        /// The grace period.
        after: Duration,
    },
}

/// Listens with the longest queue of new connections that the system allows.
fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    bound_to(address)?.listen(BACKLOG)
}

/// Returns a socket that has the address and does not listen: the system refuses connections to it.
fn bound_to(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As `TcpListener::bind` does: a port can be used again at once after a restart.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// The error that ends a connection without an answer.
#[derive(Debug)]
struct Unanswered;

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a simulated fault ends the connection")
    }
}

impl std::error::Error for Unanswered {}

/// Answers one request. A body that the handler left unread is read first, within limits; otherwise the response says
/// that the connection is closed.
async fn answer(
    mut router: axum::Router,
    request: hyper::Request<Body>,
    log: Arc<WriteLog>,
    clock: Clock,
) -> Result<Response, Unanswered> {
    let Ok(mut response) = router.call(request).await;
    if log.ends_without_answer() {
        return Err(Unanswered);
    }
    if let Some(unread) = log.take_unread()
        && !unread.drain(&clock).await
    {
        log.leave_unread();
    }
    if log.is_unread() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// Completes when the server has reached the phase `awaited`.
async fn reached(mut phase: watch::Receiver<Phase>, awaited: Phase) {
    // An error means that the server was dropped, which is a shutdown as well.
    drop(phase.wait_for(|phase| *phase >= awaited).await);
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    idle: Duration,
    body: Duration,
    write: Duration,
    connections: Option<NonZeroUsize>,
}

/// The windows in which new connections are refused, in their order.
#[derive(Debug)]
struct RefusedWindows {
    refusals: Refusals,
    metrics: Arc<Metrics>,
    /// The end of the last one.
    end: Option<Instant>,
}

impl RefusedWindows {
    fn new(faults: &Faults, server: &ServerContext) -> Self {
        Self { refusals: faults.refusals(), metrics: Arc::clone(&server.metrics), end: None }
    }

    /// Waits for the beginning of the next window, and returns its end.
    async fn next_end(&mut self, clock: &Clock) -> Instant {
        // The clock may be a little early.
        let now = self.end.map_or_else(|| clock.now(), |end| end.max(clock.now()));
        let Some((begin, end)) = self.refusals.current_or_next(now) else { return pending().await };
        clock.sleep_until(begin).await;
        self.metrics.fault(REFUSE);
        self.end = Some(end);
        end
    }
}

#[derive(Clone, Debug)]
struct Acceptor {
    router: axum::Router,
    clock: Clock,
    limits: Limits,
    phase: watch::Receiver<Phase>,
    open: mpsc::Sender<Infallible>,
}

impl Acceptor {
    /// Accepts connections, apart from the windows in which they are refused.
    async fn run(self, mut listener: TcpListener, address: SocketAddr, mut refused: RefusedWindows) {
        let places = self.limits.connections.map(|most| Arc::new(Semaphore::new(most.get())));
        let mut draining = pin!(reached(self.phase.clone(), Phase::Draining));
        loop {
            let end = tokio::select! {
                () = &mut draining => return,
                end = refused.next_end(&self.clock) => end,
                never = self.accept_all(&listener, places.as_ref()) => match never {},
            };
            drop(listener);
            listener = tokio::select! {
                () = &mut draining => return,
                listener = self.listen_again(address, end) => listener,
            };
        }
    }

    /// Accepts connections without an end.
    async fn accept_all(&self, listener: &TcpListener, places: Option<&Arc<Semaphore>>) -> Infallible {
        loop {
            let permit = match places {
                Some(places) => Arc::clone(places).acquire_owned().await.ok(),
                None => None,
            };
            match listener.accept().await {
                Ok((stream, peer)) => drop(tokio::spawn(self.clone().serve(stream, peer.ip(), permit))),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    self.clock.sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Holds the address, so that connections to it are refused, and listens again at `end`.
    async fn listen_again(&self, address: SocketAddr, end: Instant) -> TcpListener {
        loop {
            let listener = match bound_to(address) {
                Ok(socket) => {
                    self.clock.sleep_until(end).await;
                    socket.listen(BACKLOG)
                }
                Err(error) => Err(error),
            };
            match listener {
                Ok(listener) => return listener,
                Err(error) => {
                    tracing::warn!(%error, %address, "cannot listen again after a simulated fault");
                    self.clock.sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Serves one connection to its end, and holds `permit` until then.
    async fn serve(self, stream: TcpStream, peer: IpAddr, permit: Option<OwnedSemaphorePermit>) {
        let Self { router, clock, limits, phase, open } = self;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot turn Nagle's algorithm off");
        }
        let (log, timer) = (Arc::new(WriteLog::default()), clock.clone());
        let stream = StampedStream::new(stream, Arc::clone(&log), clock.clone(), limits.write);
        let requests = Arc::clone(&log);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            requests.arrived();
            let request = RequestBody::wrap(request, &requests, &clock, limits.body);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Arrival {
                at: clock.now(),
                peer: Some(peer),
                log: Arc::clone(&requests),
            });
            answer(router.clone(), request, Arc::clone(&requests), clock.clone())
        });
        let connection = http1::Builder::new()
            .timer(HyperTimer(timer))
            .header_read_timeout(limits.idle)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut draining = pin!(reached(phase.clone(), Phase::Draining));
        let mut cut = pin!(reached(phase.clone(), Phase::Cut));
        let (mut watching, mut is_draining) = (false, false);
        let ended = poll_fn(|context| {
            // Once polled, they wake this task; at its other wakes, comparing the version is enough.
            if !watching || phase.has_changed().unwrap_or(true) {
                watching = true;
                if !is_draining && draining.as_mut().poll(context).is_ready() {
                    is_draining = true;
                    if !log.has_request() {
                        // hyper would wait for a first request.
                        return Poll::Ready(Ok(()));
                    }
                    connection.as_mut().graceful_shutdown();
                }
                if is_draining && cut.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Ok(()));
                }
            }
            connection.as_mut().poll(context)
        })
        .await;
        if let Err(error) = ended {
            // A client that disconnects is normal.
            tracing::debug!(%error, "connection ended early");
        }
        drop((open, permit));
    }
}
