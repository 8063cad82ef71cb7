//! `weir serve`: the mock server.

use std::{
    io::{Read as _, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use weir_server::{Config, Drained, RawConfig, Server, Services, UnknownKeys};

use crate::{
    catalogs::{self, Sources},
    exit::{Exit, Failure, Outcome},
    output, system,
};

/// Serve mock LLM APIs and chain backends with simulated delays.
///
/// Sources of settings, where later ones override earlier ones: defaults (config/server.toml), --config, environment
/// (MAX_CONCURRENT_LLM_CALLS, ENABLE_PARALLEL_STEPS, CHAIN_TIMEOUT_SECONDS, WORKER_CONNECTIONS,
/// ENABLE_LANGFUSE_EXPORT, ENABLE_ASYNC_TRACE_EXPORT, TRACK_MODEL_COSTS, ENABLE_SIMILARITY_LOGGING, then
/// WEIR_TABLE_KEY), and these flags.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// TOML file with settings.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8000].
    #[arg(long, value_name = "ADDR")]
    bind: Option<String>,
    /// Port to listen on; 0 selects a free one.
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Multiply all simulated delays by X, 0 to 100 [default: 1]: 0.1 makes them ten times shorter.
    #[arg(long, value_name = "X")]
    time_scale: Option<f64>,
    /// Random seed: the same seed repeats texts and delays.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    sources: Sources,
    /// Log to stderr: `requests`, one line per request with method, path, model, status, tokens, planned TTFT and
    /// duration.
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    log: Option<LogChoice>,
    /// Check the settings, models and chains, and exit without listening: 0 if they are valid, 2 if not.
    #[arg(long, conflicts_with = "until_stdin_closes")]
    check: bool,
    /// Exit when stdin closes, for example when the parent process ends.
    #[arg(long)]
    until_stdin_closes: bool,
}

/// What can be logged on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum LogChoice {
    /// One line per request.
    Requests,
}

impl Args {
    /// Whether a line is logged for each request.
    pub(crate) fn logs_requests(&self) -> bool {
        self.log == Some(LogChoice::Requests)
    }
}

/// Serves until the process is interrupted.
pub(crate) fn run(args: &Args) -> Outcome {
    let config = config(args).map_err(Failure::usage)?;
    let services = services(args).map_err(Failure::usage)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().build().map_err(Failure::usage)?;
    if args.check {
        warn(&config);
        runtime.block_on(Server::check(config, services)).map_err(Failure::usage)?;
        output::print("settings, models and chains are valid\n")?;
        return Ok(Exit::Passed);
    }
    let outcome = runtime.block_on(serve(config, services, args.until_stdin_closes));
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config, services: Services, until_stdin_closes: bool) -> Outcome {
    warn(&config);
    let server = Server::bind(config, services).await.map_err(Failure::usage)?;
    // Before the line below: its reader may end the process at once.
    let mut requests = system::EndRequests::listen();
    let mut stdout = std::io::stdout().lock();
    // A closed stdout is not an error.
    let _ = greet(&mut stdout, server.address());
    drop(stdout);
    if until_stdin_closes {
        tokio::select! {
            () = requests.next() => {}
            () = stdin_closed() => {}
        }
    } else {
        requests.next().await;
    }
    tracing::info!("draining");
    let drained = tokio::select! {
        drained = server.shutdown() => drained,
        // EndRequest twice: at once.
        () = requests.next() => return Ok(Exit::Passed),
    };
    if let Drained::Cut { after } = drained {
        tracing::warn!("answers that were still open after {after:?} were cut");
    }
    Ok(Exit::Passed)
}

/// Prints the address, and the base URLs for clients.
fn greet(out: &mut impl Write, address: SocketAddr) -> std::io::Result<()> {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        reachable.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    writeln!(out, "listening on http://{address}")?;
    writeln!(out, "  base URL of OpenAI clients:     http://{reachable}/v1")?;
    writeln!(out, "  base URL of Anthropic clients:  http://{reachable}")?;
    writeln!(out, "  all endpoints:                  http://{reachable}/docs")?;
    writeln!(out, "  to log each request:            weir serve --log requests")?;
    out.flush()
}

/// Warns of doubtful settings.
fn warn(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    if !config.bind.ip().is_loopback() && config.admission.unknown_keys == UnknownKeys::Accept {
        tracing::warn!(
            "the server is reachable from other machines at {} and accepts any API key; to require keys, list them \
             and set `unknown_keys = \"reject\"` in [admission]",
            config.bind
        );
    }
}

async fn stdin_closed() {
    let closed = tokio::task::spawn_blocking(|| {
        let mut stdin = std::io::stdin().lock();
        let mut sink = [0; 256];
        while matches!(stdin.read(&mut sink), Ok(count) if count > 0) {}
    });
    // The task cannot panic, and a panic would need no handling.
    drop(closed.await);
}

fn config(args: &Args) -> anyhow::Result<Config> {
    let backends = weir_reference::backends();
    let tables = backends.tables();
    let mut raw = RawConfig::from_variables(std::env::vars_os(), tables)?;
    if let Some(path) = &args.config {
        let source = catalogs::read(path)?;
        raw = raw.over(RawConfig::from_toml(&source, &path.display().to_string(), tables)?);
    }
    let flags = RawConfig::from_flags(args.bind.clone(), args.port, args.time_scale, args.seed);
    Ok(flags.over(raw).over(RawConfig::defaults(tables)?).try_into()?)
}

fn services(args: &Args) -> anyhow::Result<Services> {
    Ok(Services {
        models: args.sources.models()?,
        chains: args.sources.chains()?,
        backends: weir_reference::backends(),
    })
}
