//! The KV cache: preemption and cached prompts.

use proptest::prelude::*;

use super::*;
use crate::profile::{Routing, SchedulingPolicy};

/// A prompt of whole blocks of 16 tokens: equal hashes are equal beginnings.
fn prompt(start: Instant, hashes: &[u64], output_tokens: u32) -> Job {
    let prefix = PromptPrefix::new(hashes.into(), 16.0);
    Job { prefix, ..job(start, hashes.len() as u32 * 16, output_tokens) }
}

fn config(blocks: u32) -> BatchingConfig {
    let step = step(10.0, 1.0);
    BatchingConfig {
        num_gpu_blocks: blocks,
        block_size: 16,
        step,
        max_num_seqs: 8,
        ..BatchingConfig::default()
    }
}

#[test]
fn cached_beginning_of_a_prompt_shortens_its_prefill() {
    let engine = engine(config(1_000));
    let mut first = engine.admit(prompt(at(0.0), &[1, 2, 3, 4], 1)).unwrap();
    assert_eq!((first.cached_tokens, offsets(&mut first, at(0.0))), (Some(0), vec![64.0]));
    let mut second = engine.admit(prompt(at(100.0), &[1, 2, 9], 1)).unwrap();
    assert_eq!((second.cached_tokens, offsets(&mut second, at(100.0))), (Some(32), vec![116.0]));
    // The last block is computed again: the model needs a token to go on from.
    let mut third = engine.admit(prompt(at(200.0), &[1, 2, 3, 4], 1)).unwrap();
    assert_eq!((third.cached_tokens, offsets(&mut third, at(200.0))), (Some(48), vec![216.0]));
    assert_consistent(&engine);
}

#[test]
fn cache_that_is_disabled_has_no_hits() {
    let engine = engine(BatchingConfig { enable_prefix_caching: false, ..config(1_000) });
    for start in [0.0, 100.0] {
        let mut lease = engine.admit(prompt(at(start), &[1, 2, 3], 1)).unwrap();
        assert_eq!((lease.cached_tokens, offsets(&mut lease, at(start))), (None, vec![start + 48.0]));
    }
}

#[test]
fn cached_blocks_that_are_unused_longest_are_evicted() {
    let engine = engine(config(6));
    for (start, hashes) in [(0.0, [1, 2, 3]), (100.0, [4, 5, 6]), (200.0, [1, 2, 7]), (300.0, [8, 9, 10])] {
        offsets(&mut engine.admit(prompt(at(start), &hashes, 1)).unwrap(), at(start));
    }
    let cached = |hashes: &[u64]| {
        let lease = engine.admit(prompt(at(1_000.0), hashes, 1)).unwrap();
        lease.cached_tokens.unwrap()
    };
    assert_eq!(cached(&[1, 2, 99]), 32);
    assert_eq!(cached(&[4, 5, 98]), 0);
}

#[test]
fn calls_with_the_same_beginning_share_blocks() {
    let engine = engine(config(100));
    offsets(&mut engine.admit(prompt(at(0.0), &[1, 2, 3, 4, 5], 1)).unwrap(), at(0.0));
    let calls = [1_000.0, 1_001.0, 1_002.0]
        .map(|start| engine.admit(prompt(at(start), &[1, 2, 3, 4, start as u64], 100)).unwrap());
    assert_eq!(calls[0].schedule.progress(at(1_040.0)), crate::schedule::Progress::Running);
    // Four blocks of all, and one or two of each.
    let used = engine.stats()[0].kv_usage * 100.0;
    assert!((7.0..=10.0).contains(&used), "{used}");
    assert_consistent(&engine);
}

#[test]
fn last_call_is_preempted_and_computed_again_when_blocks_run_out() {
    let engine = engine(BatchingConfig { enable_prefix_caching: false, ..config(6) });
    // Each has two blocks of prompt, and 24 tokens take two more: together they need eight.
    let mut first = engine.admit(job(at(0.0), 32, 24)).unwrap();
    let mut second = engine.admit(job(at(0.0), 32, 24)).unwrap();
    let [first, second] = all_offsets([&mut first, &mut second], at(0.0));
    assert_eq!(engine.stats()[0].preemptions, 1);
    assert_eq!((first.len(), second.len()), (24, 24));
    assert!(first.is_sorted() && second.is_sorted());
    // The first is never interrupted after the second's prompt.
    let gaps: Vec<f64> = first.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps.iter().filter(|gap| **gap > 10.0).count(), 1, "{gaps:?}");
    // The second computes its tokens again once the first has ended.
    let longest = second.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    assert!(longest > 32.0, "{second:?}");
    assert_consistent(&engine);
}

#[test]
fn preemption_by_priority_takes_the_least_important_call() {
    let engine = engine(BatchingConfig {
        scheduling_policy: SchedulingPolicy::Priority,
        enable_prefix_caching: false,
        ..config(6)
    });
    let mut low = engine.admit(Job { priority: 1, ..job(at(0.0), 32, 24) }).unwrap();
    let mut high = engine.admit(job(at(0.0), 32, 24)).unwrap();
    let (low, high) = (offset(end(&mut low)), offset(end(&mut high)));
    assert!(high < low, "{high} {low}");
    assert_eq!(engine.stats()[0].preemptions, 1);
}

#[test]
fn prefix_aware_routing_prefers_the_replica_with_the_prompt() {
    let engine = engine(BatchingConfig { replicas: 2, routing: Routing::PrefixAware, ..config(1_000) });
    let hashes: Vec<u64> = (1..40).collect();
    let mut first = engine.admit(prompt(at(0.0), &hashes, 1)).unwrap();
    offsets(&mut first, at(0.0));
    let others: Vec<Lease> =
        [1e6, 1e6 + 1.0].map(|start| engine.admit(prompt(at(start), &hashes, 50)).unwrap()).into();
    assert_eq!(others.iter().map(|lease| lease.cached_tokens).collect::<Vec<_>>(), [Some(608); 2]);
    // A prompt that no replica has goes to the idle one.
    let other = engine.admit(prompt(at(1e6 + 2.0), &[99, 98], 50)).unwrap();
    assert_eq!(other.schedule.progress(at(1e6 + 40.0)), crate::schedule::Progress::Running);
    assert_eq!(engine.stats().iter().map(|replica| replica.running).collect::<Vec<_>>(), [2, 1]);
}

#[derive(Clone, Debug)]
enum Event {
    Admit { hashes: Vec<u64>, rest: u32, output: u32, width: usize, priority: i32 },
    Drop(usize),
    Read(usize),
    Wait(u32),
}

fn event() -> impl Strategy<Value = Event> {
    let admit = (prop::collection::vec(0_u64..3, 0..6), 1_u32..40, 0_u32..60, 1_usize..4, 0_i32..3);
    prop_oneof![
        4 => admit.prop_map(|(hashes, rest, output, width, priority)| Event::Admit { hashes, rest, output, width, priority }),
        1 => (0_usize..30).prop_map(Event::Drop),
        2 => (0_usize..30).prop_map(Event::Read),
        4 => (0_u32..200).prop_map(Event::Wait),
    ]
}

fn admit(engine: &BatchingEngine, start: Instant, event: &Event) -> Option<Lease> {
    let Event::Admit { hashes, rest, output, width, priority } = event else { return None };
    // Equal hashes at the same place after the same beginning.
    let mut hash = 7_u64;
    let rolling = hashes.iter().map(|next| {
        hash = hash.wrapping_mul(31).wrapping_add(next + 1);
        hash
    });
    let prefix = PromptPrefix::new(rolling.collect(), 16.0);
    let one = Content::natural(Seed::new(1), *output, Finish::Stop).choices()[0].clone();
    let content = Content::new(vec![one; *width]);
    let tokens = hashes.len() as u32 * 16 + rest;
    engine.admit(Job { prefix, content, priority: *priority, ..job(start, tokens, 0) }).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn blocks_never_leak_and_every_admitted_call_ends(
        events in prop::collection::vec(event(), 1..80),
        blocks in 16_u32..40,
        seqs in 1_u32..6,
        tokens in 6_u32..80,
        replicas in 1_u32..3,
        prefill_replicas in 0_u32..3,
        by_priority in any::<bool>(),
    ) {
        let policy = if by_priority { SchedulingPolicy::Priority } else { SchedulingPolicy::Fcfs };
        let engine = engine(BatchingConfig {
            replicas,
            max_num_seqs: seqs,
            max_num_batched_tokens: tokens,
            scheduling_policy: policy,
            max_waiting: 20,
            disaggregated_prefill: (prefill_replicas > 0).then_some(crate::profile::DisaggregatedPrefill {
                replicas: prefill_replicas,
                transfer: ms(3.0),
                transfer_per_token: Duration::ZERO,
            }),
            ..config(blocks)
        });
        let (mut now, mut calls) = (0.0, Vec::new());
        for event in &events {
            match event {
                Event::Admit { .. } => calls.extend(admit(&engine, at(now), event)),
                Event::Drop(which) if *which < calls.len() => drop(calls.swap_remove(*which)),
                Event::Read(which) => if let Some(call) = calls.get_mut(*which) {
                    let _ = call.schedule.poll_token(3, at(now), Waker::noop());
                },
                Event::Drop(_) => {}
                Event::Wait(wait) => now += f64::from(*wait),
            }
            assert_consistent(&engine);
            prop_assert_eq!(handles(&engine), calls.len());
        }
        for call in &mut calls {
            let end = end(call);
            prop_assert!(call.schedule.first().is_some_and(|first| first <= end));
        }
        assert_consistent(&engine);
        prop_assert!(engine.stats().iter().all(|replica| replica.running + replica.waiting == 0 && replica.kv_usage == 0.0));
    }
}
