//! All errors of a file at once, for its author.

use std::{collections::BTreeMap, sync::Arc};

use toml::Spanned;

use super::{CHAINS_MAX, Catalog};
use crate::{
    plan,
    spec::{REPORTED_ERRORS_MAX, RawChain, Source, SpecError, SpecErrorKind, key_path, with_source},
};

impl Catalog {
    /// Like [`Catalog::parse`], but reports every independent error; `check_model` returns what is wrong with the name of
    /// a model, which only the caller knows.
    ///
    /// # Errors
    /// Returns at most [`REPORTED_ERRORS_MAX`] errors in line order. A text that is not TOML yields one error; a chain
    /// that cannot be deserialized, or whose step names or `needs` are invalid, is not checked further.
    pub fn lint(
        source: &str,
        origin: &str,
        check_model: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<SpecError>> {
        with_source(source, origin, |source| lint(source, check_model).map_err(ErrorList))
            .map_err(|ErrorList(errors)| errors)
    }
}

/// The errors of a file.
struct ErrorList(Vec<SpecError>);

impl From<SpecError> for ErrorList {
    fn from(error: SpecError) -> Self {
        Self(vec![error])
    }
}

fn lint(source: Source<'_>, check_model: impl Fn(&str) -> Option<String>) -> Result<Catalog, Vec<SpecError>> {
    let parsed = source.parse_fragments();
    if parsed.chains.len() > CHAINS_MAX {
        let kind = SpecErrorKind::TooManyChains { max: CHAINS_MAX };
        return Err(vec![source.error(None, "chain", kind)]);
    }
    let (mut plans, mut errors) = (BTreeMap::new(), parsed.errors);
    for (name, chain) in parsed.chains {
        errors.extend(model_errors(source, &name, &chain, &check_model));
        match plan::check(source, &name, chain) {
            Ok(plan) => drop(plans.insert(Arc::clone(plan.name()), Arc::new(plan))),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() {
        return Ok(Catalog { plans });
    }
    errors.sort_by_key(SpecError::line);
    errors.truncate(REPORTED_ERRORS_MAX);
    Err(errors)
}

fn model_errors(
    source: Source<'_>,
    chain: &Spanned<String>,
    raw: &RawChain,
    check_model: impl Fn(&str) -> Option<String>,
) -> Vec<SpecError> {
    let models = raw.step.iter().filter_map(|(step, raw)| Some((step, &raw.llm.as_ref()?.get_ref().model)));
    models
        // An empty model name is reported by the check of the step.
        .filter(|(_, model)| !model.get_ref().is_empty())
        .filter_map(|(step, model)| {
            let key = key_path(chain.get_ref(), Some(step.get_ref()), Some("llm.model"));
            let message = check_model(model.get_ref())?;
            Some(source.error(Some(model.span()), &key, SpecErrorKind::Value { message }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn lint(source: &str) -> Result<Catalog, Vec<SpecError>> {
        Catalog::lint(source, "mine.toml", |model| {
            (model != "fast").then(|| format!("there is no model `{model}`"))
        })
    }

    fn errors(source: &str) -> String {
        let errors: Vec<String> = lint(source).unwrap_err().iter().map(SpecError::to_string).collect();
        errors.join("\n")
    }

    #[test]
    fn lint_valid_file_equals_parse() {
        let source = include_str!("../../../config/chains/chain-backend.toml");
        let linted = Catalog::lint(source, "chain-backend.toml", |_| None).unwrap();
        let parsed = Catalog::parse(source, "chain-backend.toml").unwrap();
        assert!(linted.names().eq(parsed.names()));
    }

    #[test]
    fn lint_reports_errors_of_every_chain_and_step() {
        assert_snapshot!(errors("
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
        mine.toml:2: chains: unknown key (did you mean `chain`?)
        mine.toml:4: chain.unreadable.abuot: unknown key (did you mean `about`?)
        mine.toml:6: chain.unreadable.step.a.tol: unknown key (did you mean `tool`?)
        mine.toml:8: chain.unreadable.step.b.tool.takes: 3 has no unit; write "3s" or "3ms" if that is what is meant
        mine.toml:12: chain.keys.result: the template refers to `nothing`, which is neither `input` nor a step
        mine.toml:13: chain.keys.timeout: a timeout must not be zero; omit the key for no limit
        mine.toml:15: chain.keys.step.a.llm.model: there is no model `fsat`
        mine.toml:15: chain.keys.step.a.llm.prompt: the template refers to `aa`, which is neither `input` nor a step (did you mean `a`?)
        mine.toml:16: chain.keys.step.b: the step has no action; one of `tool`, `llm`, `http` and `chain` is required
        mine.toml:18: chain.needs.step.a.needs: there is no step `x`
        mine.toml:21: chain.needs.step.b.needs: a step cannot need itself
        mine.toml:23: chain.names.step."a b": `a b` is not a valid name: expected 1 to 64 letters, digits and `_`, not starting with a digit, because templates refer to it
        mine.toml:25: chain.names.step.1: `1` is not a valid name: expected 1 to 64 letters, digits and `_`, not starting with a digit, because templates refer to it
        "#);
    }

    #[test]
    fn lint_invalid_toml_reports_one_error() {
        assert_snapshot!(errors("[chain.c]\nabuot = 1\n[chain.d\n"), @"mine.toml:3: invalid TOML: unclosed table, expected `]`");
    }

    #[test]
    fn lint_value_instead_of_table_reports_location() {
        assert_snapshot!(errors("chain = 3"), @"mine.toml:1: chain: expected a table, found 3");
        assert_snapshot!(errors("[chain]\na = 1\n[chain.b]\nstep = 2\n[chain.c.step]\nd = 3\n[chain.e]\n"), @"
        mine.toml:2: chain.a: expected a table, found 1
        mine.toml:4: chain.b.step: expected a table, found 2
        mine.toml:6: chain.c.step.d: expected a table, found 3
        mine.toml:7: chain.e: the chain has no steps; at least one table [chain.NAME.step.STEP] is required
        ");
    }

    #[test]
    fn lint_reports_at_most_the_maximum() {
        let many: String =
            (0..3 * REPORTED_ERRORS_MAX).map(|i| format!("[chain.c{i}]\nabuot = 1\n")).collect();
        assert_eq!(lint(&many).unwrap_err().len(), REPORTED_ERRORS_MAX);
    }
}
