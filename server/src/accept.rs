//! The accept loop: `TCP_NODELAY`, a limit on connections, a timeout for request heads, and an end that
//! lets open answers finish.

use std::{
    convert::Infallible, future::poll_fn, net::SocketAddr, num::NonZeroUsize, pin::pin, sync::Arc,
    task::Poll, time::Duration,
};

use axum::body::Body;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinHandle,
};
use tower_service::Service as _;
use weir_pace::{Clock, TimerConfig};

use crate::{
    app::{Backends, router},
    config::Config,
    connection::{Arrival, HyperTimer, StampedStream, WriteLog},
    context::ServerContext,
    error::StartError,
};

/// How long to wait before accepting again when the system has no more files to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The models and chains that a server offers.
#[derive(Clone, Debug)]
pub struct Services {
    /// The models that it answers for.
    pub models: weir_model::Catalog,
    /// The chains that it runs.
    pub chains: weir_chains::Catalog,
    /// The backends that it offers beside the LLM APIs.
    pub backends: Backends,
}

/// What connections are told of the server's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    /// Answer what has begun, then close.
    Draining,
    /// Close now.
    Cut,
}

/// A running server. Dropped, it stops at once; see [`Server::shutdown`].
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    phase: watch::Sender<Phase>,
    accepting: JoinHandle<()>,
    /// Closed once the accept loop and every connection have let go of its other end.
    open: mpsc::Receiver<Infallible>,
    drain: Duration,
    clock: Clock,
}

impl Server {
    /// Binds and begins to serve, on the current runtime.
    ///
    /// # Errors
    /// Fails if the address cannot be listened on, or if the settings do not fit the services.
    pub async fn bind(config: Config, services: Services) -> Result<Self, StartError> {
        let (address, drain) = (config.bind, config.drain);
        let clock = Clock::start(TimerConfig::default())?;
        let limits = Limits { idle: config.idle_timeout, connections: config.connections_max };
        let server = ServerContext::new(config, services.models, services.chains, clock.clone())?;
        let router = router(&server, &services.backends)?;
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (phase, watch) = watch::channel(Phase::Serving);
        let (holder, open) = mpsc::channel(1);
        let acceptor = Acceptor { router, clock: clock.clone(), limits, phase: watch, open: holder };
        let accepting = tokio::spawn(acceptor.run(listener));
        Ok(Self { address, phase, accepting, open, drain, clock })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, lets open answers end within the grace period, then cuts them.
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

/// How a shutdown went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every open answer came to its end.
    Complete,
    /// Some had to be cut.
    Cut {
        /// The grace period that they had.
        after: Duration,
    },
}

/// Ready once the server's end has come as far as `awaited`.
async fn reached(mut phase: watch::Receiver<Phase>, awaited: Phase) {
    // An error means that the server is gone, which is an end as well.
    drop(phase.wait_for(|phase| *phase >= awaited).await);
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    idle: Duration,
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
            let place = match &places {
                Some(places) => tokio::select! {
                    () = &mut draining => return,
                    place = Arc::clone(places).acquire_owned() => place.ok(),
                },
                None => None,
            };
            tokio::select! {
                () = &mut draining => return,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => drop(tokio::spawn(self.clone().serve(stream, place))),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        self.clock.sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
    }

    /// Serves one connection to its end. `place` is held as long.
    async fn serve(self, stream: TcpStream, place: Option<OwnedSemaphorePermit>) {
        let Self { router, clock, limits, phase, open } = self;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot turn Nagle's algorithm off");
        }
        let (log, timer) = (Arc::new(WriteLog::default()), clock.clone());
        let stream = StampedStream::new(stream, Arc::clone(&log), clock.clone());
        let requests = Arc::clone(&log);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            requests.arrived();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Arrival { at: clock.now(), log: Arc::clone(&requests) });
            router.clone().call(request)
        });
        let connection = http1::Builder::new()
            .timer(HyperTimer(timer))
            .header_read_timeout(limits.idle)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut draining = pin!(reached(phase.clone(), Phase::Draining));
        let mut cut = pin!(reached(phase.clone(), Phase::Cut));
        let (mut watching, mut told) = (false, false);
        let ended = poll_fn(|context| {
            // Once polled, they wake this task by themselves: a look at the version is enough at its other wakes.
            if !watching || phase.has_changed().unwrap_or(true) {
                watching = true;
                if !told && draining.as_mut().poll(context).is_ready() {
                    told = true;
                    if !log.was_asked() {
                        // hyper would wait for a first request.
                        return Poll::Ready(Ok(()));
                    }
                    connection.as_mut().graceful_shutdown();
                }
                if told && cut.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Ok(()));
                }
            }
            connection.as_mut().poll(context)
        })
        .await;
        if let Err(error) = ended {
            // A client that leaves is normal.
            tracing::debug!(%error, "connection ended early");
        }
        drop((open, place));
    }
}
