//! The prices of tokens.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use weir_pace::matches_wildcard;

use super::error::Invalid;

/// The prices of a model in US dollars. Tokens from a prompt cache have the same price as others, because the discounts of
/// providers differ.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelPrice {
    /// The price of a million input tokens.
    pub input_per_million: f64,
    /// The price of a million output tokens.
    pub output_per_million: f64,
}

impl ModelPrice {
    /// Returns the cost of these numbers of tokens.
    pub(crate) fn cost_usd(self, input_tokens: u64, output_tokens: u64) -> f64 {
        const MILLION: f64 = 1e6;
        (input_tokens as f64 * self.input_per_million + output_tokens as f64 * self.output_per_million)
            / MILLION
    }
}

/// The prices of a scenario, and the default prices.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Prices {
    /// Prices of the scenario, by model or pattern of models.
    own: BTreeMap<String, ModelPrice>,
    /// Default prices, by model.
    known: BTreeMap<String, ModelPrice>,
}

impl Prices {
    pub(super) fn check(own: BTreeMap<String, ModelPrice>) -> Result<Self, Invalid> {
        for (model, price) in &own {
            let ModelPrice { input_per_million, output_per_million } = *price;
            for (name, dollars) in
                [("input_per_million", input_per_million), ("output_per_million", output_per_million)]
            {
                if !(dollars.is_finite() && dollars >= 0.0) {
                    let key = format!("price.\"{model}\".{name}");
                    return Err(Invalid::range(key, &dollars, "a price of 0 dollars or more"));
                }
            }
        }
        Ok(Self { own, known: BTreeMap::new() })
    }

    /// Sets default prices, for models without a price in the scenario.
    pub(super) fn set_known(&mut self, known: impl IntoIterator<Item = (String, ModelPrice)>) {
        self.known.extend(known);
    }

    /// Returns the price of a model: by its name, by the longest pattern that matches, or the default.
    pub(crate) fn of(&self, model: &str) -> Option<ModelPrice> {
        let by_pattern = || {
            let matching = self.own.iter().filter(|(pattern, _)| matches_wildcard(pattern, model));
            matching.max_by_key(|(pattern, _)| pattern.len()).map(|(_, price)| price)
        };
        self.own.get(model).or_else(by_pattern).or_else(|| self.known.get(model)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(dollars: f64) -> ModelPrice {
        ModelPrice { input_per_million: dollars, output_per_million: 4.0 * dollars }
    }

    #[test]
    fn of_several_matches_returns_most_exact() {
        let own = [("gpt-4o", 1.0), ("gpt-*", 2.0), ("gpt-4o*", 3.0)];
        let own = own.map(|(model, dollars)| (model.to_owned(), price(dollars)));
        let mut prices = Prices::check(BTreeMap::from(own)).unwrap();
        prices.set_known([("gpt-5".to_owned(), price(8.0)), ("claude".to_owned(), price(9.0))]);
        let of = |model| prices.of(model).map(|price| price.input_per_million);
        assert_eq!(of("gpt-4o"), Some(1.0));
        assert_eq!(of("gpt-4o-mini"), Some(3.0));
        assert_eq!(of("gpt-5"), Some(2.0), "the scenario replaces the default");
        assert_eq!(of("claude"), Some(9.0));
        assert_eq!(of("llama"), None);
    }

    #[test]
    fn cost_usd_adds_input_and_output() {
        let cost = ModelPrice { input_per_million: 2.5, output_per_million: 10.0 }.cost_usd(200_000, 30_000);
        assert!((cost - 0.8).abs() < 1e-12, "{cost}");
    }
}
