//! Prints a report and writes its files.

mod origin;

use std::{
    fs,
    io::{ErrorKind, IsTerminal as _, Write as _},
    num::NonZeroU64,
    path::{Path, PathBuf},
    time::{Instant, SystemTime},
};

use anyhow::Context as _;
use weir_loadgen::RequestLog;
use weir_report::{Format as _, Json, Markdown, Page, Style, files, terminal, write_all, write_partial};
use weir_results::{EndReason, Report, Summary, utc_label};

use crate::{
    diagnostics,
    exit::{Exit, Failure, Outcome},
};

pub(crate) use origin::new_report;

/// With less space, the report of a long run may not fit: a second takes a few kilobytes at most.
const FREE_BYTES_MIN: u64 = 50 << 20;

/// The folder of one report.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Locked until this is dropped, so that no other run writes into the folder. The system unlocks it if this process
    /// is killed.
    _lock: Option<fs::File>,
}

/// What happens to a report that the folder of `--out` already has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OlderReport {
    /// The command fails.
    Keep,
    /// The new report replaces it.
    Replace,
}

impl OlderReport {
    /// Replaced where `--force` is given.
    pub(crate) const fn with_force(force: bool) -> Self {
        if force { Self::Replace } else { Self::Keep }
    }
}

impl Folder {
    /// Creates the folder before the run, so that a wrong name does not waste it: `out`, or one named after the command and
    /// the time. If another run is writing into `out`, a number is added to the name.
    pub(crate) fn make(out: Option<&Path>, command: &str, older: OlderReport) -> Result<Self, Failure> {
        let path = match out {
            Some(out) => return Self::named(out, older),
            None => {
                let time = utc_label(SystemTime::now()).replace(':', "");
                unused(&Path::new("weir-out").join(format!("{command}-{time}")))
            }
        };
        let path = path.map_err(|(path, error)| cannot_make(&path, error))?;
        let lock = lock(&path).unwrap_or_default();
        Self::checked(path, lock)
    }

    /// Uses the folder of this name, or the first one with a number behind it that no other run uses.
    fn named(out: &Path, older: OlderReport) -> Result<Self, Failure> {
        let (mut path, mut number) = (out.to_owned(), 1);
        let lock = loop {
            fs::create_dir_all(&path).map_err(|error| cannot_make(&path, error))?;
            match lock(&path) {
                Ok(lock) => break lock,
                Err(InUse) => number += 1,
            }
            path = numbered(out, number);
        };
        let saved = path.join(Json.file_name());
        if older == OlderReport::Keep && saved.is_file() {
            let because = format!(
                "{} is the report of an earlier run: use another --out, or --force to replace it",
                saved.display()
            );
            return Err(Failure::usage(anyhow::Error::msg(because)));
        }
        if number > 1 {
            progress_line!("another run uses {}: this one reports to {}", out.display(), path.display());
        }
        Self::checked(path, lock)
    }

    /// Fails if the folder cannot be written to.
    fn checked(path: PathBuf, lock: Option<fs::File>) -> Result<Self, Failure> {
        probe(&path)
            .with_context(|| format!("cannot write into the folder {}", path.display()))
            .map_err(Failure::usage)?;
        warn_of_low_disk_space(&path);
        Ok(Self { path, _lock: lock })
    }

    /// Returns the options of a run's request log, named after the time.
    pub(crate) fn request_log(&self, scenario: &str, rows_max: NonZeroU64) -> Result<RequestLog, Failure> {
        let started = utc_label(SystemTime::now());
        let time = started.replace(':', "");
        let path = self.path.join(format!("performance_report_{time}.json"));
        RequestLog::create(&path, rows_max, &format!("{scenario}-{time}"), &started).map_err(Failure::usage)
    }

    /// Returns what saves the report of a run every second while it goes on.
    pub(crate) fn partial(&self) -> PartialReport<'_> {
        PartialReport { folder: self, next: Instant::now() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Prints the report and writes its files. It is printed first, in case the disk is full.
    pub(crate) fn deliver(&self, report: &Report, exit: Exit) -> Outcome {
        // The files have the same figures, so that a full stdout does not fail the run.
        let _ = print(&terminal(report, page())).inspect_err(diagnostics::print);
        write_all(&self.path, report, &files(report)).map_err(Failure::invalid)?;
        add_to_job_summary(report);
        progress_line!("report: {}", self.path.join("report.html").display());
        Ok(exit)
    }
}

/// Copies of some files of a report at the places that Locust's flags name.
#[derive(Debug, clap::Args)]
pub(crate) struct Copies {
    /// Also write Locust's four CSV files as PREFIX_stats.csv, PREFIX_stats_history.csv, PREFIX_failures.csv and
    /// PREFIX_exceptions.csv.
    #[arg(long, value_name = "PREFIX")]
    csv: Option<PathBuf>,
    /// Also write the HTML report to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Copies {
    pub(crate) const fn are_wanted(&self) -> bool {
        self.csv.is_some() || self.html.is_some()
    }

    /// Copies the files of the report in `folder`.
    pub(crate) fn write(&self, folder: &Folder) -> Result<(), Failure> {
        if let Some(html) = &self.html {
            copy(&folder.path.join(weir_report::Html.file_name()), html)?;
        }
        let Some(prefix) = &self.csv else { return Ok(()) };
        for name in weir_report::locust_file_names() {
            let mut path = prefix.clone().into_os_string();
            path.push(name.strip_prefix("weir").unwrap_or(name));
            copy(&folder.path.join(name), Path::new(&path))?;
        }
        Ok(())
    }
}

/// Copies a file; the folder of the copy is created.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::copy(from, to).map(drop))
        .with_context(|| format!("cannot write {}", to.display()))
        .map_err(Failure::invalid)
}

fn cannot_make(path: &Path, error: std::io::Error) -> Failure {
    let error = anyhow::Error::from(error);
    Failure::usage(error.context(format!("cannot make the folder {}", path.display())))
}

/// Another run uses the folder.
struct InUse;

/// Locks a folder; `None` if the file system has no locks.
fn lock(folder: &Path) -> Result<Option<fs::File>, InUse> {
    let Ok(opened) = fs::File::open(folder) else { return Ok(None) };
    match rustix::fs::flock(&opened, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(opened)),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(InUse),
        Err(_) => Ok(None),
    }
}

/// A folder's name with a number behind it.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!("-{number}"));
    name.into()
}

/// Makes the folder `path`, or one with a number behind its name if another run has taken that.
fn unused(path: &Path) -> Result<PathBuf, (PathBuf, std::io::Error)> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| (parent.to_owned(), error))?;
    }
    let mut free = path.to_owned();
    for number in 2_u32.. {
        match fs::create_dir(&free) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                free = numbered(path, number);
            }
            Err(error) => return Err((free, error)),
            Ok(()) => break,
        }
    }
    Ok(free)
}

/// Saves the summary of a run every second, so that it is not lost if this process is killed.
#[derive(Debug)]
pub(crate) struct PartialReport<'a> {
    folder: &'a Folder,
    next: Instant,
}

impl PartialReport<'_> {
    /// Saves `report`, unless saving would take more than a tenth of the time. A full disk is reported at the end.
    pub(crate) fn save(&mut self, report: impl FnOnce() -> Report) {
        let started = Instant::now();
        if started >= self.next {
            let _ = write_partial(&self.folder.path, report(), &Json);
            self.next = Instant::now() + started.elapsed() * 9;
        }
    }
}

/// Marks a summary as that of a run that did not end.
pub(crate) fn cut_short(mut summary: Summary) -> Summary {
    summary.window.ended = Some(EndReason::CutShort);
    summary
}

/// The variable with GitHub Actions' job summary file.
const JOB_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Appends the report to the job's summary, if there is one. Errors do not affect the exit.
fn add_to_job_summary(report: &Report) {
    let Some(path) = std::env::var_os(JOB_SUMMARY).filter(|path| !path.is_empty()) else { return };
    let append = || -> anyhow::Result<()> {
        let page = Markdown.render(&report.clone().with_visible_texts())?;
        let mut file = fs::OpenOptions::new().append(true).create(true).open(&path)?;
        Ok(file.write_all(&page)?)
    };
    if let Err(error) = append() {
        progress_line!("warning: cannot add to {JOB_SUMMARY} ({}): {error}", Path::new(&path).display());
    }
}

/// Writes a file and removes it again.
fn probe(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".weir-probe.{}", std::process::id()));
    let written = fs::write(&path, b"probe");
    match fs::remove_file(&path) {
        Err(error) if written.is_ok() => Err(error),
        _ => written,
    }
}

/// Warns before the run if there is little disk space for the report, if the system reports it.
/// Otherwise there is no warning.
fn warn_of_low_disk_space(folder: &Path) {
    let Ok(system) = rustix::fs::statvfs(folder) else { return };
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    if free < FREE_BYTES_MIN {
        let mib = free >> 20;
        progress_line!(
            "warning: low disk space: {mib} MiB are free in {}, and the report may not fit",
            folder.display()
        );
    }
}

/// Prints to stdout.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // The reader has all that it wants.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to stdout").map_err(Failure::invalid),
    }
}

/// The page of stdout: as wide as the terminal, if it is one.
fn page() -> Page {
    let width = stdout_columns().unwrap_or(Page::USUAL_WIDTH);
    Page::new(style(), width)
}

#[cfg(unix)]
fn stdout_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

#[cfg(not(unix))]
fn stdout_columns() -> Option<usize> {
    None
}

fn style() -> Style {
    if std::io::stdout().is_terminal() && crate::system::colour_wanted() {
        Style::Colour
    } else {
        Style::Plain
    }
}
