//! The rules of ARCHITECTURE.md that can be checked: which crate and which module may refer to which.

mod modules;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use modules::Crate;

/// The dependencies between the workspace's packages.
const ARROWS: [(&str, &[&str]); 12] = [
    ("weir-pace", &[]),
    ("weir-templates", &[]),
    ("weir-wire", &[]),
    ("weir-model", &["weir-pace"]),
    ("weir-chains", &["weir-pace", "weir-templates"]),
    ("weir-server", &["weir-chains", "weir-model", "weir-pace", "weir-wire"]),
    ("weir-reference", &["weir-chains", "weir-model", "weir-pace", "weir-server"]),
    ("weir-results", &["weir-pace"]),
    ("weir-report", &["weir-results"]),
    // A server for tests.
    ("weir-stub", &[]),
    ("weir-loadgen", &["weir-pace", "weir-results", "weir-stub", "weir-templates", "weir-wire"]),
    (
        "weir",
        &[
            "weir-chains",
            "weir-loadgen",
            "weir-model",
            "weir-pace",
            "weir-reference",
            "weir-report",
            "weir-results",
            "weir-server",
            "weir-stub",
            // Only its tests.
            "weir-templates",
            "weir-wire",
        ],
    ),
];
/// The folders of the libraries.
const LIBRARIES: [&str; 10] =
    ["pace", "templates", "wire", "model", "chains", "server", "reference", "results", "report", "loadgen"];
/// The top-level modules of each library, lowest first: a module may refer to those before it.
const MODULES: [(&str, &[&str]); 10] = [
    ("templates", &["budget", "value", "cost", "nesting", "writer", "expression", "rewrite", "bounded"]),
    ("chains", &["http", "llm", "output", "template", "spec", "plan", "catalog", "error", "trace", "run"]),
    ("pace", &["seed", "diagnostic", "text", "clock", "distribution", "arrivals"]),
    (
        "loadgen",
        &[
            "clock_timer",
            "redact",
            "record",
            "task",
            "scenario",
            "request_log",
            "watch",
            "health",
            "run",
            "search",
            "speedup",
        ],
    ),
    (
        "report",
        &[
            "format", "service", "expected", "verdict", "remarks", "terminal", "json", "csv", "timeline",
            "figures", "hlog", "markdown", "junit", "html", "locust", "files", "write",
        ],
    ),
    (
        "results",
        &[
            "visible",
            "histogram",
            "units",
            "threshold",
            "band",
            "summary",
            "search",
            "speedup",
            "judge",
            "rating",
            "report",
            "texts",
            "fixture",
            "merge",
        ],
    ),
    (
        "reference",
        &[
            "fields",
            "chain_run",
            "chain_backend",
            "agent_connector",
            "agent_workflows",
            "prompt_service",
            "observability",
        ],
    ),
    (
        "server",
        &[
            "config",
            "error",
            "ids",
            "model_names",
            "telemetry",
            "token_timer",
            "connection",
            "admission",
            "replies",
            "simulated_llm",
            "capped",
            "attributed",
            "metered",
            "outbound",
            "context",
            "request",
            "event_body",
            "token_stream",
            "backend",
            "api",
            "faults",
            "app",
            "accept",
        ],
    ),
    ("wire", &["http", "sse"]),
    (
        "model",
        &[
            "tokenizer",
            "text",
            "content",
            "schedule",
            "embedding",
            "schema",
            "transcript",
            "script",
            "profile",
            "refusal",
            "planner",
            "engine",
        ],
    ),
];
const MAIN_LINES_MAX: usize = 30;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn manifest(path: &Path) -> toml::Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn packages_dependencies_match_the_design() {
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
fn packages_lints_forbid_unsafe_code() {
    let root = manifest(&root().join("Cargo.toml"));
    assert_eq!(root["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for package in packages() {
        let path = PathBuf::from(package["manifest_path"].as_str().unwrap());
        let lints = &manifest(&path)["lints"];
        assert_eq!(lints["workspace"].as_bool(), Some(true), "{}", path.display());
    }
}

#[test]
fn main_file_stays_short() {
    let lines = fs::read_to_string(root().join("src/main.rs")).unwrap().lines().count();
    assert!(lines <= MAIN_LINES_MAX, "src/main.rs has {lines} lines");
}

#[test]
fn modules_of_a_crate_refer_to_lower_ones_only() {
    let mut upward = Vec::new();
    for (library, order) in MODULES {
        let parsed = library_sources(library);
        let listed: BTreeSet<&str> = order.iter().copied().collect();
        assert_eq!(parsed.top_level(), listed, "the modules of {library}");
        let rank = |name: &str| order.iter().position(|other| *other == name);
        let references = parsed.references();
        let found = references.iter().filter(|reference| reference.parent.is_empty());
        let found = found.filter(|reference| rank(&reference.from) < rank(&reference.to));
        upward.extend(found.map(|reference| format!("{library}: {reference}")));
    }
    assert_eq!(upward, [""; 0]);
}

#[test]
fn modules_of_a_folder_form_no_cycle() {
    let mut cycles = Vec::new();
    for library in LIBRARIES {
        let references = library_sources(library).references();
        let parents: BTreeSet<_> = references.iter().map(|reference| &reference.parent).collect();
        for parent in parents {
            let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for reference in references.iter().filter(|reference| reference.parent == *parent) {
                arrows.entry(&reference.from).or_default().insert(&reference.to);
            }
            let folder = format!("{library}::{}", parent.join("::"));
            if let Some(cycle) = modules::cycle(&arrows) {
                cycles.push(format!("{folder}: {}", cycle.join(" -> ")));
            }
        }
    }
    assert_eq!(cycles, [""; 0]);
}

/// Dropping a run cancels it, and simulated time works, because no part of it runs in a separate task.
#[test]
fn engines_and_executors_spawn_no_tasks() {
    let spawns = |path: &[String]| path.iter().any(|name| name.starts_with("spawn") || name == "JoinSet");
    assert_eq!(paths_in(&["model", "chains"], spawns), [""; 0]);
}

#[test]
fn libraries_never_exit_the_process() {
    let exits = |path: &[String]| path.ends_with(&["process".to_owned(), "exit".to_owned()]);
    assert_eq!(paths_in(&LIBRARIES, exits), [""; 0]);
}

/// The lints forbid it, so this test checks only that no code is exempt from them.
#[test]
fn libraries_neither_print_nor_wait_by_other_clocks() {
    let forbidden = |library: &str, lint: &str| match lint {
        "clippy::print_stdout" | "clippy::print_stderr" => true,
        "clippy::disallowed_methods" | "clippy::disallowed_types" => library != "pace",
        _ => false,
    };
    let mut found = Vec::new();
    for library in LIBRARIES {
        let parsed = library_sources(library);
        let exempt = parsed.exempt_lints().filter(|(_, lint)| forbidden(library, lint));
        found.extend(exempt.map(|(user, lint)| format!("{library}::{}: {lint}", user.join("::"))));
    }
    assert_eq!(found, [""; 0]);

    let lints = &manifest(&root().join("Cargo.toml"))["workspace"]["lints"]["clippy"];
    for lint in ["print_stdout", "print_stderr"] {
        assert_eq!(lints[lint].as_str(), Some("warn"));
    }
    let clippy = manifest(&root().join("clippy.toml"));
    let methods = clippy["disallowed-methods"].as_array().unwrap().iter();
    let methods: BTreeSet<&str> = methods.map(|method| method["path"].as_str().unwrap()).collect();
    for method in
        ["tokio::time::sleep", "tokio::time::timeout", "tokio::time::interval", "std::thread::sleep"]
    {
        assert!(methods.contains(method), "{method} is not forbidden");
    }
}

/// The paths of some kind in these libraries, with their modules.
fn paths_in(libraries: &[&str], is_sought: impl Fn(&[String]) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for library in libraries {
        let parsed = library_sources(library);
        let paths = parsed.paths().filter(|(_, path)| is_sought(path));
        found
            .extend(paths.map(|(user, path)| format!("{library}::{}: {}", user.join("::"), path.join("::"))));
    }
    found
}

fn library_sources(library: &str) -> Crate {
    Crate::parse(&root().join(library).join("src/lib.rs"))
}
