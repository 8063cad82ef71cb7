//! Prints a report and writes its files.

use std::{
    fs,
    io::{IsTerminal as _, Write as _},
    num::NonZeroU64,
    path::{Path, PathBuf},
    time::{Instant, SystemTime},
};

use anyhow::Context as _;
use weir_loadgen::RequestLog;
use weir_report::{Format as _, Json, Markdown, Style, files, terminal, write_all, write_partial};
use weir_results::{EndReason, Report, Summary, utc_label};

use crate::exit::{Exit, Failure, Outcome};

/// With less space, the report of a long run may not fit: a second takes a few kilobytes at most.
const FREE_BYTES_MIN: u64 = 50 << 20;

/// The folder of one report.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Creates the folder before the run, so that a wrong name does not waste it: `out`, or one named after the command and
    /// the time.
    pub(crate) fn make(out: Option<&Path>, command: &str) -> Result<Self, Failure> {
        let path = match out {
            Some(out) => {
                fs::create_dir_all(out).map(|()| out.to_owned()).map_err(|error| (out.to_owned(), error))
            }
            None => {
                let time = utc_label(SystemTime::now()).replace(':', "");
                unused(&Path::new("weir-out").join(format!("{command}-{time}")))
            }
        };
        let path = path.map_err(|(path, error)| {
            let error = anyhow::Error::from(error);
            Failure::usage(error.context(format!("cannot make the folder {}", path.display())))
        })?;
        probe(&path)
            .with_context(|| format!("cannot write into the folder {}", path.display()))
            .map_err(Failure::usage)?;
        warn_of_low_disk_space(&path);
        Ok(Self(path))
    }

    /// Returns the options of a run's request log, named after the time.
    pub(crate) fn request_log(&self, scenario: &str, rows_max: NonZeroU64) -> Result<RequestLog, Failure> {
        let started = utc_label(SystemTime::now());
        let time = started.replace(':', "");
        let path = self.0.join(format!("performance_report_{time}.json"));
        RequestLog::create(&path, rows_max, &format!("{scenario}-{time}"), &started).map_err(Failure::usage)
    }

    /// Returns what saves the report of a run every second while it goes on.
    pub(crate) fn partial(&self) -> PartialReport<'_> {
        PartialReport { folder: self, next: Instant::now() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Prints the report and writes its files. It is printed first, in case the disk is full.
    pub(crate) fn deliver(&self, report: &Report, exit: Exit) -> Outcome {
        print(&terminal(report, style()));
        write_all(&self.0, report, &files(report)).map_err(Failure::invalid)?;
        add_to_job_summary(report);
        progress_line!("report: {}", self.0.join("report.html").display());
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
            copy(&folder.0.join(weir_report::Html.file_name()), html)?;
        }
        let Some(prefix) = &self.csv else { return Ok(()) };
        for name in weir_report::locust_file_names() {
            let mut path = prefix.clone().into_os_string();
            path.push(name.strip_prefix("weir").unwrap_or(name));
            copy(&folder.0.join(name), Path::new(&path))?;
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

/// Makes the folder `path`, or one with a number behind its name if another run has taken that.
fn unused(path: &Path) -> Result<PathBuf, (PathBuf, std::io::Error)> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| (parent.to_owned(), error))?;
    }
    let mut free = path.to_owned();
    for number in 2_u32.. {
        match fs::create_dir(&free) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let mut name = path.as_os_str().to_owned();
                name.push(format!("-{number}"));
                free = name.into();
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
            let _ = write_partial(&self.folder.0, report(), &Json);
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
            "warning: {mib} MiB are free in {}: the report may not find its place",
            folder.display()
        );
    }
}

/// Prints to stdout.
pub(crate) fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    // A closed pipe is not an error.
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

fn style() -> Style {
    if std::io::stdout().is_terminal() && crate::system::colour_wanted() {
        Style::Colour
    } else {
        Style::Plain
    }
}
