//! The nesting of chains: chains whose steps run other chains.

use std::{collections::HashMap, sync::Arc};

use super::Catalog;
use weir_pace::Suggestion;

use crate::{
    plan::{Action, ChainAction, Plan},
    spec::{SpecError, SpecErrorKind},
};

/// The largest nesting depth of chains.
pub(crate) const NESTING_DEPTH_MAX: usize = 8;

/// Checks that every nested chain exists and that nesting has no cycle and is not too deep.
pub(super) fn check(catalog: &Catalog) -> Result<(), SpecError> {
    let mut nesting = NestingCheck { catalog, depths: HashMap::new(), path: Vec::new() };
    catalog.iter().try_for_each(|plan| nesting.depth(plan).map(drop))
}

struct NestingCheck<'c> {
    catalog: &'c Catalog,
    /// The nesting depth of each chain visited so far, so that each is visited once.
    depths: HashMap<Arc<str>, usize>,
    /// From the outermost chain to the one being visited.
    path: Vec<Arc<str>>,
}

impl<'c> NestingCheck<'c> {
    /// Returns the nesting depth of `plan`: 1 if it runs no other chain.
    fn depth(&mut self, plan: &Plan) -> Result<usize, SpecError> {
        if let Some(depth) = self.depths.get(plan.name()) {
            return Ok(*depth);
        }
        self.path.push(Arc::clone(plan.name()));
        let mut depth = 1;
        for step in plan.steps() {
            let Action::Chain(nested) = &step.action else { continue };
            let error_at_name = |kind: SpecErrorKind| SpecError::at(nested.name_place.clone(), kind);
            let inner = self.resolve(nested).map_err(error_at_name)?;
            depth = depth.max(1 + self.depth(inner)?);
            if depth > NESTING_DEPTH_MAX {
                return Err(error_at_name(SpecErrorKind::TooDeep { depth, max: NESTING_DEPTH_MAX }));
            }
        }
        self.path.pop();
        self.depths.insert(Arc::clone(plan.name()), depth);
        Ok(depth)
    }

    fn resolve(&self, nested: &ChainAction) -> Result<&'c Arc<Plan>, SpecErrorKind> {
        if let Some(start) = self.path.iter().position(|name| *name == nested.name) {
            let cycle = self.path.iter().skip(start).chain([&nested.name]).map(|name| &**name);
            return Err(SpecErrorKind::ChainCycle { path: cycle.collect::<Vec<_>>().join(" → ") });
        }
        self.catalog.get(&nested.name).ok_or_else(|| {
            let suggestion = Suggestion::nearest(&nested.name, self.catalog.names());
            SpecErrorKind::UnknownChain { name: nested.name.to_string(), suggestion }
        })
    }
}
