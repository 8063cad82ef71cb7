//! Files in one folder, and nowhere else. All of this blocks.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use super::{fault::Fault, name::FileName};

/// Files in one folder.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// What its files are called in errors.
    what: &'static str,
}

/// The names in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// The first of them in their order.
    pub(super) first: BTreeSet<FileName>,
    /// How many more there are.
    pub(super) left_out: usize,
}

impl Folder {
    pub(super) fn new(path: &Path, what: &'static str) -> Self {
        Self { path: path.to_owned(), what }
    }

    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// The whole file, of at most `max` bytes. A link that leads out of the folder is not followed.
    pub(super) fn read(&self, name: &FileName, max: u64) -> Result<Vec<u8>, Fault> {
        let shown = || name.as_str().to_owned();
        let path = self.path.join(name.as_str());
        let real = fs::canonicalize(&path).map_err(|error| self.io(name, error))?;
        let folder = fs::canonicalize(&self.path).map_err(|error| self.io(name, error))?;
        if !real.starts_with(&folder) {
            return Err(Fault::Outside { name: shown(), folder: self.shown() });
        }
        // Asked before opening: to open a pipe would wait for its writer.
        let about = fs::metadata(&real).map_err(|error| self.io(name, error))?;
        if !about.is_file() {
            return Err(Fault::NotFile { name: shown() });
        }
        if about.len() > max {
            return Err(Fault::TooLarge { name: shown(), bytes: about.len(), max });
        }
        let mut bytes = Vec::with_capacity(about.len() as usize);
        let file = File::open(&real).map_err(|error| self.io(name, error))?;
        // It may have grown since.
        file.take(max).read_to_end(&mut bytes).map_err(|error| self.io(name, error))?;
        Ok(bytes)
    }

    /// Writes the file under another name and then renames it: who reads it never sees half of one. The
    /// folder is made if it is not there.
    pub(super) fn write(&self, name: &FileName, unique: &str, bytes: &[u8]) -> Result<(), Fault> {
        let io = |source| Fault::Io { path: self.shown(), source };
        fs::create_dir_all(&self.path).map_err(io)?;
        let aside = self.path.join(format!(".{}.{unique}", name.as_str()));
        let written = replace(&aside, &self.path.join(name.as_str()), bytes);
        if written.is_err() {
            // What is left of it is of no use, and removing it can only fail for the reason being told.
            let _ = fs::remove_file(&aside);
        }
        written.map_err(io)
    }

    /// The first `max` names that end in `ending`, in their order. A folder that is not there has none.
    pub(super) fn names(&self, ending: &str, max: usize) -> Result<Names, Fault> {
        let io = |source| Fault::Io { path: self.shown(), source };
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

    fn io(&self, name: &FileName, source: io::Error) -> Fault {
        match source.kind() {
            io::ErrorKind::NotFound => Fault::Missing { what: self.what, name: name.as_str().to_owned() },
            _ => Fault::Io { path: name.as_str().to_owned(), source },
        }
    }
}

fn replace(aside: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(aside)?;
    file.write_all(bytes)?;
    // Some file systems tell of a full disk only now.
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
    fn what_is_written_is_read_and_nothing_else_stays() {
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
    fn a_file_that_cannot_take_its_place_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a.json")).unwrap();
        let fault = folder(root.path()).write(&name("a.json"), "unique", b"x").unwrap_err();
        assert!(matches!(fault, Fault::Io { .. }), "{fault}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out_of_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let inside = root.path().join("inside");
        fs::create_dir(&inside).unwrap();
        fs::write(root.path().join("secret"), "hush").unwrap();
        fs::write(inside.join("plain"), "open").unwrap();
        for (link, to) in [("out", "../secret"), ("in", "plain"), ("lost", "nowhere"), ("here", ".")] {
            std::os::unix::fs::symlink(to, inside.join(link)).unwrap();
        }
        let read = |link: &str| folder(&inside).read(&name(link), 100);
        assert!(matches!(read("out"), Err(Fault::Outside { .. })));
        assert!(matches!(read("lost"), Err(Fault::Missing { .. })));
        assert!(matches!(read("here"), Err(Fault::NotFile { .. })));
        assert_eq!(read("in").unwrap(), b"open");
    }

    #[test]
    fn files_that_are_missing_or_too_large_are_told() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a"), "123456").unwrap();
        let fault = |text: &str| folder(root.path()).read(&name(text), 5).unwrap_err().to_string();
        insta::assert_snapshot!(fault("a"), @"a: has 6 bytes: 5 at the most");
        insta::assert_snapshot!(fault("b"), @"the results file 'b' does not exist");
    }

    #[test]
    fn only_so_many_names_are_listed() {
        let root = tempfile::tempdir().unwrap();
        for file in ["c.json", "a.json", "b.json", "a.txt", ".hidden.json"] {
            fs::write(root.path().join(file), "").unwrap();
        }
        let names = folder(root.path()).names(".json", 2).unwrap();
        assert_eq!(names.first, BTreeSet::from([name("a.json"), name("b.json")]));
        assert_eq!(names.left_out, 1);
    }
}
