//! Chooses the replica of a call.

use super::replica::Replica;
use crate::{engine::prefix::BlockKey, profile::Routing};

/// The prompt of a call to be routed.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoutedPrompt<'a> {
    pub(super) keys: &'a [BlockKey],
    pub(super) tokens: u32,
    pub(super) block_size: u32,
}

/// Returns the index of the replica among `replicas`; `turn` is the number of calls before.
pub(super) fn route(routing: Routing, replicas: &[Replica], turn: u64, prompt: RoutedPrompt<'_>) -> usize {
    let least = |cost: &dyn Fn(&Replica) -> u64| {
        let costs = replicas.iter().map(cost).enumerate();
        costs.min_by_key(|(_, cost)| *cost).map_or(0, |(index, _)| index)
    };
    match routing {
        Routing::RoundRobin => (turn % replicas.len().max(1) as u64) as usize,
        Routing::LeastLoaded => least(&|replica| {
            let (running, waiting) = replica.counts();
            (running + waiting) as u64
        }),
        Routing::PrefixAware => {
            least(&|replica| replica.cost_of_prompt(prompt.keys, prompt.tokens, prompt.block_size))
        }
    }
}
