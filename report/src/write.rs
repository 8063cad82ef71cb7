//! Writes reports to disk.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::format::{Format, RenderError};
use super::json::Json;
use weir_results::Report;

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder could not be made.
    #[error("cannot create the folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A report could not be rendered.
    #[error("cannot render {file_name}: {source}")]
    Render {
        /// The file's name.
        file_name: &'static str,
        /// The cause.
        source: RenderError,
    },
}

/// Writes each format of the report into the folder, which is created if it does not exist.
///
/// A file is written under a temporary name and then renamed, so that readers never see a partial file;
/// an existing file is replaced. Returns the paths in the order of `formats`.
///
/// # Errors
/// Fails if a file cannot be rendered or written. The others are written nevertheless, the summary first, because every
/// other format can be made from it again.
pub fn write_all(
    folder: &Path,
    report: &Report,
    formats: &[&dyn Format],
) -> Result<Vec<PathBuf>, WriteError> {
    fs::create_dir_all(folder).map_err(|source| WriteError::Folder { path: folder.to_owned(), source })?;
    let report = &report.clone().with_visible_texts();
    let mut ordered: Vec<&dyn Format> = formats.to_vec();
    ordered.sort_by_key(|format| format.file_name() != Json.file_name());
    let mut first_error = None;
    for format in ordered {
        if let Err(error) = write_one(folder, report, format) {
            first_error.get_or_insert(error);
        }
    }
    let paths = || formats.iter().map(|format| folder.join(format.file_name())).collect();
    first_error.map_or_else(|| Ok(paths()), Err)
}

/// Writes one format of the report of a run that still goes on, in case this process is killed. Renamed at once, like
/// [`write_all`], but not forced to the disk: a killed process loses nothing by that.
///
/// # Errors
/// Fails if the file cannot be rendered or written.
pub fn write_partial(folder: &Path, report: Report, format: &dyn Format) -> Result<(), WriteError> {
    let file_name = format.file_name();
    let bytes = format.render(&report.with_visible_texts());
    let bytes = bytes.map_err(|source| WriteError::Render { file_name, source })?;
    let path = folder.join(file_name);
    let temporary = folder.join(format!(".{file_name}.{}", std::process::id()));
    fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, &path)).map_err(|source| {
        let _ = fs::remove_file(&temporary);
        WriteError::File { path, source }
    })
}

fn write_one(folder: &Path, report: &Report, format: &dyn Format) -> Result<(), WriteError> {
    let file_name = format.file_name();
    let bytes = format.render(report).map_err(|source| WriteError::Render { file_name, source })?;
    let path = folder.join(file_name);
    let temporary = folder.join(format!(".{file_name}.{}", std::process::id()));
    let written = replace(&temporary, &path, &bytes);
    if let Err(source) = written {
        // The partial file is useless, and removing it can fail only for the reported reason.
        let _ = fs::remove_file(&temporary);
        return Err(WriteError::File { path, source });
    }
    Ok(())
}

fn replace(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(temporary)?;
    file.write_all(bytes)?;
    // Some file systems report a full disk only here.
    file.sync_all()?;
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::super::{Json, files};
    use super::*;
    use weir_results::fixture;

    /// The files of every report.
    const OF_EVERY_REPORT: [&str; 7] = [
        "figures.csv",
        "histograms.hlog",
        "junit.xml",
        "report.html",
        "summary.json",
        "summary.md",
        "timeline.csv",
    ];

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn write_all_creates_the_folder_and_only_its_files() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("weir-out/bench");
        for _ in 0..2 {
            let report = fixture::bench();
            let written = write_all(&folder, &report, &files(&report)).unwrap();
            assert_eq!(written.len(), OF_EVERY_REPORT.len());
        }
        assert_eq!(names(&folder), OF_EVERY_REPORT);
    }

    #[test]
    fn write_all_of_one_load_includes_locust_files() {
        let root = tempfile::tempdir().unwrap();
        let report = Report::new("weir load").with_load("load", "Mix", fixture::mix());
        write_all(root.path(), &report, &files(&report)).unwrap();
        let mut expected = OF_EVERY_REPORT.to_vec();
        expected.extend([
            "weir_exceptions.csv",
            "weir_failures.csv",
            "weir_stats.csv",
            "weir_stats_history.csv",
        ]);
        assert_eq!(names(root.path()), expected);
    }

    #[test]
    fn write_all_shows_hidden_characters_in_every_file() {
        let attack = "=cmd\u{1b}]0;title\u{7}\u{9b}31m\u{202e}\u{2066}\u{200b}";
        let mut mix = fixture::mix();
        mix.scenario = attack.to_owned();
        mix.notes = vec![attack.to_owned()];
        let failures = std::mem::take(&mut mix.all.failures);
        mix.all.failures = failures.into_values().map(|failure| (attack.to_owned(), failure)).collect();
        for task in &mut mix.tasks {
            attack.clone_into(&mut task.name);
            task.figures.failures.values_mut().for_each(|failure| attack.clone_into(&mut failure.example));
        }
        let report = Report::new(attack).with_load(attack, attack, mix);
        let root = tempfile::tempdir().unwrap();
        let formats = files(&report);
        let paths = write_all(root.path(), &report, &formats).unwrap();
        let mut texts: Vec<String> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        texts.push(super::super::terminal(
            &report,
            crate::Page::new(crate::Style::Plain, crate::Page::USUAL_WIDTH),
        ));
        for text in texts {
            for line in text.lines() {
                let shown = line.replace(['\t', '\r'], " ");
                assert_eq!(weir_results::visible(&shown), shown);
            }
        }
        for name in ["weir_stats.csv", "weir_failures.csv", "timeline.csv", "figures.csv"] {
            let csv = fs::read_to_string(root.path().join(name)).unwrap();
            assert!(!csv.lines().any(|line| line.contains(",=") || line.starts_with('=')), "{csv}");
        }
    }

    #[test]
    fn write_all_with_file_in_place_of_folder_fails() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("taken");
        fs::write(&path, "mine").unwrap();
        let error = write_all(&path, &fixture::bench(), &[&Json]).unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("cannot create the folder {}: ", path.display())),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn write_all_with_one_file_that_fails_writes_the_others() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("report.html")).unwrap();
        let report = fixture::bench();
        let error = write_all(root.path(), &report, &files(&report)).unwrap_err();
        assert!(error.to_string().contains("report.html"), "{error}");
        for name in ["summary.json", "timeline.csv", "junit.xml"] {
            assert!(root.path().join(name).is_file(), "{name}");
        }
    }

    #[test]
    fn write_all_over_a_folder_fails_and_leaves_no_partial_file() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("summary.json")).unwrap();
        let error = write_all(root.path(), &fixture::bench(), &[&Json]).unwrap_err();
        let expected = format!("cannot write {}: ", root.path().join("summary.json").display());
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert!(names(root.path()).iter().all(|name| !name.starts_with('.')), "{:?}", names(root.path()));
    }
}
