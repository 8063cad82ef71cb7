//! Every fault of a file, for its author.

use std::{collections::BTreeMap, sync::Arc};

use toml::Spanned;

use super::{CHAINS_MAX, Catalog};
use crate::{
    plan::{self, PlanError},
    spec::{FAULTS_MAX, Place, RawChain, Source, SpecError},
};

impl Catalog {
    /// As [`Catalog::parse`], but tells as many faults at once as can be told apart; `model_fault` says what is wrong
    /// with the name of a model, which only the caller knows.
    ///
    /// # Errors
    /// The faults in the order of their lines, [`FAULTS_MAX`] at the most. A text that is no TOML has one; a chain that
    /// cannot be read, or whose steps have no sound names or needs, is not searched further.
    pub fn inspect(
        source: &str,
        origin: &str,
        model_fault: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<SpecError>> {
        let source = Source::new(source, origin).map_err(|fault| vec![fault])?;
        let readable = source.readable();
        if readable.chains.len() > CHAINS_MAX {
            let problem = PlanError::TooManyChains { max: CHAINS_MAX };
            return Err(vec![source.error(None, Place::default(), problem)]);
        }
        let (mut plans, mut faults) = (BTreeMap::new(), readable.faults);
        for (name, chain) in readable.chains {
            faults.extend(model_faults(source, &name, &chain, &model_fault));
            match plan::check(source, &name, chain) {
                Ok(plan) => drop(plans.insert(Arc::clone(plan.name()), Arc::new(plan))),
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() {
            return Ok(Self { plans });
        }
        faults.sort_by_key(SpecError::line);
        faults.truncate(FAULTS_MAX);
        Err(faults)
    }
}

fn model_faults(
    source: Source<'_>,
    chain: &Spanned<String>,
    raw: &RawChain,
    model_fault: impl Fn(&str) -> Option<String>,
) -> Vec<SpecError> {
    let models = raw.step.iter().filter_map(|(step, raw)| Some((step, &raw.llm.as_ref()?.get_ref().model)));
    models
        // A step without a model's name is told of anyway.
        .filter(|(_, model)| !model.get_ref().is_empty())
        .filter_map(|(step, model)| {
            let place = Place {
                chain: Some(chain.get_ref().clone()),
                step: Some(step.get_ref().clone()),
                key: Some("llm.model".to_owned()),
            };
            let message = model_fault(model.get_ref())?;
            Some(source.error(Some(model.span()), place, PlanError::Value { message }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn inspect(source: &str) -> Result<Catalog, Vec<SpecError>> {
        Catalog::inspect(source, "mine.toml", |model| {
            (model != "fast").then(|| format!("there is no model `{model}`"))
        })
    }

    fn faults(source: &str) -> String {
        let faults: Vec<String> = inspect(source).unwrap_err().iter().map(SpecError::to_string).collect();
        faults.join("\n")
    }

    #[test]
    fn a_sound_file_is_what_it_is_to_the_server() {
        let source = include_str!("../../../config/chains/chain-backend.toml");
        let inspected = Catalog::inspect(source, "chain-backend.toml", |_| None).unwrap();
        let parsed = Catalog::parse(source, "chain-backend.toml").unwrap();
        assert!(inspected.names().eq(parsed.names()));
    }

    #[test]
    fn each_chain_and_each_step_tells_its_own_faults() {
        assert_snapshot!(faults("
            chains = 1
            [chain.unreadable]
            abuot = 'x'
            [chain.unreadable.step.a]
            tol = { takes = '1ms' }
            [chain.unreadable.step.b]
            tool = { takes = 3 }
            [chain.sound.step.a]
            tool = { takes = '1ms' }
            [chain.keys]
            result = '{{ nothing }}'
            timeout = '0s'
            [chain.keys.step.a]
            llm = { model = 'fsat', prompt = '{{ aa }}' }
            [chain.keys.step.b]
            [chain.needs.step.a]
            needs = ['x']
            tool = { takes = '1ms' }
            [chain.needs.step.b]
            needs = ['b']
            tool = { takes = '1ms' }
            [chain.names.step.'a b']
            tool = { takes = '1ms' }
            [chain.names.step.'1']
            tool = { takes = '1ms' }
        "), @r#"
        mine.toml:2: `chains`: unknown key (did you mean `chain`?); known here: `chain`
        mine.toml:4: chain `unreadable`, `abuot`: unknown key (did you mean `about`?); known here: `about`, `timeout`, `result`, `step`
        mine.toml:6: chain `unreadable`, step `a`, `tol`: unknown key (did you mean `tool`?); known here: `tool`, `llm`, `http`, `chain`, `needs`, `join`, `when`, `foreach`, `retry`, `timeout`, `on_error`, `fallback`, `stream`
        mine.toml:8: chain `unreadable`, step `b`, `tool.takes`: 3 has no unit; write "3s" or "3ms" if that is what is meant
        mine.toml:12: chain `keys`, `result`: the template mentions `nothing`, which is neither `input` nor a step
        mine.toml:13: chain `keys`, `timeout`: 0s leaves no time to run; leave the key out for no limit of its own
        mine.toml:15: chain `keys`, step `a`, `llm.model`: there is no model `fsat`
        mine.toml:15: chain `keys`, step `a`, `llm.prompt`: the template mentions `aa`, which is neither `input` nor a step (did you mean `a`?)
        mine.toml:16: chain `keys`, step `b`: the step does nothing; one of `tool`, `llm`, `http` and `chain` is needed
        mine.toml:18: chain `needs`, step `a`, `needs`: there is no step `x`
        mine.toml:21: chain `needs`, step `b`, `needs`: a step cannot need itself
        mine.toml:23: chain `names`, step `a b`: `a b` cannot be a name: 1 to 64 letters, digits and `_` are needed, no digit first, for templates mention it
        mine.toml:25: chain `names`, step `1`: `1` cannot be a name: 1 to 64 letters, digits and `_` are needed, no digit first, for templates mention it
        "#);
    }

    #[test]
    fn a_text_that_is_no_toml_has_one_fault() {
        assert_snapshot!(faults("[chain.c]\nabuot = 1\n[chain.d\n"), @"mine.toml:3: unclosed table, expected `]`");
    }

    #[test]
    fn what_should_be_a_table_is_told_where_it_stands() {
        assert_snapshot!(faults("chain = 3"), @"mine.toml:1: `chain`: invalid type: integer `3`, expected a map");
        assert_snapshot!(faults("[chain]\na = 1\n[chain.b]\nstep = 2\n[chain.c.step]\nd = 3\n[chain.e]\n"), @"
        mine.toml:2: chain `a`: invalid type: integer `1`, expected a table
        mine.toml:4: chain `b`, `step`: invalid type: integer `2`, expected a map
        mine.toml:6: chain `c`, step `d`: invalid type: integer `3`, expected a table
        mine.toml:7: chain `e`: there are no steps; at least one table [chain.NAME.step.STEP] is needed
        ");
    }

    #[test]
    fn no_more_faults_are_told_than_anyone_reads() {
        let many: String = (0..3 * FAULTS_MAX).map(|i| format!("[chain.c{i}]\nabuot = 1\n")).collect();
        assert_eq!(inspect(&many).unwrap_err().len(), FAULTS_MAX);
    }
}
