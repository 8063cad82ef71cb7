//! The accept loop: `TCP_NODELAY`, a limit on connections, a timeout for request heads, and a shutdown that
//! lets open responses finish.

use std::{
    convert::Infallible,
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
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
        let router = router(&server, &services.backends)?;
        let listen = |source| StartError::Listen { address, source };
        let listener = listen_on(address).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (phase, watch) = watch::channel(Phase::Serving);
        let (holder, open) = mpsc::channel(1);
        let acceptor = Acceptor { router, clock: clock.clone(), limits, phase: watch, open: holder };
        let accepting = tokio::spawn(acceptor.run(listener));
        Ok(Self { address, phase, accepting, open, drain, clock })
    }

    /// Checks that a server could start with these settings and services, without listening.
    ///
    /// # Errors
    /// Fails if the settings do not fit the services.
    pub async fn check(config: Config, services: Services) -> Result<(), StartError> {
        let clock = Clock::start(TimerConfig::default())?;
        let server = ServerContext::new(config, services.models, services.chains, clock)?;
        router(&server, &services.backends).map(drop)
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
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As `TcpListener::bind` does: a port can be used again at once after a restart.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Answers one request. A body that the handler left unread is read first, within limits; otherwise the response says
/// that the connection is closed.
async fn answer(
    mut router: axum::Router,
    request: hyper::Request<Body>,
    log: Arc<WriteLog>,
    clock: Clock,
) -> Result<Response, Infallible> {
    let mut response = router.call(request).await?;
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

#[derive(Clone, Debug)]
struct Acceptor {
    router: axum::Router,
    clock: Clock,
    limits: Limits,
    phase: watch::Receiver<Phase>,
    open: mpsc::Sender<Infallible>,
}

impl Acceptor {
    async fn run(self, listener: TcpListener) {
        let places = self.limits.connections.map(|most| Arc::new(Semaphore::new(most.get())));
        let mut draining = pin!(reached(self.phase.clone(), Phase::Draining));
        loop {
            let permit = match &places {
                Some(places) => tokio::select! {
                    () = &mut draining => return,
                    permit = Arc::clone(places).acquire_owned() => permit.ok(),
                },
                None => None,
            };
            tokio::select! {
                () = &mut draining => return,
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => drop(tokio::spawn(self.clone().serve(stream, peer.ip(), permit))),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        self.clock.sleep(ACCEPT_PAUSE).await;
                    }
                },
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
