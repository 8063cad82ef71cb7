//! Child processes to be measured: `weir serve`, and this program again as the ceiling.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::machine::Machine;

/// The hidden argument that makes this program the ceiling.
pub(crate) const CEILING: &str = "ceiling";
/// The program that is measured.
pub(crate) const WEIR: &str = env!("CARGO_BIN_EXE_weir");

/// A server on the servers' core. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// `weir serve` with more arguments, on a free port.
    pub(crate) fn weir(machine: &Machine, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(WEIR);
        command.args(["serve", "--port", "0", "--until-stdin-closes"]).args(arguments);
        Self::start(machine, command)
    }

    /// The bare axum server.
    pub(crate) fn ceiling(machine: &Machine) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe().context("cannot find this program")?);
        command.arg(CEILING);
        Self::start(machine, command)
    }

    fn start(machine: &Machine, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = machine.on_server_core(|| command.spawn().context("cannot start a server"))?;
        let stdout = child.stdout.take().context("a server has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("a server printed nothing")?;
        let address = line.trim().strip_prefix("listening on http://").and_then(|text| text.parse().ok());
        let address = address.with_context(|| format!("expected the address of a server, found {line:?}"))?;
        Ok(Self { child, address })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// CPU time used so far, with a resolution of 10 ms.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        // After the name in brackets, utime and stime are fields 12 and 13 (proc(5) counts from pid).
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
    }

    /// Resident memory, in KiB.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        resident_kib(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended by itself; errors are ignored.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process, in KiB.
pub(crate) fn resident_kib(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
    kib.with_context(|| format!("{path} has no VmRSS"))
}
