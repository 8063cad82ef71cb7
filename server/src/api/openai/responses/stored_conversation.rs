//! A stored conversation: items that requests continue.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use crate::request::Problem;

/// Maximum items of one conversation.
const ITEMS_MAX: usize = 16_384;
/// What an entry of a list or map needs besides its texts.
const ENTRY_BYTES: usize = 64;

/// A stored conversation.
#[derive(Clone, Debug)]
pub(in crate::api::openai) struct StoredConversation {
    /// Seconds since 1970.
    created: u64,
    pub(super) metadata: BTreeMap<String, String>,
    /// The items, the oldest first.
    items: Vec<StoredItem>,
}

/// An item: its id, and its JSON as it is listed.
#[derive(Clone, Debug)]
struct StoredItem {
    id: Arc<str>,
    json: Arc<str>,
}

impl StoredConversation {
    pub(super) const fn new(created: u64, metadata: BTreeMap<String, String>) -> Self {
        Self { created, metadata, items: Vec::new() }
    }

    /// The object that describes it.
    pub(super) fn object(&self, id: &str) -> Value {
        json!({"id": id, "object": "conversation", "created_at": self.created, "metadata": self.metadata})
    }

    /// Returns it with these items at its end, as far as there is room for them.
    pub(super) fn with_items(&self, items: &[Value]) -> Self {
        let mut with = self.clone();
        let room = ITEMS_MAX.saturating_sub(self.items.len());
        with.items.extend(items.iter().take(room).map(|item| StoredItem {
            id: item.get("id").and_then(Value::as_str).unwrap_or_default().into(),
            json: item.to_string().into(),
        }));
        with
    }

    /// Fails if `more` items do not fit.
    pub(super) fn check_room(&self, more: usize) -> Result<(), Problem> {
        if self.items.len() + more <= ITEMS_MAX {
            return Ok(());
        }
        let message = format!("The conversation would have more than {ITEMS_MAX} items.");
        Err(Problem::invalid(Some("items".to_owned()), message))
    }

    pub(super) fn without_item(&self, id: &str) -> Self {
        let mut without = self.clone();
        without.items.retain(|item| *item.id != *id);
        without
    }

    pub(super) fn with_metadata(&self, metadata: BTreeMap<String, String>) -> Self {
        Self { metadata, ..self.clone() }
    }

    /// Returns the JSON of an item.
    pub(super) fn item(&self, id: &str) -> Option<Arc<str>> {
        self.items.iter().find(|item| *item.id == *id).map(|item| Arc::clone(&item.json))
    }

    /// Returns all items.
    pub(super) fn items(&self) -> Vec<Value> {
        self.items.iter().filter_map(|item| serde_json::from_str(&item.json).ok()).collect()
    }

    /// Returns all items as the input of a request.
    pub(super) fn input(&self) -> String {
        let items: Vec<&str> = self.items.iter().map(|item| &*item.json).collect();
        format!("[{}]", items.join(","))
    }

    /// Its approximate size in bytes.
    pub(super) fn bytes(&self) -> usize {
        let items = self.items.iter().map(|item| item.id.len() + item.json.len());
        let metadata = self.metadata.iter().map(|(key, value)| key.len() + value.len());
        size_of::<Self>() + items.chain(metadata).map(|bytes| bytes + ENTRY_BYTES).sum::<usize>()
    }
}
