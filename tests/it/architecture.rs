//! The rules of the house, as far as they can be checked.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Which package may know which others, and no more.
const ARROWS: [(&str, &[&str]); 7] = [
    ("weir-pace", &[]),
    ("weir-wire", &[]),
    ("weir-model", &["weir-pace"]),
    ("weir-chains", &["weir-pace"]),
    ("weir-server", &["weir-chains", "weir-model", "weir-pace", "weir-wire"]),
    ("weir-loadgen", &["weir-pace", "weir-wire"]),
    ("weir", &["weir-chains", "weir-loadgen", "weir-model", "weir-pace", "weir-server", "weir-wire"]),
];
/// The folders of the libraries.
const LIBRARIES: [&str; 6] = ["pace", "wire", "model", "chains", "server", "loadgen"];
const MAIN_LINES_MAX: usize = 30;

fn house() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(house())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn manifest(path: &Path) -> toml::Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

/// Every Rust file below `folder` with its text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push((path, text));
            }
        }
    }
    assert!(!sources.is_empty(), "no sources in {}", folder.display());
    sources
}

/// The files of `libraries` that hold one of `words`, but for those whose path holds one of `spared`.
fn files_with(libraries: &[&str], words: &[&str], spared: &[&str]) -> Vec<String> {
    let all = libraries.iter().flat_map(|library| sources(&house().join(library).join("src")));
    let mut found: Vec<_> = all
        .filter(|(_, text)| words.iter().any(|word| text.contains(word)))
        .map(|(path, _)| path.strip_prefix(house()).unwrap().display().to_string())
        .filter(|path| !spared.iter().any(|spared| path.contains(spared)))
        .collect();
    found.sort();
    found
}

#[test]
fn packages_know_exactly_whom_they_may() {
    let expected: BTreeMap<String, BTreeSet<String>> = ARROWS
        .iter()
        .map(|(from, to)| ((*from).to_owned(), to.iter().map(|to| (*to).to_owned()).collect()))
        .collect();
    let ours = |name: &str| name == "weir" || name.starts_with("weir-");
    let found: BTreeMap<String, BTreeSet<String>> = packages()
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let names = dependencies.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
            (package["name"].as_str().unwrap().to_owned(), names.filter(|name| ours(name)).collect())
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let root = manifest(&house().join("Cargo.toml"));
    assert_eq!(root["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for package in packages() {
        let path = PathBuf::from(package["manifest_path"].as_str().unwrap());
        let lints = &manifest(&path)["lints"];
        assert_eq!(lints["workspace"].as_bool(), Some(true), "{}", path.display());
    }
}

#[test]
fn the_programs_main_stays_short() {
    let lines = fs::read_to_string(house().join("src/main.rs")).unwrap().lines().count();
    assert!(lines <= MAIN_LINES_MAX, "src/main.rs has {lines} lines");
}

#[test]
fn only_the_command_prints_and_exits() {
    let words = ["clippy::print_stdout", "clippy::print_stderr", "println!(", "print!(", "process::exit("];
    assert_eq!(files_with(&LIBRARIES, &words, &["tests"]), [""; 0]);
}

#[test]
fn only_pace_waits_by_itself() {
    let lints = fs::read_to_string(house().join("clippy.toml")).unwrap();
    for method in
        ["tokio::time::sleep", "tokio::time::timeout", "tokio::time::interval", "std::thread::sleep"]
    {
        assert!(lints.contains(&format!("path = \"{method}\"")), "{method} is not forbidden");
    }
    let exceptions = ["clippy::disallowed_methods", "clippy::disallowed_types"];
    let libraries: Vec<_> = LIBRARIES.into_iter().filter(|library| *library != "pace").collect();
    assert_eq!(files_with(&libraries, &exceptions, &["tests"]), [""; 0]);
}

#[test]
fn engines_and_executors_spawn_nothing() {
    let found = files_with(&["model", "chains"], &["tokio::spawn", "spawn_blocking", "JoinSet"], &["tests"]);
    assert_eq!(found, [""; 0]);
}
