//! The bounded table of registered agents.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::SystemTime,
};

use serde_json::{Value, json};
use weir_pace::Seed;

use super::config::Duplicates;
use super::{key::AgentKey, usage::Usage};

/// Maximum agents; beyond that, the oldest registration is evicted. A load test of 1 000 users needs a
/// tenth of it.
pub(super) const AGENTS_MAX: usize = 10_000;

/// One agent.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) id: Arc<str>,
    pub(super) key: AgentKey,
    /// The type of its database, as registered.
    pub(super) database_type: Option<String>,
    pub(super) registered_at: SystemTime,
    usage: Mutex<Usage>,
    /// Its number in the order of registration.
    number: u64,
}

impl Agent {
    /// Its usage so far.
    pub(super) fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When it registered, RFC 3339 in UTC.
    pub(super) fn registered_at(&self) -> String {
        humantime::format_rfc3339_seconds(self.registered_at).to_string()
    }

    /// The public data of an agent.
    pub(super) fn describe(&self) -> Value {
        json!({
            "agent_id": &*self.id,
            "status": "active",
            "database": {"type": self.database_type},
            "registered_at": self.registered_at(),
        })
    }
}

/// The result of a registration.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) agent: Arc<Agent>,
    /// The replaced registration of the same id.
    pub(super) replaced: Option<Arc<Agent>>,
    /// The agent that was evicted because the table was full.
    pub(super) removed: Option<Arc<Agent>>,
}

/// The error that an id is registered already.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the agent '{0}' is registered already")]
pub(super) struct Taken(pub(super) String);

/// The registered agents.
#[derive(Debug)]
pub(super) struct Agents {
    seed: Seed,
    duplicates: Duplicates,
    max: usize,
    table: RwLock<Table>,
}

#[derive(Debug, Default)]
struct Table {
    by_id: HashMap<Arc<str>, Arc<Agent>>,
    by_age: BTreeMap<u64, Arc<Agent>>,
    next_number: u64,
}

impl Agents {
    pub(super) fn new(seed: Seed, duplicates: Duplicates, max: usize) -> Self {
        Self { seed, duplicates, max, table: RwLock::default() }
    }

    /// Registers an agent as the newest, whether its id is new or not.
    pub(super) fn register(&self, id: &str, database_type: Option<String>) -> Result<Registered, Taken> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let known = table.by_id.contains_key(id);
        if known && self.duplicates == Duplicates::Conflict {
            return Err(Taken(id.to_owned()));
        }
        let replaced = table.by_id.remove(id);
        if let Some(agent) = &replaced {
            table.by_age.remove(&agent.number);
        }
        let removed = if table.by_age.len() >= self.max { table.by_age.pop_first() } else { None };
        let removed = removed.map(|(_, agent)| agent);
        if let Some(agent) = &removed {
            table.by_id.remove(&agent.id);
        }
        let agent = Arc::new(Agent {
            id: id.into(),
            key: AgentKey::derived(self.seed, id),
            database_type,
            registered_at: SystemTime::now(),
            usage: Mutex::default(),
            number: table.next_number,
        });
        table.next_number += 1;
        table.by_id.insert(Arc::clone(&agent.id), Arc::clone(&agent));
        table.by_age.insert(agent.number, Arc::clone(&agent));
        Ok(Registered { agent, replaced, removed })
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Agent>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).by_id.get(id).cloned()
    }

    pub(super) fn count(&self) -> usize {
        self.table.read().unwrap_or_else(PoisonError::into_inner).by_age.len()
    }

    /// Returns the first `most` agents, in the order of registration.
    pub(super) fn first(&self, most: usize) -> Vec<Arc<Agent>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.by_age.values().take(most).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agents(duplicates: Duplicates, max: usize) -> Agents {
        Agents::new(Seed::new(42), duplicates, max)
    }

    fn ids(agents: &Agents) -> Vec<String> {
        agents.first(usize::MAX).iter().map(|agent| agent.id.to_string()).collect()
    }

    #[test]
    fn register_with_full_table_evicts_the_oldest() {
        let agents = agents(Duplicates::Replace, 2);
        assert!(agents.register("a", None).unwrap().removed.is_none());
        agents.register("b", None).unwrap();
        let third = agents.register("c", None).unwrap();
        assert_eq!(&*third.removed.unwrap().id, "a");
        assert_eq!(ids(&agents), ["b", "c"]);
        assert!(agents.get("a").is_none());
    }

    #[test]
    fn register_known_id_keeps_key_and_resets_usage() {
        let agents = agents(Duplicates::Replace, 2);
        let first = agents.register("a", Some("mysql".to_owned())).unwrap().agent;
        first.usage().queries = 5;
        agents.register("b", None).unwrap();
        let again = agents.register("a", None).unwrap();
        assert!(again.removed.is_none(), "nobody has to go for it");
        assert_eq!((again.replaced.unwrap().number, again.agent.key), (first.number, first.key));
        assert_eq!((ids(&agents), agents.count()), (vec!["b".to_owned(), "a".to_owned()], 2));
        let kept = agents.get("a").unwrap();
        assert_eq!((kept.usage().queries, &kept.database_type), (0, &None));
    }

    #[test]
    fn register_known_id_with_conflict_setting_fails() {
        let agents = agents(Duplicates::Conflict, 2);
        let first = agents.register("a", None).unwrap().agent;
        assert_eq!(agents.register("a", None).unwrap_err(), Taken("a".to_owned()));
        assert_eq!(agents.get("a").unwrap().number, first.number);
    }
}
