//! The machine: its description, and the cores of servers and clients.

use std::{fmt, fs, num::NonZeroUsize, process::Command};

use anyhow::{Context as _, Result};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The prepared machine: this thread runs on the clients' core.
#[derive(Debug)]
pub(crate) struct Machine {
    cores: usize,
    homes: CoreAssignment,
}

/// Cores of servers and clients.
#[derive(Clone, Copy, Debug)]
enum CoreAssignment {
    Apart {
        server: usize,
        client: usize,
    },
    /// There is only one core, or the system does not support pinning.
    Together,
}

impl Machine {
    /// Pins this thread to the clients' core, and raises the limit of open files.
    pub(crate) fn prepare() -> Result<Self> {
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
            .context("cannot raise the limit of open files")?;
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let machine = Self { cores, homes: affinity::assign_cores()? };
        if let CoreAssignment::Apart { client, .. } = machine.homes {
            affinity::pin(client)?;
        }
        Ok(machine)
    }

    /// Runs `work` on the servers' core; threads and processes that it starts stay there.
    pub(crate) fn on_server_core<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let CoreAssignment::Apart { server, client } = self.homes else { return work() };
        affinity::pin(server)?;
        let done = work();
        affinity::pin(client)?;
        done
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (version, system, cores) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, self.cores);
        write!(f, "weir {version}, {}; {cores} cores, {system} {}; ", compiler(), kernel())?;
        match self.homes {
            CoreAssignment::Apart { server, client } => {
                write!(f, "servers on core {server}, clients on core {client}")
            }
            CoreAssignment::Together => f.write_str("servers and clients share cores"),
        }
    }
}

/// The compiler that cargo uses in this folder.
fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or_else(|_| "rustc unknown".to_owned(), |output| first_line(&output.stdout))
}

fn kernel() -> String {
    fs::read("/proc/sys/kernel/osrelease").map_or_else(|_| String::new(), |release| first_line(&release))
}

fn first_line(text: &[u8]) -> String {
    String::from_utf8_lossy(text).lines().next().unwrap_or_default().to_owned()
}

#[cfg(target_os = "linux")]
mod affinity {
    use anyhow::{Context as _, Result};
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    use super::CoreAssignment;

    /// The first and last core available to this process: neighbours often share a physical core.
    pub(super) fn assign_cores() -> Result<CoreAssignment> {
        let allowed = sched_getaffinity(None).context("cannot ask for the cores")?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        Ok(match (cores.next(), cores.next_back()) {
            (Some(server), Some(client)) => CoreAssignment::Apart { server, client },
            _ => CoreAssignment::Together,
        })
    }

    pub(super) fn pin(core: usize) -> Result<()> {
        let mut set = CpuSet::new();
        set.set(core);
        sched_setaffinity(None, &set).with_context(|| format!("cannot move to core {core}"))
    }
}

#[cfg(not(target_os = "linux"))]
mod affinity {
    use anyhow::Result;

    use super::CoreAssignment;

    pub(super) fn assign_cores() -> Result<CoreAssignment> {
        Ok(CoreAssignment::Together)
    }

    pub(super) fn pin(_core: usize) -> Result<()> {
        Ok(())
    }
}
