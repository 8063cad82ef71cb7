//! `weir report`: renders saved reports again, and merges several runs.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use weir_results::{Measured, Report, SavedReport, Section, merge};

use crate::{
    exit::{Exit, Failure, Outcome},
    output::{Folder, OlderReport},
};

/// The maximum size of a summary: one of a day at full load is smaller.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Write reports again from summary.json, or merge several runs into one report.
///
/// The runs must be of the same scenario and target. Simultaneous runs, as of several generators, add up, including rates and users. Consecutive runs become one
/// longer run. Merging is lossless: counts and histograms are added sample by sample.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folders with a summary.json, or summary.json files.
    #[arg(value_name = "DIR", required = true)]
    from: Vec<PathBuf>,
    /// Folder of the report [default: weir-out/report-TIME].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace an older report in the directory of --out.
    #[arg(long)]
    force: bool,
}

/// Reads the summaries, and writes their report.
pub(crate) fn run(args: &Args) -> Outcome {
    let saved = args.from.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let report = merge(&saved).map_err(Failure::usage)?;
    // A report may be rendered again where it is.
    let is_same = |out: &PathBuf| args.from.contains(out);
    let older = OlderReport::with_force(args.force || args.out.as_ref().is_some_and(is_same));
    let folder = Folder::make(args.out.as_deref(), "report", older)?;
    let exit = exit(&report);
    folder.deliver(&report, exit)
}

fn read(path: &Path) -> Result<SavedReport, Failure> {
    let path = if path.is_dir() { path.join("summary.json") } else { path.to_owned() };
    let text = read_file(&path)
        .with_context(|| format!("cannot read {}", path.display()))
        .map_err(Failure::usage)?;
    SavedReport::read(&path.display().to_string(), &text).map_err(Failure::usage)
}

fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut text)?;
    anyhow::ensure!(
        text.len() as u64 <= FILE_BYTES_MAX,
        "it is larger than {} MiB, and no summary is",
        FILE_BYTES_MAX >> 20
    );
    Ok(text)
}

/// The exit depends on validity and thresholds, not on how the run ended.
fn exit(report: &Report) -> Exit {
    let of_section = |section: &Section| match &section.measured {
        Measured::Load(load) => load.judgement().into(),
        Measured::Search(search) => Exit::from(search.verdict()),
        Measured::Speedup(_) => Exit::Passed,
    };
    report.sections.iter().map(of_section).max().unwrap_or(Exit::Passed)
}
