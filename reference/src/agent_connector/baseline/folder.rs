//! Files in one folder. All functions block.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use super::{error::BaselineError, name::FileName};

/// Files in one folder.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The name of its files in errors.
    what: &'static str,
}

/// The names in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// The first names, sorted.
    pub(super) first: BTreeSet<FileName>,
    /// The number of further names.
    pub(super) left_out: usize,
}

impl Folder {
    pub(super) fn new(path: &Path, what: &'static str) -> Self {
        Self { path: path.to_owned(), what }
    }

    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Reads a file of at most `max` bytes. Links out of the folder are not followed.
    pub(super) fn read(&self, name: &FileName, max: u64) -> Result<Vec<u8>, BaselineError> {
        let shown = || name.as_str().to_owned();
        let path = self.path.join(name.as_str());
        let real = fs::canonicalize(&path).map_err(|error| self.io(name, error))?;
        let folder = fs::canonicalize(&self.path).map_err(|error| self.io(name, error))?;
        if !real.starts_with(&folder) {
            return Err(BaselineError::Outside { name: shown(), folder: self.shown() });
        }
        // Checked before opening, because opening a pipe waits for its writer.
        let about = fs::metadata(&real).map_err(|error| self.io(name, error))?;
        if !about.is_file() {
            return Err(BaselineError::NotFile { name: shown() });
        }
        if about.len() > max {
            return Err(BaselineError::TooLarge { name: shown(), bytes: about.len(), max });
        }
        let mut bytes = Vec::with_capacity(about.len() as usize);
        let file = File::open(&real).map_err(|error| self.io(name, error))?;
        // The file may have grown since.
        file.take(max).read_to_end(&mut bytes).map_err(|error| self.io(name, error))?;
        Ok(bytes)
    }

    /// Writes the file under a temporary name and then renames it, so that readers never see a partial file. The
    /// folder is created if it does not exist.
    pub(super) fn write(&self, name: &FileName, unique: &str, bytes: &[u8]) -> Result<(), BaselineError> {
        let io = |source| BaselineError::Io { path: self.shown(), source };
        fs::create_dir_all(&self.path).map_err(io)?;
        let aside = self.path.join(format!(".{}.{unique}", name.as_str()));
        let written = replace(&aside, &self.path.join(name.as_str()), bytes);
        if written.is_err() {
            // The partial file is useless, and removing it can fail only for the reported reason.
            let _ = fs::remove_file(&aside);
        }
        written.map_err(io)
    }

    /// Returns the first `max` names with the extension `ending`, sorted. A missing folder has none.
    pub(super) fn names(&self, ending: &str, max: usize) -> Result<Names, BaselineError> {
        let io = |source| BaselineError::Io { path: self.shown(), source };
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Names::default()),
            entries => entries.map_err(io)?,
        };
        let mut names = Names::default();
        for entry in entries {
            let name = entry.map_err(io)?.file_name();
            let name = name.to_str().filter(|name| name.ends_with(ending));
            let Some(name) = name.and_then(|name| FileName::read("file", name).ok()) else { continue };
            names.first.insert(name);
            if names.first.len() > max {
                names.first.pop_last();
                names.left_out += 1;
            }
        }
        Ok(names)
    }

    pub(super) fn holds(&self, name: &FileName) -> bool {
        self.path.join(name.as_str()).exists()
    }

    fn io(&self, name: &FileName, source: io::Error) -> BaselineError {
        match source.kind() {
            io::ErrorKind::NotFound => {
                BaselineError::Missing { what: self.what, name: name.as_str().to_owned() }
            }
            _ => BaselineError::Io { path: name.as_str().to_owned(), source },
        }
    }
}

fn replace(aside: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(aside)?;
    file.write_all(bytes)?;
    // Some file systems report a full disk only here.
    file.sync_all()?;
    fs::rename(aside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FileName {
        FileName::read("file", text).unwrap()
    }

    fn folder(path: &Path) -> Folder {
        Folder::new(path, "results file")
    }

    #[test]
    fn write_and_read_return_the_same_text_without_temporary_files() {
        let root = tempfile::tempdir().unwrap();
        let folder = folder(&root.path().join("made/when/needed"));
        assert_eq!(folder.names(".json", 9).unwrap(), Names::default());
        for text in ["first", "second"] {
            folder.write(&name("a.json"), "unique", text.as_bytes()).unwrap();
        }
        assert_eq!(folder.read(&name("a.json"), 6).unwrap(), b"second");
        assert_eq!(fs::read_dir(&folder.path).unwrap().count(), 1);
    }

    #[test]
    fn write_that_fails_leaves_no_temporary_file() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a.json")).unwrap();
        let error = folder(root.path()).write(&name("a.json"), "unique", b"x").unwrap_err();
        assert!(matches!(error, BaselineError::Io { .. }), "{error}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn read_of_link_out_of_the_folder_fails() {
        let root = tempfile::tempdir().unwrap();
        let inside = root.path().join("inside");
        fs::create_dir(&inside).unwrap();
        fs::write(root.path().join("secret"), "hush").unwrap();
        fs::write(inside.join("plain"), "open").unwrap();
        for (link, to) in [("out", "../secret"), ("in", "plain"), ("lost", "nowhere"), ("here", ".")] {
            std::os::unix::fs::symlink(to, inside.join(link)).unwrap();
        }
        let read = |link: &str| folder(&inside).read(&name(link), 100);
        assert!(matches!(read("out"), Err(BaselineError::Outside { .. })));
        assert!(matches!(read("lost"), Err(BaselineError::Missing { .. })));
        assert!(matches!(read("here"), Err(BaselineError::NotFile { .. })));
        assert_eq!(read("in").unwrap(), b"open");
    }

    #[test]
    fn read_of_missing_or_too_large_file_fails() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a"), "123456").unwrap();
        let error = |text: &str| folder(root.path()).read(&name(text), 5).unwrap_err().to_string();
        insta::assert_snapshot!(error("a"), @"a: has 6 bytes: 5 at the most");
        insta::assert_snapshot!(error("b"), @"the results file 'b' does not exist");
    }

    #[test]
    fn names_are_bounded() {
        let root = tempfile::tempdir().unwrap();
        for file in ["c.json", "a.json", "b.json", "a.txt", ".hidden.json"] {
            fs::write(root.path().join(file), "").unwrap();
        }
        let names = folder(root.path()).names(".json", 2).unwrap();
        assert_eq!(names.first, BTreeSet::from([name("a.json"), name("b.json")]));
        assert_eq!(names.left_out, 1);
    }
}
