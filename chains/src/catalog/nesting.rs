//! Chains that run chains.

use std::{collections::HashMap, sync::Arc};

use super::Catalog;
use crate::{
    plan::{NestedWork, Plan, PlanError, Work},
    run::DEPTH_MAX,
    spec::{Place, SpecError},
};

/// Checks that the chains which chains run are there, and neither run each other in a circle nor too deep.
pub(super) fn check(catalog: &Catalog) -> Result<(), SpecError> {
    let mut nesting = Nesting { catalog, heights: HashMap::new(), path: Vec::new() };
    catalog.iter().try_for_each(|plan| nesting.height(plan).map(drop))
}

struct Nesting<'c> {
    catalog: &'c Catalog,
    /// How many chains deep each chain is that has been looked at: so that each is looked at once.
    heights: HashMap<Arc<str>, usize>,
    /// From the outermost chain to the one that is being looked at.
    path: Vec<Arc<str>>,
}

impl<'c> Nesting<'c> {
    /// How many chains deep `plan` is: 1 without any within it.
    fn height(&mut self, plan: &Plan) -> Result<usize, SpecError> {
        if let Some(height) = self.heights.get(plan.name()) {
            return Ok(*height);
        }
        self.path.push(Arc::clone(plan.name()));
        let mut height = 1;
        for step in plan.steps() {
            let Work::Chain(nested) = &step.work else { continue };
            let fault = |problem| {
                let place = Place {
                    chain: Some(plan.name().to_string()),
                    step: Some(step.name().to_string()),
                    key: Some("chain.name".to_owned()),
                };
                SpecError::new(&nested.written.origin, Some(nested.written.line), place, problem)
            };
            let inner = self.inner(nested).map_err(fault)?;
            height = height.max(1 + self.height(inner)?);
            if height > DEPTH_MAX {
                return Err(fault(PlanError::TooDeep { depth: height, max: DEPTH_MAX }));
            }
        }
        self.path.pop();
        self.heights.insert(Arc::clone(plan.name()), height);
        Ok(height)
    }

    fn inner(&self, nested: &NestedWork) -> Result<&'c Arc<Plan>, PlanError> {
        if let Some(start) = self.path.iter().position(|name| *name == nested.name) {
            let circle = self.path.iter().skip(start).chain([&nested.name]).map(|name| &**name);
            return Err(PlanError::ChainCycle { path: circle.collect::<Vec<_>>().join(" → ") });
        }
        self.catalog.get(&nested.name).ok_or_else(|| {
            let nearest = weir_pace::nearest(&nested.name, self.catalog.names()).map(str::to_owned);
            PlanError::UnknownChain { name: nested.name.to_string(), nearest }
        })
    }
}
