//! The result of a speedup measurement.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::arm::Arm;
use super::block::{Block, median};
use super::paired::{Paired, RatioInterval, SpeedupVerdict};
use crate::histogram::{Histogram, SignedHistogram};
use crate::summary::{EndReason, FailureCount, RunVerdict, SCHEMA};

/// The change that [`SpeedupSummary::pairs_needed`] plans for: the minimal effect of comparisons, 5 %.
const EFFECT: f64 = 0.05;

/// How much faster a chain runs when its steps run in parallel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeedupSummary {
    /// [`SCHEMA`] of the version that wrote it.
    pub schema: u32,
    /// The version of Weir that made the run.
    pub weir: String,
    /// The chain.
    pub chain: String,
    /// The target's URL, without anything secret.
    pub target: String,
    /// When the run began, RFC 3339 in UTC. A label: nothing is computed from it.
    pub started: String,
    /// The seed of the order of blocks.
    pub seed: u64,
    /// The factor of the simulated delays of a server started for the run; 1 by default.
    pub time_scale: f64,
    /// Runs started together in each block.
    pub at_once: u32,
    /// The planned number of pairs of blocks.
    pub pairs_planned: u32,
    /// The duration of the measurement, in seconds.
    pub run_s: f64,
    /// Why the run ended; [`EndReason::Requests`] after the last pair.
    pub ended: EndReason,
    /// The pairs whose both blocks have a run that succeeded, in the order in which they ran.
    pub pairs: Vec<Pair>,
    /// Sequential wall time / parallel wall time: the geometric mean over pairs. `None` without a pair.
    pub ratio: Option<f64>,
    /// The 95 % paired t-interval of the ratio, on log ratios. `None` below two pairs.
    pub interval: Option<RatioInterval>,
    /// The conclusion from the interval.
    pub verdict: SpeedupVerdict,
    /// If undecided: pairs that would show a change of 5 % in four runs of five, if the spread stays the same;
    /// `None` above 1 000, or if the spread is unknown.
    pub pairs_needed: Option<u32>,
    /// The median over runs of Σ step durations / critical path: the highest possible speedup of these steps.
    /// `None` if the target's traces do not have the durations.
    pub ideal: Option<f64>,
    /// `ratio / ideal`.
    pub efficiency: Option<f64>,
    /// The sequential arm.
    pub sequential: ArmFigures,
    /// The parallel arm.
    pub parallel: ArmFigures,
    /// Runs that failed, by kind.
    pub failures: BTreeMap<String, FailureCount>,
    /// Wall time seen by the client − delivered total reported by the server, run by run.
    pub wall_error: SignedHistogram,
}

/// One pair of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The arm that ran first.
    pub first: Arm,
    /// The median wall time of the sequential block.
    pub sequential_ms: f64,
    /// The median wall time of the parallel block.
    pub parallel_ms: f64,
}

impl Pair {
    /// Sequential / parallel.
    pub fn ratio(self) -> f64 {
        self.sequential_ms / self.parallel_ms
    }
}

/// The runs of one arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmFigures {
    /// Wall times of the runs that succeeded.
    pub wall: Histogram,
    /// The median over runs of the shortest time in which this arm could have run the steps as long as they took:
    /// their sum for the sequential arm, the critical path for the parallel one.
    pub bound_ms: Option<f64>,
}

/// The settings and the course of a measurement, apart from the pairs.
#[derive(Clone, Debug)]
pub struct SpeedupRun {
    /// The chain.
    pub chain: String,
    /// The target's URL, without secrets.
    pub target: String,
    /// When it began: RFC 3339, in UTC.
    pub started: String,
    /// The seed of the order of blocks.
    pub seed: u64,
    /// The factor of all waits.
    pub time_scale: f64,
    /// Runs started together in each block.
    pub at_once: u32,
    /// The planned number of pairs of blocks.
    pub pairs_planned: u32,
    /// Duration of the whole measurement, in seconds.
    pub run_s: f64,
    /// Why it ended.
    pub ended: EndReason,
    /// Runs that failed, by kind.
    pub failures: BTreeMap<String, FailureCount>,
    /// Wall time seen by the client − delivered total reported by the server.
    pub wall_error: SignedHistogram,
}

impl SpeedupSummary {
    /// Runs that succeeded, of both arms.
    pub fn runs(&self) -> u64 {
        self.sequential.wall.count() + self.parallel.wall.count()
    }

    /// The verdict on the run: without a complete pair, nothing was compared.
    pub fn run_verdict(&self) -> RunVerdict {
        let compared = if self.pairs.is_empty() { RunVerdict::Failed } else { RunVerdict::Passed };
        RunVerdict::of_end(self.ended).max(compared)
    }

    /// Runs that failed.
    pub fn failed(&self) -> u64 {
        self.failures.values().map(|failure| failure.count).sum()
    }

    /// Sums up the pairs of blocks, each in the order in which it ran.
    pub fn of(blocks: &[[Block; 2]], run: SpeedupRun) -> Self {
        let pairs: Vec<Pair> = blocks.iter().filter_map(pair).collect();
        let ratios: Vec<f64> = pairs.iter().map(|pair| pair.ratio()).collect();
        let paired = Paired::from_ratios(&ratios);
        let interval = paired.and_then(Paired::interval);
        let verdict = interval.map_or(SpeedupVerdict::Undecided, RatioInterval::verdict);
        let ideals =
            blocks.iter().flatten().flat_map(|block| &block.traces).map(|trace| trace.ideal()).collect();
        let ideal = median(ideals);
        let ratio = paired.map(Paired::ratio);
        Self {
            schema: SCHEMA,
            weir: env!("CARGO_PKG_VERSION").to_owned(),
            chain: run.chain,
            target: run.target,
            started: run.started,
            seed: run.seed,
            time_scale: run.time_scale,
            at_once: run.at_once,
            pairs_planned: run.pairs_planned,
            run_s: run.run_s,
            ended: run.ended,
            pairs,
            ratio,
            interval,
            verdict,
            pairs_needed: paired
                .filter(|_| verdict == SpeedupVerdict::Undecided)
                .and_then(|paired| paired.pairs_needed(EFFECT)),
            ideal,
            efficiency: ratio.zip(ideal).map(|(ratio, ideal)| ratio / ideal),
            sequential: arm_figures(blocks, Arm::Sequential),
            parallel: arm_figures(blocks, Arm::Parallel),
            failures: run.failures,
            wall_error: run.wall_error,
        }
    }
}

/// Returns `None` if one of the blocks has no successful run.
fn pair(blocks: &[Block; 2]) -> Option<Pair> {
    let [first, second] = blocks;
    let (sequential, parallel) = match first.arm {
        Arm::Sequential => (first, second),
        Arm::Parallel => (second, first),
    };
    Some(Pair {
        first: first.arm,
        sequential_ms: sequential.median_ms()?,
        parallel_ms: parallel.median_ms()?,
    })
}

fn arm_figures(blocks: &[[Block; 2]], arm: Arm) -> ArmFigures {
    let mut wall = Histogram::default();
    let mut bounds = Vec::new();
    for block in blocks.iter().flatten().filter(|block| block.arm == arm) {
        block.walls.iter().for_each(|run| wall.record(*run));
        bounds.extend(block.traces.iter().map(|trace| match arm {
            Arm::Sequential => trace.sum_ms,
            Arm::Parallel => trace.critical_path_ms,
        }));
    }
    ArmFigures { wall, bound_ms: median(bounds) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::block::Lengths;
    use super::*;

    fn block(arm: Arm, walls_ms: &[u64]) -> Block {
        let traces = vec![Lengths { sum_ms: 2_400.0, critical_path_ms: 800.0 }; walls_ms.len()];
        Block { arm, walls: walls_ms.iter().map(|ms| Duration::from_millis(*ms)).collect(), traces }
    }

    fn summary(blocks: &[[Block; 2]]) -> SpeedupSummary {
        SpeedupSummary::of(
            blocks,
            SpeedupRun {
                chain: "parallel_processing".into(),
                target: "http://127.0.0.1:8000".into(),
                started: "2026-11-21T02:46:09Z".into(),
                seed: 1,
                time_scale: 1.0,
                at_once: 2,
                pairs_planned: 3,
                run_s: 12.0,
                ended: EndReason::Requests,
                failures: BTreeMap::new(),
                wall_error: SignedHistogram::default(),
            },
        )
    }

    #[test]
    fn of_blocks_in_either_order_pairs_by_arm() {
        let found = summary(&[
            [block(Arm::Sequential, &[2_400, 2_500]), block(Arm::Parallel, &[1_000])],
            [block(Arm::Parallel, &[1_000]), block(Arm::Sequential, &[2_450])],
        ]);
        let pairs = [
            Pair { first: Arm::Sequential, sequential_ms: 2_450.0, parallel_ms: 1_000.0 },
            Pair { first: Arm::Parallel, sequential_ms: 2_450.0, parallel_ms: 1_000.0 },
        ];
        assert_eq!(found.pairs, pairs);
        assert!((found.ratio.unwrap() - 2.45).abs() < 1e-9);
        assert!((found.efficiency.unwrap() - 2.45 / 3.0).abs() < 1e-9);
        assert_eq!(found.verdict, SpeedupVerdict::Faster);
        assert_eq!((found.sequential.bound_ms, found.parallel.bound_ms), (Some(2_400.0), Some(800.0)));
        assert_eq!((found.runs(), found.pairs_needed), (5, None));
    }

    #[test]
    fn of_incomplete_pair_counts_for_its_arm_only() {
        let found = summary(&[
            [block(Arm::Sequential, &[2_000]), block(Arm::Parallel, &[1_000])],
            [block(Arm::Sequential, &[9_000]), block(Arm::Parallel, &[])],
        ]);
        assert_eq!(found.pairs.len(), 1);
        assert!((found.ratio.unwrap() - 2.0).abs() < 1e-9);
        assert_eq!((found.interval, found.verdict), (None, SpeedupVerdict::Undecided));
        assert_eq!(found.sequential.wall.count(), 2);
    }

    #[test]
    fn of_undecided_pairs_names_the_pairs_needed() {
        let pairs = [(1_000, 1_100), (1_100, 1_000), (1_000, 1_050)];
        let blocks = pairs.map(|(s, p)| [block(Arm::Sequential, &[s]), block(Arm::Parallel, &[p])]);
        let found = summary(&blocks);
        assert_eq!(found.verdict, SpeedupVerdict::Undecided);
        assert!(found.pairs_needed.is_some_and(|pairs| pairs > 3), "{:?}", found.pairs_needed);
    }

    #[test]
    fn serialize_and_parse_returns_the_same_summary() {
        let found = summary(&[[block(Arm::Sequential, &[2_000]), block(Arm::Parallel, &[1_000])]]);
        let read: SpeedupSummary = serde_json::from_str(&serde_json::to_string(&found).unwrap()).unwrap();
        assert_eq!(read, found);
        let nothing = summary(&[]);
        assert_eq!((nothing.ratio, nothing.ideal, nothing.efficiency), (None, None, None));
    }
}
