//! The two folders: results and baselines.

use std::{path::Path, sync::Arc, time::SystemTime};

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{
    error::BaselineError,
    figures::{Baseline, Outline},
    folder::{Folder, Names},
    json::read,
    name::FileName,
    results::{ENDPOINTS_MAX, Results},
};
use weir_server::{Problem, ProblemKind};

/// Maximum bytes of a results file: about 500 000 requests.
const RESULTS_BYTES_MAX: u64 = 64 << 20;
/// Maximum bytes of a baseline: the maximum number of endpoints with names of the maximum length.
const BASELINE_BYTES_MAX: u64 = 4 << 20;
/// Maximum baselines in the folder.
const BASELINES_MAX: usize = 1_000;
/// Maximum concurrent requests with file access: each may hold a results file in memory.
const AT_ONCE: usize = 2;
const ENDING: &str = ".json";

/// The limits in `GET /api/load-test/info`.
pub(in crate::agent_connector) fn limits() -> Value {
    json!({
        "results_file_bytes": RESULTS_BYTES_MAX,
        "endpoints": ENDPOINTS_MAX,
        "baselines": BASELINES_MAX,
    })
}

/// The store of baselines and results.
#[derive(Clone, Debug)]
pub(in crate::agent_connector) struct Store {
    results: Folder,
    baselines: Folder,
    permits: Arc<Semaphore>,
}

/// What happens to a baseline of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent_connector) enum Existing {
    Keep,
    Replace,
}

/// The baselines in the folder.
#[derive(Debug)]
pub(in crate::agent_connector) struct Listing {
    pub(in crate::agent_connector) baselines: Vec<Outline>,
    /// Invalid files, with the reasons.
    pub(in crate::agent_connector) unreadable: Vec<BaselineError>,
    /// The number of baselines that are not listed.
    pub(in crate::agent_connector) left_out: usize,
}

impl Store {
    pub(in crate::agent_connector) fn new(results: &Path, baselines: &Path) -> Self {
        Self {
            results: Folder::new(results, "results file"),
            baselines: Folder::new(baselines, "baseline"),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The folders in `GET /api/load-test/info`.
    pub(in crate::agent_connector) fn folders(&self) -> Value {
        json!({"results": self.results.shown(), "baselines": self.baselines.shown()})
    }

    /// Runs blocking `work` on another thread when a permit is free. It continues if the client disconnects.
    pub(in crate::agent_connector) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, BaselineError> + Send + 'static,
    ) -> Result<T, Problem> {
        let failed = |what: &dyn std::fmt::Display| {
            Problem::new(ProblemKind::ServerError, format!("the work at the files was not done: {what}"))
        };
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|error| failed(&error))?;
        let store = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            let done = work(&store);
            drop(permit);
            done
        });
        Ok(work.await.map_err(|error| failed(&error))??)
    }

    /// Creates a baseline from a results file.
    pub(in crate::agent_connector) fn make(
        &self,
        results: &FileName,
        id: &BaselineId,
        existing: Existing,
        unique: &str,
    ) -> Result<Baseline, BaselineError> {
        let exists = self.baselines.holds(&id.file);
        if exists && existing == Existing::Keep {
            return Err(BaselineError::Exists { name: id.id.clone() });
        }
        let text = self.results.read(results, RESULTS_BYTES_MAX)?;
        let results = Results::read(results, &text)?;
        drop(text);
        if !exists {
            let Names { first, .. } = self.baselines.names(ENDING, BASELINES_MAX)?;
            if first.len() >= BASELINES_MAX {
                return Err(BaselineError::Full { max: BASELINES_MAX, folder: self.baselines.shown() });
            }
        }
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let baseline = Baseline::new(id.id.clone(), now, &results);
        let io = |error: serde_json::Error| BaselineError::Io { path: id.id.clone(), source: error.into() };
        let text = serde_json::to_vec_pretty(&baseline).map_err(io)?;
        self.baselines.write(&id.file, unique, &text)?;
        Ok(baseline)
    }

    pub(in crate::agent_connector) fn one(&self, id: &BaselineId) -> Result<Baseline, BaselineError> {
        let named = |error| match error {
            BaselineError::Missing { what, .. } => BaselineError::Missing { what, name: id.id.clone() },
            error => error,
        };
        let text = self.baselines.read(&id.file, BASELINE_BYTES_MAX).map_err(named)?;
        let mut baseline: Baseline = read(&id.file, &text)?;
        // The requested name, in case the file was renamed.
        baseline.baseline_id.clone_from(&id.id);
        Ok(baseline)
    }

    pub(in crate::agent_connector) fn list(&self) -> Result<Listing, BaselineError> {
        let Names { first, left_out } = self.baselines.names(ENDING, BASELINES_MAX)?;
        let mut listing = Listing { baselines: Vec::new(), unreadable: Vec::new(), left_out };
        for file in first {
            match self.one(&BaselineId::of(file)) {
                Ok(baseline) => listing.baselines.push(baseline.into()),
                Err(error) => listing.unreadable.push(error),
            }
        }
        Ok(listing)
    }
}

/// The name of a baseline, and of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::agent_connector) struct BaselineId {
    id: String,
    file: FileName,
}

impl BaselineId {
    /// Checks `text`, the value of `key`.
    pub(in crate::agent_connector) fn read(key: &'static str, text: &str) -> Result<Self, BaselineError> {
        FileName::read(key, text)?;
        Ok(Self { id: text.to_owned(), file: FileName::read(key, &format!("{text}{ENDING}"))? })
    }

    fn of(file: FileName) -> Self {
        let id = file.as_str().strip_suffix(ENDING).unwrap_or(file.as_str()).to_owned();
        Self { id, file }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const RESULTS: &str = r#"{"total_requests": 1, "concurrent_users": 1, "duration_seconds": 1, "metrics":
        [{"endpoint": "/", "method": "GET", "status_code": 200, "response_time_ms": 5}]}"#;

    fn id(text: &str) -> BaselineId {
        BaselineId::read("baseline_name", text).unwrap()
    }

    /// A store with the results `r.json`.
    fn store(root: &Path) -> Store {
        fs::create_dir(root.join("results")).unwrap();
        fs::write(root.join("results/r.json"), RESULTS).unwrap();
        Store::new(&root.join("results"), &root.join("baselines"))
    }

    fn make(store: &Store, text: &str) -> Result<Baseline, BaselineError> {
        store.make(&FileName::read("file", "r.json").unwrap(), &id(text), Existing::Replace, "unique")
    }

    #[test]
    fn create_and_read_return_the_same_baseline() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path());
        let made = make(&store, "a").unwrap();
        assert_eq!(store.one(&id("a")).unwrap(), made);
        let again =
            store.make(&FileName::read("file", "r.json").unwrap(), &id("a"), Existing::Keep, "unique");
        insta::assert_snapshot!(again.unwrap_err(), @"the baseline 'a' exists already: choose another name, or set overwrite to true");
        assert!(make(&store, "a").is_ok());
        fs::rename(root.path().join("baselines/a.json"), root.path().join("baselines/b.json")).unwrap();
        fs::write(root.path().join("baselines/c.json"), "{").unwrap();
        let listing = store.list().unwrap();
        let ids: Vec<&str> = listing.baselines.iter().map(|baseline| &*baseline.baseline_id).collect();
        assert_eq!((ids, listing.left_out), (vec!["b"], 0));
        insta::assert_snapshot!(listing.unreadable[0], @"c.json: EOF while parsing an object at line 1 column 1");
        insta::assert_snapshot!(store.one(&id("a")).unwrap_err(), @"the baseline 'a' does not exist");
    }

    #[test]
    fn create_beyond_the_limit_fails_except_for_replacement() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path());
        fs::create_dir(root.path().join("baselines")).unwrap();
        for number in 0..BASELINES_MAX {
            fs::write(root.path().join(format!("baselines/{number}.json")), "{}").unwrap();
        }
        assert!(matches!(make(&store, "new"), Err(BaselineError::Full { max: BASELINES_MAX, .. })));
        assert!(make(&store, "7").is_ok());
    }
}
