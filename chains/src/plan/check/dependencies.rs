//! Resolves the references between the steps of a chain.

use std::{cell::OnceCell, collections::HashMap, sync::Arc};

use toml::Spanned;
use weir_pace::Suggestion;

use super::context::CheckContext;
use crate::{
    plan::{graph, names::check_step_name},
    spec::{RawStep, SpecError, SpecErrorKind, SpecErrors, collect_all},
    template::INPUT,
};

/// The steps of a chain, in file order, and the steps that each needs. Positions are in file order.
pub(super) struct Dependencies {
    pub(super) names: Vec<Arc<str>>,
    /// For each step, the positions of those that it needs, ascending.
    pub(super) needs: Vec<Vec<usize>>,
    /// For each step, the position of its fallback.
    pub(super) fallbacks: Vec<Option<usize>>,
    positions: HashMap<Arc<str>, usize>,
}

impl Dependencies {
    pub(super) fn resolve(
        at: CheckContext<'_>,
        steps: &[(Spanned<String>, RawStep)],
    ) -> Result<Self, SpecErrors> {
        collect_all(
            steps
                .iter()
                .map(|(name, _)| check_step_name(name.get_ref()).map_err(|kind| at.step(name).error(kind))),
        )?;
        let names: Vec<Arc<str>> = steps.iter().map(|(name, _)| name.get_ref().as_str().into()).collect();
        let positions =
            names.iter().enumerate().map(|(position, name)| (Arc::clone(name), position)).collect();
        let (needs, fallbacks) = (Vec::new(), vec![None; steps.len()]);
        let mut resolved = Self { names, needs, fallbacks, positions };
        resolved.needs = collect_all(
            steps
                .iter()
                .map(|(name, step)| resolved.resolve_needs(at.step(name), name.get_ref(), &step.needs)),
        )?;
        for (position, (name, step)) in steps.iter().enumerate() {
            if let Some(fallback) = &step.fallback {
                let found = resolved
                    .fallback(position, fallback.get_ref())
                    .map_err(|kind| at.step(name).key_error("fallback", fallback.span(), kind))?;
                if let Some(entry) = resolved.fallbacks.get_mut(position) {
                    *entry = Some(found);
                }
            }
        }
        resolved.link_fallbacks();
        Ok(resolved)
    }

    /// Returns the position of the fallback of the step at `position`.
    fn fallback(&self, position: usize, name: &str) -> Result<usize, SpecErrorKind> {
        let Some(&found) = self.positions.get(name) else { return Err(self.unknown(name)) };
        let rule = if found == position {
            "a step cannot be its own fallback"
        } else if self.fallbacks.contains(&Some(found)) {
            "it is already the fallback of another step"
        } else if self.needs.get(found).is_some_and(|needs| !needs.is_empty()) {
            "a fallback starts when its step fails, so it must not have `needs`"
        } else if self.needs.iter().any(|needs| needs.contains(&found)) {
            "other steps need it; they must need the step whose fallback it is"
        } else {
            return Ok(found);
        };
        Err(SpecErrorKind::BadFallback { name: name.to_owned(), rule })
    }

    /// Orders each fallback after its step and before whatever needs that step.
    fn link_fallbacks(&mut self) {
        for (position, fallback) in self.fallbacks.iter().enumerate() {
            if let Some(needs) = fallback.and_then(|fallback| self.needs.get_mut(fallback)) {
                needs.push(position);
            }
        }
        for (position, needs) in self.needs.iter_mut().enumerate() {
            let mut seen = 0;
            while let Some(need) = needs.get(seen) {
                seen += 1;
                let fallback = self.fallbacks.get(*need).copied().flatten();
                if let Some(fallback) = fallback.filter(|found| *found != position && !needs.contains(found))
                {
                    needs.push(fallback);
                }
            }
            needs.sort_unstable();
        }
    }

    fn unknown(&self, name: &str) -> SpecErrorKind {
        SpecErrorKind::UnknownNeed {
            name: name.to_owned(),
            suggestion: Suggestion::nearest(name, self.step_names()),
        }
    }

    fn resolve_needs(
        &self,
        at: CheckContext<'_>,
        name: &str,
        needs: &[Spanned<String>],
    ) -> Result<Vec<usize>, SpecError> {
        let mut positions = Vec::with_capacity(needs.len());
        for need in needs {
            let need_name = need.get_ref().as_str();
            let position = self.positions.get(need_name).copied();
            let kind = match position {
                Some(_) if need_name == name => SpecErrorKind::SelfNeed,
                Some(position) if positions.contains(&position) => {
                    SpecErrorKind::RepeatedNeed { name: need_name.to_owned() }
                }
                Some(position) => {
                    positions.push(position);
                    continue;
                }
                None => self.unknown(need_name),
            };
            return Err(at.key_error("needs", need.span(), kind));
        }
        positions.sort_unstable();
        Ok(positions)
    }

    /// Returns the positions in plan order.
    pub(super) fn order(
        &self,
        at: CheckContext<'_>,
        steps: &[(Spanned<String>, RawStep)],
    ) -> Result<Vec<usize>, SpecError> {
        graph::topological_order(&self.needs).map_err(|cycle| {
            let first = cycle.first().and_then(|position| steps.get(*position));
            let names: Vec<&str> = cycle
                .iter()
                .chain(cycle.first())
                .filter_map(|position| Some(&**self.names.get(*position)?))
                .collect();
            let at = first.map_or(at, |(name, _)| at.step(name));
            at.error(SpecErrorKind::Cycle { path: names.join(" → ") })
        })
    }

    /// Checks the references of a template of the step at `position`, which may refer to the input of the run and to all
    /// steps that must have ended before.
    pub(super) fn check_reference_from(&self, position: usize) -> impl Fn(&str) -> Result<(), SpecErrorKind> {
        // Computed on the first reference only, because it traverses the graph.
        let ended = OnceCell::new();
        move |name| {
            let Some(referenced) = self.known(name)? else { return Ok(()) };
            let ended = ended.get_or_init(|| graph::ancestors(position, &self.needs));
            match ended.get(referenced) {
                Some(true) => Ok(()),
                _ if referenced == position => Err(SpecErrorKind::SelfReference),
                _ => Err(SpecErrorKind::ReferenceNotNeeded { name: name.to_owned() }),
            }
        }
    }

    /// Checks a reference of a template that is rendered after all steps.
    pub(super) fn check_result_reference(&self, name: &str) -> Result<(), SpecErrorKind> {
        self.known(name).map(drop)
    }

    fn step_names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Returns the position of the step, or `None` for the input.
    fn known(&self, name: &str) -> Result<Option<usize>, SpecErrorKind> {
        match self.positions.get(name) {
            Some(position) => Ok(Some(*position)),
            None if name == INPUT => Ok(None),
            None => {
                let suggestion = Suggestion::nearest(name, self.step_names().chain([INPUT]));
                Err(SpecErrorKind::UnknownReference { name: name.to_owned(), suggestion })
            }
        }
    }
}
