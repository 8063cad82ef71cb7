//! A cache of compiled schemas.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use quick_cache::{Weighter, unsync::Cache};
use twox_hash::XxHash3_64;

use super::{Schema, SchemaError};

/// Limits of the cache: number of schemas and approximate bytes. A full cache evicts one
/// schema after the other, rarely used ones first, until a new one fits.
const SCHEMAS_MAX: usize = 1_024;
const BYTES_MAX: usize = 128 << 20;
/// Bytes of a schema per byte of its text: names and values are separate allocations.
const BYTES_PER_LETTER: usize = 8;
/// Distinguishes the hashes of schemas that were compiled leniently.
const LENIENT_SEED: u64 = 1;

/// A bounded cache of schemas by their text.
#[derive(Debug)]
pub struct Schemas {
    shared: Arc<Shared>,
    compilation: Compilation,
}

#[derive(Debug)]
struct Shared {
    any_object: Schema,
    known: Mutex<Cache<u64, Compiled, EqualShareWeighter>>,
}

/// What happens to schemas that are not compiled yet.
#[derive(Debug)]
enum Compilation {
    /// They are compiled.
    Now,
    /// They are an error; notes whether there was one.
    Later(AtomicBool),
}

/// A compiled schema, or the error in its text.
#[derive(Clone, Debug)]
struct Compiled {
    schema: Result<Arc<Schema>, SchemaError>,
    /// Its approximate size in bytes.
    bytes: usize,
}

/// Weighs a schema at least an equal share of all bytes, so that the number of schemas is bounded too.
#[derive(Clone, Debug)]
struct EqualShareWeighter;

impl Weighter<u64, Compiled> for EqualShareWeighter {
    fn weight(&self, _: &u64, compiled: &Compiled) -> u64 {
        compiled.bytes.max(BYTES_MAX / SCHEMAS_MAX) as u64
    }
}

impl Default for Schemas {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for Schemas {
    /// The same cache.
    fn clone(&self) -> Self {
        match self.compilation {
            Compilation::Now => Self { shared: Arc::clone(&self.shared), compilation: Compilation::Now },
            Compilation::Later(_) => self.without_compilation(),
        }
    }
}

impl Schemas {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        let known = Cache::with_weighter(SCHEMAS_MAX, BYTES_MAX as u64, EqualShareWeighter);
        let shared = Shared { any_object: Schema::any_object(), known: Mutex::new(known) };
        Self { shared: Arc::new(shared), compilation: Compilation::Now }
    }

    /// Returns the same cache, which compiles nothing: a schema that is not compiled yet is an error.
    /// See [`is_postponed`](Self::is_postponed).
    #[must_use]
    pub fn without_compilation(&self) -> Self {
        let compilation = Compilation::Later(AtomicBool::new(false));
        Self { shared: Arc::clone(&self.shared), compilation }
    }

    /// Whether a schema was needed that was not compiled: what was decided since then does not count.
    #[must_use]
    pub fn is_postponed(&self) -> bool {
        match &self.compilation {
            Compilation::Now => false,
            Compilation::Later(is_postponed) => is_postponed.load(Ordering::Relaxed),
        }
    }

    /// The work of writing a value of the schema; `None` if it is not compiled. For a schema that is not valid, 0.
    pub(crate) fn work(&self, text: &str) -> Option<u64> {
        match self.get_lenient(text) {
            Ok(schema) => Some(schema.work()),
            Err(_) if self.is_postponed() => None,
            Err(_) => Some(0),
        }
    }

    /// Returns the compiled schema of a JSON text; fails if a rule of it cannot be honoured.
    pub fn get(&self, text: &str) -> Result<Arc<Schema>, SchemaError> {
        self.compiled(XxHash3_64::oneshot(text.as_bytes()), text, Schema::compile)
    }

    /// Returns the compiled schema of a JSON text, in which the rules that cannot be honoured are ignored. Fails if it is
    /// not a valid schema.
    pub fn get_lenient(&self, text: &str) -> Result<Arc<Schema>, SchemaError> {
        let hash = XxHash3_64::oneshot_with_seed(LENIENT_SEED, text.as_bytes());
        self.compiled(hash, text, Schema::compile_lenient)
    }

    fn compiled(
        &self,
        hash: u64,
        text: &str,
        compile: fn(&str) -> Result<Schema, SchemaError>,
    ) -> Result<Arc<Schema>, SchemaError> {
        if let Some(known) = self.known().get(&hash) {
            return known.schema.clone();
        }
        if let Compilation::Later(is_postponed) = &self.compilation {
            is_postponed.store(true, Ordering::Relaxed);
            return Err(SchemaError::not_honoured("", "it is not compiled yet"));
        }
        // Compiled outside the lock, so that other threads do not wait.
        let schema = compile(text).map(Arc::new);
        let bytes = match &schema {
            Ok(schema) => BYTES_PER_LETTER * text.len() + schema.bytes(),
            Err(error) => error.pointer.len() + error.message.len(),
        };
        self.known().insert(hash, Compiled { schema: schema.clone(), bytes });
        schema
    }

    /// The schema that any object satisfies.
    #[must_use]
    pub fn any_object(&self) -> &Schema {
        &self.shared.any_object
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Cache<u64, Compiled, EqualShareWeighter>> {
        self.shared.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_of_one_text_compiles_once() {
        let schemas = Schemas::new();
        let (first, again) = (schemas.get("{}").unwrap(), schemas.get("{}").unwrap());
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(schemas.get("{").unwrap_err(), schemas.get("{").unwrap_err());
        assert_eq!(schemas.known().len(), 2);
    }

    #[test]
    fn get_without_compilation_postpones_what_is_not_compiled() {
        let schemas = Schemas::new();
        let text = "{\"type\":\"string\"}";
        let view = schemas.without_compilation();
        assert!(view.get(text).is_err() && view.is_postponed());
        schemas.get(text).unwrap();
        let view = schemas.without_compilation();
        assert!(view.get(text).is_ok() && !view.is_postponed());
        assert!(view.get_lenient(text).is_err() && view.is_postponed());
    }

    #[test]
    fn get_with_full_cache_evicts_one_schema() {
        let schemas = Schemas::new();
        let often = schemas.get("{\"const\":\"often\"}").unwrap();
        for number in 0..2 * SCHEMAS_MAX {
            schemas.get(&format!("{{\"const\":{number}}}")).unwrap();
            assert!(Arc::ptr_eq(&often, &schemas.get("{\"const\":\"often\"}").unwrap()));
            assert!(schemas.known().len() > number.min(SCHEMAS_MAX - 2), "after {number} others");
        }
        assert!(schemas.known().len() <= SCHEMAS_MAX);
    }

    #[test]
    fn get_of_one_schema_by_several_threads_counts_its_bytes_once() {
        let schemas = Schemas::new();
        let text = "{\"type\":\"string\",\"pattern\":\"^\\\\p{L}{0,15}$\"}";
        let weigh = || schemas.known().weight();
        schemas.get(text).unwrap();
        let once = weigh();
        // As if another thread had compiled the same text at the same time.
        let again = schemas.known().get(&XxHash3_64::oneshot(text.as_bytes())).cloned().unwrap();
        schemas.known().insert(XxHash3_64::oneshot(text.as_bytes()), again);
        assert_eq!(weigh(), once);
    }

    #[test]
    fn get_of_large_schemas_keeps_the_bytes_bounded() {
        let schemas = Schemas::new();
        for number in 0..100 {
            let schema = format!("{{\"type\":\"string\",\"pattern\":\"^\\\\p{{L}}{{0,15}}{number}$\"}}");
            schemas.get(&schema).unwrap();
            let known = schemas.known();
            assert!(known.iter().map(|(_, compiled)| compiled.bytes).sum::<usize>() <= BYTES_MAX);
        }
        assert!(schemas.known().len() < 100, "{} bytes", schemas.known().weight());
    }
}
