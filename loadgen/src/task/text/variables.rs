//! The captured values of a user.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::Value;

/// A captured value and its name.
pub(crate) type Captured = (Arc<str>, Value);

/// The captured values of one user. A later capture replaces the value of the same name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    values: Option<Arc<BTreeMap<Arc<str>, Value>>>,
}

impl Variables {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.as_ref()?.get(name)
    }

    pub(crate) fn keep(&mut self, captured: impl IntoIterator<Item = Captured>) {
        let mut captured = captured.into_iter().peekable();
        if captured.peek().is_some() {
            Arc::make_mut(self.values.get_or_insert_default()).extend(captured);
        }
    }
}
