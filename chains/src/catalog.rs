//! All chains by name.

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use nesting::NESTING_DEPTH_MAX;

use crate::{
    plan::{self, Plan},
    spec::{SpecError, SpecErrorKind, SpecErrors, with_source},
};

/// The largest number of chains in a catalog.
const CHAINS_MAX: usize = 4_096;

/// All chains by name.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    plans: BTreeMap<Arc<str>, Arc<Plan>>,
}

/// Merging two catalogs exceeds the limit on chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are more than {CHAINS_MAX} chains")]
pub struct CatalogFull;

impl Catalog {
    /// Parses and checks the chains of a TOML text; `origin` names its file in errors.
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
    /// Returns the first error and its location.
    pub fn parse(source: &str, origin: &str) -> Result<Self, SpecError> {
        with_source(source, origin, |source| {
            let chains = source.chains()?;
            if chains.len() > CHAINS_MAX {
                let kind = SpecErrorKind::TooManyChains { max: CHAINS_MAX };
                return Err(source.error(None, "chain", kind));
            }
            let mut plans = BTreeMap::new();
            for (name, chain) in chains {
                let plan = plan::check(source, &name, chain).map_err(SpecErrors::first)?;
                plans.insert(Arc::clone(plan.name()), Arc::new(plan));
            }
            Ok(Self { plans })
        })
    }

    /// Adds the chains of `other`; they replace those of the same name.
    ///
    /// # Errors
    /// Fails if the result would have too many chains; `self` is unchanged then.
    pub fn merge(&mut self, other: Self) -> Result<(), CatalogFull> {
        let added = other.plans.keys().filter(|name| !self.plans.contains_key(*name)).count();
        if self.plans.len() + added > CHAINS_MAX {
            return Err(CatalogFull);
        }
        self.plans.extend(other.plans);
        Ok(())
    }

    /// Checks references between chains: every chain that a `chain` step runs must exist, and chains must not run each
    /// other in a cycle or nest too deeply.
    ///
    /// # Errors
    /// Returns the first error and its location.
    pub fn check(&self) -> Result<(), SpecError> {
        nesting::check(self)
    }

    /// Returns the chain of that name.
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

mod lint;
mod nesting;
#[cfg(test)]
mod tests;
