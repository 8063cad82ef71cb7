//! Schemas by their text.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use twox_hash::XxHash3_64;

use super::{Schema, SchemaError};

/// Schemas that are kept, and about how many bytes they take; past that all of them are forgotten.
const SCHEMAS_MAX: usize = 1_024;
const BYTES_MAX: usize = 128 << 20;
/// What a schema keeps of each byte of its text: names and values, each with its own allocation.
const BYTES_PER_LETTER: usize = 8;

/// Schemas by their text, compiled once; a bounded number of them.
#[derive(Debug)]
pub struct Schemas {
    any_object: Schema,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    schemas: HashMap<u64, Result<Arc<Schema>, SchemaError>>,
    bytes: usize,
}

impl Default for Schemas {
    fn default() -> Self {
        Self::new()
    }
}

impl Schemas {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self { any_object: Schema::any_object(), known: Mutex::default() }
    }

    /// The schema of that text, which is JSON.
    pub fn get(&self, text: &str) -> Result<Arc<Schema>, SchemaError> {
        let hash = XxHash3_64::oneshot(text.as_bytes());
        if let Some(known) = self.known().schemas.get(&hash) {
            return known.clone();
        }
        // Compiled outside of the lock: others need not wait for it.
        let schema = Schema::compile(text).map(Arc::new);
        let bytes = match &schema {
            Ok(schema) => BYTES_PER_LETTER * text.len() + schema.bytes(),
            Err(error) => error.pointer.len() + error.message.len(),
        };
        let mut known = self.known();
        if known.schemas.len() >= SCHEMAS_MAX || known.bytes + bytes > BYTES_MAX {
            *known = Known::default();
        }
        known.bytes += bytes;
        known.schemas.insert(hash, schema.clone());
        schema
    }

    /// That of any object.
    #[must_use]
    pub const fn any_object(&self) -> &Schema {
        &self.any_object
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_compiled_once_and_a_fault_is_found_once() {
        let schemas = Schemas::new();
        let (first, again) = (schemas.get("{}").unwrap(), schemas.get("{}").unwrap());
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(schemas.get("{").unwrap_err(), schemas.get("{").unwrap_err());
        assert_eq!(schemas.known().schemas.len(), 2);
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let schemas = Schemas::new();
        for number in 0..2 * SCHEMAS_MAX {
            schemas.get(&format!("{{\"const\":{number}}}")).unwrap();
        }
        assert!(schemas.known().schemas.len() <= SCHEMAS_MAX);
        for number in 0..100 {
            let schema = format!("{{\"type\":\"string\",\"pattern\":\"^\\\\p{{L}}{{0,15}}{number}$\"}}");
            schemas.get(&schema).unwrap();
            assert!(schemas.known().bytes <= BYTES_MAX);
        }
        assert!(schemas.known().schemas.len() < 100, "{} bytes", schemas.known().bytes);
    }
}
