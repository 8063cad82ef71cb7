//! What the wrappers of serde's traits share while a value is read.

use std::cell::RefCell;

use serde::de::{self, Error as _};

use super::{path::KeyPath, setting_error::TypedError};

/// What the wrappers of one reading share.
#[derive(Default)]
pub(super) struct State {
    pub(super) path: RefCell<KeyPath>,
    /// The text of the map key that was read last.
    pub(super) key: RefCell<String>,
    error: RefCell<Option<TypedError>>,
}

impl State {
    /// Keeps `error` and returns a placeholder in the format's type.
    pub(super) fn keep<E: de::Error>(&self, error: TypedError) -> E {
        self.error.borrow_mut().get_or_insert(error);
        E::custom("invalid value")
    }

    /// The error kept, or the format's.
    pub(super) fn take<E: de::Error>(&self, error: E) -> TypedError {
        self.error.borrow_mut().take().unwrap_or_else(|| TypedError::custom(error))
    }

    /// Reads a value at the path that `push` appends. After an error the path stays, as the place of the error.
    pub(super) fn within<T, E>(
        &self,
        push: impl FnOnce(&mut KeyPath),
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let length = self.path.borrow().len();
        push(&mut self.path.borrow_mut());
        let value = read()?;
        self.path.borrow_mut().truncate(length);
        Ok(value)
    }
}

/// A deserializer, visitor, seed or access of serde, wrapped.
pub(super) struct Tracked<'s, T> {
    pub(super) inner: T,
    pub(super) state: &'s State,
    /// Whether what is read is the key of a map.
    pub(super) is_key: bool,
}
