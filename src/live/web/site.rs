//! The listener, with a thread and a runtime separate from the load.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
    time::Duration,
};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower_service::Service as _;
use weir_pace::{Clock, TimerConfig};

use super::{api, guard::Guard, progressing::Progressing, session_handle::SessionHandle, settings::Token};

/// Maximum concurrent connections: a page needs two.
const CONNECTIONS_MAX: usize = 64;

/// The timeout of a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Delay before accepting again when the process has no free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves the page on `listener` until the program ends; returns its URL without the token.
pub(super) fn open(listener: TcpListener, token: Option<Token>, handle: SessionHandle) -> io::Result<String> {
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let guard = Guard::new(address, token);
    let router = api::router(handle, guard);
    let inside = runtime.enter();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let clock = Clock::start(TimerConfig::default()).map_err(io::Error::other)?;
    drop(inside);
    thread::Builder::new()
        .name("weir-page".to_owned())
        .spawn(move || runtime.block_on(accept(listener, router, clock)))?;
    Ok(url(address))
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}/")
}

async fn accept(listener: tokio::net::TcpListener, router: Router, clock: Clock) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, router.clone(), place, clock.clone()))),
            Err(error) => {
                tracing::warn!(%error, "the page cannot accept a connection");
                clock.sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves one connection to its end, and holds `permit` until then.
async fn serve(stream: TcpStream, router: Router, place: OwnedSemaphorePermit, clock: Clock) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot turn Nagle's algorithm off");
    }
    let service =
        service_fn(move |request: hyper::Request<Incoming>| router.clone().call(request.map(Body::new)));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(Progressing::new(stream, clock)), service)
        .await;
    if let Err(error) = served {
        // A browser that disconnects is normal.
        tracing::debug!(%error, "connection to the page ended early");
    }
    drop(place);
}
