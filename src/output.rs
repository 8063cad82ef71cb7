//! Where a report goes: the terminal, and a folder.

use std::{
    fs,
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Context as _;
use weir_loadgen::{Report, Style, files, terminal, utc_label, write_all};

use crate::exit::{Exit, Failure, Outcome};

/// The folder of one report.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder now, so that a wrong name costs no run: `out`, or one named after the command and
    /// the time.
    pub(crate) fn make(out: Option<&Path>, command: &str) -> Result<Self, Failure> {
        let path = out.map_or_else(
            || {
                let time = utc_label(SystemTime::now()).replace(':', "");
                Path::new("weir-out").join(format!("{command}-{time}"))
            },
            Path::to_owned,
        );
        fs::create_dir_all(&path)
            .with_context(|| format!("cannot make the folder {}", path.display()))
            .map_err(Failure::usage)?;
        Ok(Self(path))
    }

    /// Prints the report and writes its files. The print comes first: it is there even if the disk is full.
    pub(crate) fn deliver(&self, report: &Report, exit: Exit) -> Outcome {
        tell(&terminal(report, style()));
        write_all(&self.0, report, &files(report)).map_err(Failure::invalid)?;
        eprintln!("report: {}", self.0.join("report.html").display());
        Ok(exit)
    }
}

/// Prints what was asked for.
pub(crate) fn tell(text: &str) {
    let mut stdout = std::io::stdout().lock();
    // A reader that has closed the pipe wants no more of it.
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

fn style() -> Style {
    if std::io::stdout().is_terminal() && crate::system::colour_wanted() {
        Style::Colour
    } else {
        Style::Plain
    }
}
