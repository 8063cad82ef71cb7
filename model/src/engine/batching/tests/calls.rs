//! Steps, the queue, and the ends of calls.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    task::Wake,
};

use super::*;
use crate::{
    profile::{DisaggregatedPrefill, Routing, SchedulingPolicy},
    schedule::Progress,
};

#[derive(Debug, Default)]
struct Wakes(AtomicU32);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Wakes {
    fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn tokens_of_a_lone_call_follow_from_the_steps() {
    let engine = engine(BatchingConfig { step: step(10.0, 0.1), ..BatchingConfig::default() });
    let mut lease = engine.admit(job(at(5.0), 200, 4)).unwrap();
    assert_eq!(offsets(&mut lease, at(5.0)), [25.0, 35.0, 45.0, 55.0]);
    assert_eq!(lease.schedule.queue_and_prefill(), Some((Duration::ZERO, Some(ms(20.0)))));
    assert_eq!(lease.schedule.end(), Some(at(55.0)));
}

#[test]
fn prompt_of_another_call_delays_the_tokens_of_the_first() {
    let config = BatchingConfig {
        max_num_batched_tokens: 301,
        max_num_seqs: 8,
        step: step(10.0, 0.1),
        ..BatchingConfig::default()
    };
    let engine = engine(config);
    let mut first = engine.admit(job(at(0.0), 100, 6)).unwrap();
    // It arrives during the step that ends at 20 ms, and takes two steps of at most 300 tokens beside the first call.
    let mut second = engine.admit(job(at(15.0), 400, 2)).unwrap();
    let [first, of_second] = all_offsets([&mut first, &mut second], at(15.0));
    assert_eq!((first[2..].to_vec(), of_second), (vec![60.0, 80.0, 90.0, 100.0], vec![80.0, 90.0]));
    assert_eq!(queued(&second), 5.0);
}

#[test]
fn time_scale_multiplies_all_durations() {
    let config = Arc::new(BatchingConfig { step: step(10.0, 0.1), ..BatchingConfig::default() });
    let engine = BatchingEngine::new(config, 0.5);
    let delayed = Job { delay: ms(100.0), ..job(at(0.0), 200, 3) };
    let mut lease = engine.admit(delayed).unwrap();
    assert_eq!(offsets(&mut lease, at(0.0)), [60.0, 65.0, 70.0]);
}

#[test]
fn call_with_several_choices_takes_as_many_places_and_tokens() {
    let engine =
        engine(BatchingConfig { max_num_seqs: 4, step: step(10.0, 0.1), ..BatchingConfig::default() });
    let one = Content::natural(Seed::new(1), 3, Finish::Stop).choices()[0].clone();
    let content = Content::new(vec![one.clone(), one.clone(), one]);
    let mut three = engine.admit(Job { content, ..job(at(0.0), 100, 0) }).unwrap();
    let mut two = engine.admit(job(at(1.0), 100, 2)).unwrap();
    let mut last = engine.admit(job(at(2.0), 100, 2)).unwrap();
    let offsets = all_offsets([&mut three, &mut two, &mut last], at(2.0));
    assert_eq!(offsets, [vec![10.0, 30.0, 40.0], vec![30.0, 40.0], vec![50.0, 60.0]]);
}

#[test]
fn answer_without_tokens_ends_with_its_prompt() {
    let engine = engine(BatchingConfig { step: step(10.0, 0.1), ..BatchingConfig::default() });
    let mut lease = engine.admit(job(at(0.0), 70, 0)).unwrap();
    assert_eq!(offset(end(&mut lease)), 7.0);
    assert_eq!(lease.schedule.first(), Some(at(7.0)));
}

#[test]
fn reader_that_is_late_gets_all_tokens_with_the_instant_of_the_first() {
    let engine = engine(slots(4));
    let mut slow = engine.admit(job(at(0.0), 1, 10)).unwrap();
    let mut other = engine.admit(job(at(0.0), 1, 20)).unwrap();
    let mut read = |index, now| slow.schedule.poll_token(index, at(now), Waker::noop());
    assert_eq!(read(0, 0.5), Due::AskAt(at(1.0)));
    assert_eq!(read(0, 1.0), Due::At(at(1.0)));
    assert_eq!(read(1, 6.5), Due::At(at(2.0)));
    assert_eq!((2..6).map(|index| read(index, 6.5)).collect::<Vec<_>>(), [Due::At(at(2.0)); 4]);
    assert_eq!(read(6, 6.5), Due::AskAt(at(7.0)));
    // The other one began a step later: the first step was in progress.
    assert_eq!(offsets(&mut other, at(6.5))[19], 21.0);
}

#[test]
fn queued_call_is_woken_when_it_runs_and_the_head_follows_the_steps() {
    let engine = engine(slots(1));
    let mut running = engine.admit(job(at(0.0), 1, 5)).unwrap();
    let mut head = engine.admit(job(at(0.5), 1, 5)).unwrap();
    let mut last = engine.admit(job(at(0.6), 1, 5)).unwrap();
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(Arc::clone(&wakes));
    // The head is polled even if nobody reads the running call.
    assert_eq!(head.schedule.poll_token(0, at(0.7), &waker), Due::AskAt(at(1.0)));
    assert_eq!(last.schedule.poll_token(0, at(0.7), &waker), Due::AskWhenWoken);
    assert_eq!(head.schedule.poll_token(0, at(5.0), &waker), Due::AskAt(at(6.0)));
    assert_eq!(wakes.count(), 1, "the last one is the head now");
    assert_eq!(last.schedule.poll_token(0, at(5.0), &waker), Due::AskAt(at(6.0)));
    assert_eq!(offset(end(&mut running)), 5.0);
}

#[test]
fn dropped_call_frees_its_place_and_wakes_the_next_head() {
    let engine = engine(slots(1));
    let running = engine.admit(job(at(0.0), 500, 1_000)).unwrap();
    let head = engine.admit(job(at(0.5), 1, 5)).unwrap();
    let mut last = engine.admit(job(at(0.6), 1, 5)).unwrap();
    let wakes = Arc::new(Wakes::default());
    assert_eq!(last.schedule.poll_token(0, at(0.7), &Arc::clone(&wakes).into()), Due::AskWhenWoken);
    drop(running);
    let stats = &engine.stats()[0];
    assert_eq!((stats.running, stats.waiting, stats.kv_usage), (0, 2, 0.0));
    drop(head);
    assert_eq!(wakes.count(), 1);
    assert_consistent(&engine);
    assert_eq!(offsets(&mut last, at(0.8)), [2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(handles(&engine), 1);
    drop(last);
    assert_eq!(handles(&engine), 0);
}

#[test]
fn observer_sees_the_progress_and_does_not_keep_the_call() {
    let engine = engine(slots(1));
    let lease = engine.admit(job(at(0.0), 1, 5)).unwrap();
    let (observer, owner) = (lease.schedule.observer(), lease.schedule.clone());
    drop(lease);
    assert_eq!(observer.progress(at(2.5)), Progress::Running);
    drop(owner);
    assert_eq!(observer.progress(at(3.5)), Progress::Cancelled);
    assert_eq!((engine.stats()[0].running, handles(&engine)), (0, 1));
    let mut ended = engine.admit(job(at(10.0), 1, 5)).unwrap();
    let mut observer = ended.schedule.observer();
    assert_eq!(observer.poll_token(2, at(12.0), Waker::noop()), Due::AskAt(at(13.0)));
    assert_eq!(observer.progress(at(15.0)), Progress::Ended);
    assert_eq!(offset(end(&mut ended)), 15.0);
    drop(ended);
    assert_eq!(observer.progress(at(16.0)), Progress::Ended);
}

#[test]
fn call_beyond_the_queue_is_refused_with_the_time_of_the_next_end() {
    let engine = engine(BatchingConfig { max_waiting: 1, ..slots(2) });
    let mut calls: Vec<Lease> = [(0.0, 5), (0.1, 9), (0.2, 3)]
        .map(|(start, tokens)| engine.admit(job(at(start), 1, tokens)).unwrap())
        .into();
    let refusal = engine.admit(job(at(2.5), 1, 1)).unwrap_err();
    // The first call ends at 5 ms.
    assert_eq!(refusal, Refusal::QueueFull { waiting: 1, retry_after: ms(2.5) });
    calls.push(engine.admit(job(at(5.0), 1, 1)).unwrap());
    assert_eq!(offset(end(&mut calls[2])), 8.0);
}

#[test]
fn call_that_can_never_fit_is_refused() {
    let engine = engine(BatchingConfig { num_gpu_blocks: 2, block_size: 16, ..slots(1) });
    let refusal = engine.admit(job(at(0.0), 20, 13)).unwrap_err();
    assert_eq!(refusal, Refusal::KvCacheExceeded { capacity: 32, tokens: 33 });
    assert!(engine.admit(job(at(0.0), 20, 12)).is_ok());
}

#[test]
fn priority_policy_schedules_low_values_first() {
    let config = BatchingConfig { scheduling_policy: SchedulingPolicy::Priority, ..slots(1) };
    let engine = engine(config);
    let call = |start, priority| engine.admit(Job { priority, ..job(at(start), 1, 2) }).unwrap();
    let mut calls = [call(0.0, 5), call(0.1, 5), call(0.2, 0), call(0.3, 5), call(0.4, -1)];
    assert_eq!(calls.each_mut().map(|call| offset(end(call))), [2.0, 8.0, 6.0, 10.0, 4.0]);
}

#[test]
fn routing_distributes_calls_over_replicas() {
    let config = |routing| BatchingConfig { replicas: 3, routing, ..slots(4) };
    let running = |routing, lengths: [u32; 6]| {
        let engine = engine(config(routing));
        let calls: Vec<Lease> = lengths
            .iter()
            .enumerate()
            .map(|(index, tokens)| engine.admit(job(at(index as f64 * 2.0), 1, *tokens)).unwrap())
            .collect();
        assert!(calls.iter().all(|call| call.schedule.progress(at(20.0)) != Progress::Cancelled));
        engine.stats().iter().map(|replica| replica.running).collect::<Vec<_>>()
    };
    let lengths = [100, 1, 1, 100, 1, 100];
    assert_eq!(running(Routing::RoundRobin, lengths), [2, 0, 1]);
    assert_eq!(running(Routing::LeastLoaded, lengths), [1, 1, 1]);
}

#[test]
fn replicas_that_were_idle_begin_their_steps_apart() {
    let engine = engine(BatchingConfig { replicas: 4, step: step(8.0, 0.0), ..slots(4) });
    let mut calls = [(); 4].map(|()| engine.admit(job(at(0.0), 1, 3)).unwrap());
    let phases = calls.each_mut().map(|call| offset(end(call)) % 8.0);
    assert_eq!(phases, [0.0, 2.0, 4.0, 6.0]);
}

#[test]
fn disaggregated_prefill_does_not_delay_decoding_calls() {
    let split = DisaggregatedPrefill { replicas: 1, transfer: ms(3.0), transfer_per_token: ms(0.01) };
    let config = BatchingConfig {
        disaggregated_prefill: Some(split),
        step: step(10.0, 0.1),
        ..BatchingConfig::default()
    };
    let engine = engine(config);
    let mut first = engine.admit(job(at(0.0), 100, 5)).unwrap();
    // It is computed while the first call decodes: 100 ms, and 13 ms for the transfer.
    let mut second = engine.admit(job(at(12.0), 1_000, 3)).unwrap();
    let mut third = engine.admit(job(at(13.0), 100, 1)).unwrap();
    let offsets = all_offsets([&mut first, &mut second, &mut third], at(13.0));
    assert_eq!(offsets, [vec![10.0, 24.0, 34.0, 44.0, 54.0], vec![112.0, 135.0, 145.0], vec![122.0]]);
    assert_consistent(&engine);
}

#[test]
fn same_jobs_have_the_same_times_however_they_are_read() {
    let times = |reads: &[f64]| {
        let engine = engine(BatchingConfig { replicas: 2, max_num_seqs: 3, ..BatchingConfig::default() });
        let mut rng = Seed::new(9).rng();
        let mut arrival_ms = 0.0;
        let mut calls = Vec::new();
        for _ in 0..200 {
            arrival_ms += exponential(100.0, &mut rng);
            let (prompt, output) =
                (exponential(300.0, &mut rng).ceil() as u32, exponential(40.0, &mut rng).ceil() as u32);
            calls.push(engine.admit(job(at(arrival_ms), prompt, output)).unwrap());
            for wait in reads {
                for call in calls.iter_mut().rev().take(5) {
                    let _ = call.schedule.poll_token(0, at(arrival_ms + wait), Waker::noop());
                }
            }
        }
        let end = |call: &mut Lease| (offset(end(call)), call.schedule.first().map(offset));
        calls.iter_mut().map(end).collect::<Vec<_>>()
    };
    let times_without_reads = times(&[]);
    assert_eq!(times(&[0.0]), times_without_reads);
    assert!(times_without_reads.iter().any(|(end, first)| Some(*end) != *first));
}
