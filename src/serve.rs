//! `weir serve`: the mock server.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use weir_server::{Config, Drained, RawConfig, Server, Services};

use crate::{
    exit::{Exit, Failure, Outcome},
    system,
};

/// The chains that come with the program.
const CHAINS: [(&str, &str); 2] = [
    ("config/chains/chain-backend.toml", include_str!("../config/chains/chain-backend.toml")),
    ("config/chains/agent-workflows.toml", include_str!("../config/chains/agent-workflows.toml")),
];

/// Answer like an LLM provider and a chain-execution backend, with simulated delays.
///
/// Settings come from, later over earlier: the defaults (config/server.toml), --config, the environment
/// (MAX_CONCURRENT_LLM_CALLS, ENABLE_PARALLEL_STEPS, CHAIN_TIMEOUT_SECONDS, WORKER_CONNECTIONS,
/// ENABLE_LANGFUSE_EXPORT, ENABLE_ASYNC_TRACE_EXPORT, TRACK_MODEL_COSTS, ENABLE_SIMILARITY_LOGGING, then
/// WEIR_TABLE_KEY), and these flags.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A TOML file with settings.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address to listen on [default: 127.0.0.1:8000].
    #[arg(long, value_name = "ADDR")]
    bind: Option<String>,
    /// The port to listen on; 0 picks a free one.
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Factor on every simulated delay: 0.1 makes all ten times shorter.
    #[arg(long, value_name = "X")]
    time_scale: Option<f64>,
    /// Where all randomness comes from.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// More model profiles: a TOML file, or a folder of them.
    #[arg(long, value_name = "PATH")]
    models: Option<PathBuf>,
    /// More chains: a TOML file, or a folder of them.
    #[arg(long, value_name = "PATH")]
    chains: Option<PathBuf>,
    /// End when stdin is closed, as it is when the process that started this one is gone.
    #[arg(long)]
    until_stdin_closes: bool,
}

/// Serves until the process is asked to end.
pub(crate) fn run(args: &Args) -> Outcome {
    let config = config(args).map_err(Failure::usage)?;
    let services = services(args).map_err(Failure::usage)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().build().map_err(Failure::usage)?;
    let outcome = runtime.block_on(serve(config, services, args.until_stdin_closes));
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config, services: Services, until_stdin_closes: bool) -> Outcome {
    let server = Server::bind(config, services).await.map_err(Failure::usage)?;
    // Before the line below: whoever reads it may ask for the end at once.
    let mut requests = system::EndRequests::listen();
    let mut stdout = std::io::stdout().lock();
    // Whoever started this may have stopped listening: that is no reason not to serve.
    let _ = writeln!(stdout, "listening on http://{}", server.address()).and_then(|()| stdout.flush());
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
        // Asked twice: at once.
        () = requests.next() => return Ok(Exit::Passed),
    };
    if let Drained::Cut { after } = drained {
        tracing::warn!("answers that were still open after {after:?} were cut");
    }
    Ok(Exit::Passed)
}

async fn stdin_closed() {
    let closed = tokio::task::spawn_blocking(|| {
        let mut stdin = std::io::stdin().lock();
        let mut sink = [0; 256];
        while matches!(stdin.read(&mut sink), Ok(count) if count > 0) {}
    });
    // The task cannot panic, and there is nothing to do if it did.
    drop(closed.await);
}

fn config(args: &Args) -> anyhow::Result<Config> {
    let mut raw = RawConfig::from_variables(std::env::vars_os())?;
    if let Some(path) = &args.config {
        let source = read(path)?;
        raw = raw.over(RawConfig::from_toml(&source, &path.display().to_string())?);
    }
    let flags = RawConfig::from_flags(args.bind.clone(), args.port, args.time_scale, args.seed);
    Ok(flags.over(raw).over(RawConfig::defaults()?).try_into()?)
}

fn services(args: &Args) -> anyhow::Result<Services> {
    let mut models = weir_model::Catalog::embedded()?;
    let mut chains = weir_chains::Catalog::default();
    for (origin, source) in CHAINS {
        chains.merge(weir_chains::Catalog::parse(source, origin)?)?;
    }
    for path in toml_files(args.models.as_deref())? {
        models.add(&read(&path)?, &path.display().to_string())?;
    }
    for path in toml_files(args.chains.as_deref())? {
        chains.merge(weir_chains::Catalog::parse(&read(&path)?, &path.display().to_string())?)?;
    }
    Ok(Services { models, chains })
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The file, or the TOML files of the folder, by name.
fn toml_files(path: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let cannot = || format!("cannot read the folder {}", path.display());
    let entries =
        fs::read_dir(path).with_context(cannot)?.collect::<Result<Vec<_>, _>>().with_context(cannot)?;
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok(files)
}
