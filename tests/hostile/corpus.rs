//! The inputs that changed copies are made of.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The inputs of `tests/hostile/corpus/NAME/`, sorted by file name.
pub(crate) fn of(name: &str) -> Vec<Vec<u8>> {
    files(&format!("tests/hostile/corpus/{name}"))
}

/// The contents of all files of a folder of the repository, sorted by file name.
pub(crate) fn files(folder: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The content of a file of the repository.
pub(crate) fn file(path: &str) -> Vec<u8> {
    fs::read(root().join(path)).unwrap()
}
