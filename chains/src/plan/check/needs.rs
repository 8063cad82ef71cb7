//! The references between the steps of a chain, resolved.

use std::{cell::OnceCell, collections::HashMap, sync::Arc};

use toml::Spanned;

use super::place::At;
use crate::{
    plan::{INPUT, PlanError, graph, names::check_step_name},
    spec::{Faults, RawStep, SpecError, all},
};

/// The steps of a chain by name, in the order of the file, and what each needs.
pub(super) struct Needs {
    pub(super) names: Vec<Arc<str>>,
    /// For each step the places of those that it needs, ascending.
    pub(super) needs: Vec<Vec<usize>>,
    /// For each step the place of the one that is done when it fails.
    pub(super) fallbacks: Vec<Option<usize>>,
    places: HashMap<Arc<str>, usize>,
}

impl Needs {
    pub(super) fn resolve(at: At<'_>, steps: &[(Spanned<String>, RawStep)]) -> Result<Self, Faults> {
        all(steps.iter().map(|(name, _)| {
            check_step_name(name.get_ref()).map_err(|problem| at.step(name).error(problem))
        }))?;
        let names: Vec<Arc<str>> = steps.iter().map(|(name, _)| name.get_ref().as_str().into()).collect();
        let places = names.iter().enumerate().map(|(place, name)| (Arc::clone(name), place)).collect();
        let (needs, fallbacks) = (Vec::new(), vec![None; steps.len()]);
        let mut resolved = Self { names, needs, fallbacks, places };
        resolved.needs = all(steps
            .iter()
            .map(|(name, step)| resolved.of_step(at.step(name), name.get_ref(), &step.needs)))?;
        for (place, (name, step)) in steps.iter().enumerate() {
            if let Some(fallback) = &step.fallback {
                let found = resolved
                    .fallback(place, fallback.get_ref())
                    .map_err(|problem| at.step(name).key_error("fallback", fallback.span(), problem))?;
                if let Some(entry) = resolved.fallbacks.get_mut(place) {
                    *entry = Some(found);
                }
            }
        }
        resolved.link_fallbacks();
        Ok(resolved)
    }

    /// The place of the fallback of the step at `place`.
    fn fallback(&self, place: usize, name: &str) -> Result<usize, PlanError> {
        let Some(&found) = self.places.get(name) else { return Err(self.unknown(name)) };
        let rule = if found == place {
            "a step cannot stand in for itself"
        } else if self.fallbacks.contains(&Some(found)) {
            "it stands in for another step already"
        } else if self.needs.get(found).is_some_and(|needs| !needs.is_empty()) {
            "it starts when the step fails that it stands in for, so it can have no `needs`"
        } else if self.needs.iter().any(|needs| needs.contains(&found)) {
            "other steps need it; they should need the step that it stands in for"
        } else {
            return Ok(found);
        };
        Err(PlanError::BadFallback { name: name.to_owned(), rule })
    }

    /// A fallback comes after the step that it stands in for, and before whatever needs that one.
    fn link_fallbacks(&mut self) {
        for (place, fallback) in self.fallbacks.iter().enumerate() {
            if let Some(needs) = fallback.and_then(|fallback| self.needs.get_mut(fallback)) {
                needs.push(place);
            }
        }
        for (place, needs) in self.needs.iter_mut().enumerate() {
            let mut seen = 0;
            while let Some(need) = needs.get(seen) {
                seen += 1;
                let fallback = self.fallbacks.get(*need).copied().flatten();
                if let Some(fallback) = fallback.filter(|found| *found != place && !needs.contains(found)) {
                    needs.push(fallback);
                }
            }
            needs.sort_unstable();
        }
    }

    fn unknown(&self, name: &str) -> PlanError {
        PlanError::UnknownNeed {
            name: name.to_owned(),
            nearest: weir_pace::nearest(name, self.step_names()).map(str::to_owned),
        }
    }

    fn of_step(&self, at: At<'_>, name: &str, needs: &[Spanned<String>]) -> Result<Vec<usize>, SpecError> {
        let mut places = Vec::with_capacity(needs.len());
        for need in needs {
            let need_name = need.get_ref().as_str();
            let place = self.places.get(need_name).copied();
            let problem = match place {
                Some(_) if need_name == name => PlanError::SelfNeed,
                Some(place) if places.contains(&place) => {
                    PlanError::RepeatedNeed { name: need_name.to_owned() }
                }
                Some(place) => {
                    places.push(place);
                    continue;
                }
                None => self.unknown(need_name),
            };
            return Err(at.key_error("needs", need.span(), problem));
        }
        places.sort_unstable();
        Ok(places)
    }

    /// The places of the file in the order of the plan.
    pub(super) fn order(
        &self,
        at: At<'_>,
        steps: &[(Spanned<String>, RawStep)],
    ) -> Result<Vec<usize>, SpecError> {
        graph::order(&self.needs).map_err(|circle| {
            let first = circle.first().and_then(|place| steps.get(*place));
            let names: Vec<&str> = circle
                .iter()
                .chain(circle.first())
                .filter_map(|place| Some(&**self.names.get(*place)?))
                .collect();
            let at = first.map_or(at, |(name, _)| at.step(name));
            at.error(PlanError::Cycle { path: names.join(" → ") })
        })
    }

    /// Judges what a template of the step at `place` mentions: it may see the input of the run and all
    /// steps that must have ended by then.
    pub(super) fn mention_from(&self, place: usize) -> impl Fn(&str) -> Result<(), PlanError> {
        // Found when something is mentioned only: it walks the graph.
        let ended = OnceCell::new();
        move |name| {
            let Some(mentioned) = self.known(name)? else { return Ok(()) };
            let ended = ended.get_or_init(|| graph::ancestors(place, &self.needs));
            match ended.get(mentioned) {
                Some(true) => Ok(()),
                _ if mentioned == place => Err(PlanError::OwnOutput),
                _ => Err(PlanError::NotNeeded { name: name.to_owned() }),
            }
        }
    }

    /// Judges what a template mentions that is rendered after all steps.
    pub(super) fn mention_from_end(&self, name: &str) -> Result<(), PlanError> {
        self.known(name).map(drop)
    }

    fn step_names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// The place of the step, if `name` is not the input.
    fn known(&self, name: &str) -> Result<Option<usize>, PlanError> {
        match self.places.get(name) {
            Some(place) => Ok(Some(*place)),
            None if name == INPUT => Ok(None),
            None => {
                let nearest = weir_pace::nearest(name, self.step_names().chain([INPUT])).map(str::to_owned);
                Err(PlanError::UnknownMention { name: name.to_owned(), nearest })
            }
        }
    }
}
