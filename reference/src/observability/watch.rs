//! The observability of one run, and its overhead.

use std::{collections::BTreeSet, time::Duration};

use http::HeaderMap;
use weir_model::Price;
use weir_pace::Rng;

use super::config::{Switch, Switches, WatchCosts};
use crate::fields;
use weir_server::Problem;

/// Returns the switches of a request's header, or those of the settings.
pub(super) fn switches(headers: &HeaderMap, default: Switches) -> Result<Switches, Problem> {
    let all = fields::flag(headers, "X-Enable-Observability")?;
    Ok(all.map_or(default, |on| Switches::all(on.into())))
}

/// The handling of a run's trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trace {
    /// No trace.
    None,
    /// Sent before the response.
    Sent,
    /// Added to the queue.
    Queued,
}

pub(super) const fn trace(switches: Switches) -> Trace {
    match (switches.async_trace_export, switches.langfuse_export) {
        (Switch::On, _) => Trace::Queued,
        (Switch::Off, Switch::On) => Trace::Sent,
        (Switch::Off, Switch::Off) => Trace::None,
    }
}

/// Returns the overhead of the switches, without sending the trace.
pub(super) fn overhead(switches: Switches, costs: &WatchCosts, rng: &mut Rng) -> Duration {
    let parts = [
        (switches.langfuse_export, &costs.langfuse_export),
        (switches.async_trace_export, &costs.async_trace_export),
        (switches.model_costs, &costs.model_costs),
        (switches.similarity_logging, &costs.similarity_logging),
    ];
    let on = parts.into_iter().filter(|(switch, _)| *switch == Switch::On);
    on.map(|(_, cost)| cost.sample(rng)).sum()
}

/// Returns the cost of a run, in US dollars.
pub(super) fn cost_usd(price: Price, prompt_tokens: u64, completion_tokens: u64) -> f64 {
    (prompt_tokens as f64 * price.input_per_million + completion_tokens as f64 * price.output_per_million)
        / 1e6
}

/// Returns the similarity of two texts: the share of common words, from 0 to 1.
pub(super) fn similarity(one: &str, other: &str) -> f64 {
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (one, other) = (words(one), words(other));
    let all = one.union(&other).count();
    if all == 0 { 0.0 } else { one.intersection(&other).count() as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_pace::{Latency, Seed};

    #[test]
    fn overhead_includes_enabled_switches_only() {
        let cost = |ms| Latency::constant(Duration::from_millis(ms));
        let costs = WatchCosts {
            langfuse_export: cost(1),
            async_trace_export: cost(10),
            model_costs: cost(100),
            similarity_logging: cost(1_000),
        };
        let off = Switches::all(Switch::Off);
        let ms = |switches| overhead(switches, &costs, &mut Seed::new(1).rng()).as_millis();
        assert_eq!((ms(off), ms(Switches::all(Switch::On))), (0, 1_111));
        assert_eq!(ms(Switches { langfuse_export: Switch::On, ..off }), 1);
        assert_eq!(ms(Switches { async_trace_export: Switch::On, ..off }), 10);
        assert_eq!(ms(Switches { model_costs: Switch::On, ..off }), 100);
        assert_eq!(ms(Switches { similarity_logging: Switch::On, ..off }), 1_000);
    }

    #[test]
    fn trace_follows_the_switches() {
        let off = Switches::all(Switch::Off);
        assert_eq!(trace(off), Trace::None);
        assert_eq!(trace(Switches { langfuse_export: Switch::On, ..off }), Trace::Sent);
        assert_eq!(trace(Switches { async_trace_export: Switch::On, ..off }), Trace::Queued);
        assert_eq!(trace(Switches::all(Switch::On)), Trace::Queued);
    }

    #[test]
    fn cost_and_similarity_are_computed() {
        let price = Price { input_per_million: 2.0, output_per_million: 10.0, as_of: None };
        assert!((cost_usd(price, 1_000, 500) - 0.007).abs() < 1e-12);
        assert_eq!(similarity("A weir, a dam", "the WEIR"), 0.25);
        assert_eq!((similarity("x", "x!"), similarity("", "...")), (1.0, 0.0));
    }
}
