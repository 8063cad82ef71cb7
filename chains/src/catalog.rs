//! All chains by name.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    plan::{self, Plan, PlanError},
    spec::{Faults, Place, Source, SpecError},
};

/// Chains that a catalogue holds at the most.
const CHAINS_MAX: usize = 4_096;

/// All chains by name.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    plans: BTreeMap<Arc<str>, Arc<Plan>>,
}

/// Two catalogues together hold more chains than one may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are more than {CHAINS_MAX} chains")]
pub struct CatalogFull;

impl Catalog {
    /// Reads and checks the chains of a TOML text; `origin` names its file in errors.
    ///
    /// ```
    /// let source = "
    ///     [chain.lookup.step.docs]
    ///     tool = { takes = '200ms' }
    ///     [chain.lookup.step.web]
    ///     tool = { takes = '300ms' }
    ///     [chain.lookup.step.answer]
    ///     needs = ['docs', 'web']
    ///     llm = { model = 'fast', prompt = 'From {{ docs }} and {{ web }}: {{ input.text }}', total = '1s' }
    /// ";
    /// let catalog = weir_chains::Catalog::parse(source, "lookup.toml")?;
    /// let path = catalog.get("lookup").unwrap().critical_path(|step| step.expected().unwrap());
    /// assert_eq!(path.duration.as_millis(), 1_300);
    /// # Ok::<(), weir_chains::SpecError>(())
    /// ```
    ///
    /// # Errors
    /// The first fault that is found, with its place.
    pub fn parse(source: &str, origin: &str) -> Result<Self, SpecError> {
        let source = Source::new(source, origin)?;
        let chains = source.chains()?;
        if chains.len() > CHAINS_MAX {
            let problem = PlanError::TooManyChains { max: CHAINS_MAX };
            return Err(source.error(None, Place::default(), problem));
        }
        let mut plans = BTreeMap::new();
        for (name, chain) in chains {
            let plan = plan::check(source, &name, chain).map_err(Faults::first)?;
            plans.insert(Arc::clone(plan.name()), Arc::new(plan));
        }
        Ok(Self { plans })
    }

    /// Takes in the chains of `other`; they replace those of the same name.
    ///
    /// # Errors
    /// When there are too many; nothing is taken in then.
    pub fn merge(&mut self, other: Self) -> Result<(), CatalogFull> {
        let added = other.plans.keys().filter(|name| !self.plans.contains_key(*name)).count();
        if self.plans.len() + added > CHAINS_MAX {
            return Err(CatalogFull);
        }
        self.plans.extend(other.plans);
        Ok(())
    }

    /// Checks what only all chains together show: that those which `chain` steps run are there, and that they do not
    /// run each other in a circle or too deep.
    ///
    /// # Errors
    /// The first fault that is found, with its place.
    pub fn check(&self) -> Result<(), SpecError> {
        nesting::check(self)
    }

    /// The chain of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Plan>> {
        self.plans.get(name)
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.plans.keys().map(|name| &**name)
    }

    /// All chains, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.plans.values()
    }
}

mod inspect;
mod nesting;
#[cfg(test)]
mod tests;
