//! The usage of agents: queries, model calls and their cost.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use weir_model::{Price, Profile};

/// The default price: that of gpt-4o-mini, as in `config/models/hosted.toml`.
pub(super) const PRICE_DEFAULT: Price =
    Price { input_per_million: 0.15, output_per_million: 0.60, as_of: None };

/// The usage of one agent, or of all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// Queries in SQL.
    pub(super) queries: u64,
    /// Queries in natural language.
    pub(super) natural_queries: u64,
    /// Queries in natural language that another model than the first answered.
    pub(super) failovers: u64,
    /// By model; the settings limit their number.
    models: BTreeMap<Arc<str>, ModelUsage>,
}

/// The usage of one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ModelUsage {
    pub(super) answered: u64,
    /// Calls that it refused.
    pub(super) refused: u64,
    pub(super) prompt_tokens: u64,
    pub(super) completion_tokens: u64,
    pub(super) cost_usd: f64,
}

/// One call that a model answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AnsweredCall {
    pub(super) model: Arc<str>,
    pub(super) prompt_tokens: u32,
    pub(super) completion_tokens: u32,
    pub(super) cost_usd: f64,
}

/// The path of a question through the models, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FailoverRecord {
    pub(super) refused: Vec<Arc<str>>,
    pub(super) answered: Option<AnsweredCall>,
}

/// Returns the cost of a call in US dollars.
pub(super) fn cost_usd(profile: &Profile, prompt_tokens: u32, completion_tokens: u32) -> f64 {
    let price = profile.price.unwrap_or(PRICE_DEFAULT);
    let input = f64::from(prompt_tokens) * price.input_per_million;
    let output = f64::from(completion_tokens) * price.output_per_million;
    (input + output) / 1e6
}

impl Usage {
    /// Counts a question.
    pub(super) fn count(&mut self, record: &FailoverRecord) {
        self.natural_queries += 1;
        for model in &record.refused {
            self.models.entry(Arc::clone(model)).or_default().refused += 1;
        }
        if let Some(answered) = &record.answered {
            self.failovers += u64::from(!record.refused.is_empty());
            let model = self.models.entry(Arc::clone(&answered.model)).or_default();
            model.answered += 1;
            model.prompt_tokens += u64::from(answered.prompt_tokens);
            model.completion_tokens += u64::from(answered.completion_tokens);
            model.cost_usd += answered.cost_usd;
        }
    }

    /// The sum over all models.
    pub(super) fn total(&self) -> ModelUsage {
        self.models.values().fold(ModelUsage::default(), |sum, model| ModelUsage {
            answered: sum.answered + model.answered,
            refused: sum.refused + model.refused,
            prompt_tokens: sum.prompt_tokens + model.prompt_tokens,
            completion_tokens: sum.completion_tokens + model.completion_tokens,
            cost_usd: sum.cost_usd + model.cost_usd,
        })
    }

    /// The cost of the calls.
    pub(super) fn cost(&self) -> Value {
        let total = self.total();
        let mean = if total.answered == 0 { 0.0 } else { total.cost_usd / total.answered as f64 };
        let models = self.models.iter().map(|(name, model)| {
            json!({
                "model": &**name,
                "calls": model.answered,
                "prompt_tokens": model.prompt_tokens,
                "completion_tokens": model.completion_tokens,
                "cost_usd": model.cost_usd,
            })
        });
        json!({
            "total_cost_usd": total.cost_usd,
            "average_cost_per_call_usd": mean,
            "total_calls": total.answered,
            "prompt_tokens": total.prompt_tokens,
            "completion_tokens": total.completion_tokens,
            "by_model": models.collect::<Vec<_>>(),
        })
    }

    /// The calls by model, in the failover order of `providers`.
    pub(super) fn failover(&self, providers: &[Arc<str>]) -> Value {
        let total = self.total();
        let unused = ModelUsage::default();
        let each = providers.iter().zip(1_u32..).map(|(name, priority)| {
            let model = self.models.get(name).unwrap_or(&unused);
            json!({
                "provider": &**name,
                "priority": priority,
                "successful_calls": model.answered,
                "failed_calls": model.refused,
            })
        });
        json!({
            "total_calls": total.answered + total.refused,
            "successful_calls": total.answered,
            "failed_calls": total.refused,
            "failovers": self.failovers,
            "providers": each.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(price: &str) -> Arc<Profile> {
        let source = format!("[model.m]\nsource = 'made up'\nttft = '0s'\nitl = '0s'\n{price}");
        let mut catalog = weir_model::Catalog::default();
        catalog.add(&source, "test").unwrap();
        Arc::clone(catalog.get("m").unwrap())
    }

    fn answered(model: &str, cost_usd: f64) -> Option<AnsweredCall> {
        Some(AnsweredCall { model: model.into(), prompt_tokens: 10, completion_tokens: 5, cost_usd })
    }

    #[test]
    fn cost_uses_the_profile_or_default_price() {
        let priced = profile("price = { input_per_million = 2.0, output_per_million = 10.0 }");
        assert_eq!(cost_usd(&priced, 1_000, 100), 0.003);
        assert_eq!(cost_usd(&profile(""), 1_000_000, 1_000_000), 0.75);
    }

    #[test]
    fn add_counts_calls_refusals_and_failovers_by_model() {
        let mut usage = Usage::default();
        usage.count(&FailoverRecord { refused: Vec::new(), answered: answered("one", 0.5) });
        usage.count(&FailoverRecord { refused: vec!["one".into()], answered: answered("two", 1.5) });
        usage.count(&FailoverRecord { refused: vec!["one".into(), "two".into()], answered: None });
        insta::assert_snapshot!(usage.failover(&["one".into(), "two".into()]), @r#"{"failed_calls":3,"failovers":1,"providers":[{"failed_calls":2,"priority":1,"provider":"one","successful_calls":1},{"failed_calls":1,"priority":2,"provider":"two","successful_calls":1}],"successful_calls":2,"total_calls":5}"#);
        insta::assert_snapshot!(usage.cost(), @r#"{"average_cost_per_call_usd":1.0,"by_model":[{"calls":1,"completion_tokens":5,"cost_usd":0.5,"model":"one","prompt_tokens":10},{"calls":1,"completion_tokens":5,"cost_usd":1.5,"model":"two","prompt_tokens":10}],"completion_tokens":10,"prompt_tokens":20,"total_calls":2,"total_cost_usd":2.0}"#);
        assert_eq!(usage.natural_queries, 3);
    }

    #[test]
    fn cost_without_usage_is_zero() {
        assert_eq!(Usage::default().cost()["average_cost_per_call_usd"], 0.0);
    }
}
