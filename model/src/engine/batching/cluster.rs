//! The replicas of a batching engine and their calls, advanced in the order of events.

use std::{
    collections::BTreeMap,
    sync::Arc,
    task::Waker,
    time::{Duration, Instant},
};

use weir_pace::instant_after;

use super::{
    replica::{Replica, Role},
    routing::{RoutedPrompt, route},
    sequence::{Phase, Rank, Sequence, SequenceId, Sequences},
    step::StepSettings,
};
use crate::{
    engine::prefix::BlockKey,
    profile::{BatchingConfig, SchedulingPolicy},
    refusal::Refusal,
    schedule::{LiveNext, LiveState},
};

/// The shortest time after which a client of a full queue may try again.
const RETRY_AFTER_MIN: Duration = Duration::from_millis(1);

/// The replicas of an engine and their calls.
///
/// Nothing happens by itself: whoever asks hands in the time, and all that has happened until then is computed first, in
/// order. So the outcome does not depend on who asks, nor on how often.
#[derive(Debug)]
pub(super) struct Cluster {
    settings: StepSettings,
    sequences: Sequences,
    /// Those that decode, then those for prompts, if prefill is disaggregated.
    replicas: Vec<Replica>,
    /// Calls that join a queue later, by instant and number.
    arrivals: BTreeMap<(Instant, u64), SequenceId>,
    /// The instant of the latest event.
    now: Option<Instant>,
    /// The number of calls so far, and of those that have joined a queue of replicas for prompts and of others.
    calls: u64,
    prefill_turns: u64,
    turns: u64,
}

/// A call to be admitted.
#[derive(Debug)]
pub(super) struct NewCall {
    pub(super) start: Instant,
    /// The time before it joins a queue.
    pub(super) delay: Duration,
    pub(super) prompt_tokens: u32,
    pub(super) output_tokens: u32,
    pub(super) steps: u32,
    pub(super) width: u32,
    pub(super) priority: i32,
    pub(super) keys: Box<[BlockKey]>,
}

/// An admitted call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entered {
    pub(super) id: SequenceId,
    /// The tokens of its prompt that are cached at this time.
    pub(super) cached_tokens: u32,
}

/// The state of a replica.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplicaStats {
    /// Running sequences.
    pub running: usize,
    /// Waiting sequences.
    pub waiting: usize,
    /// The share of KV blocks in use.
    pub kv_usage: f64,
    /// The sequences that were preempted so far.
    pub preemptions: u64,
}

impl Cluster {
    pub(super) fn new(config: Arc<BatchingConfig>, time_scale: f64) -> Self {
        let prefill = config.disaggregated_prefill.as_ref().map_or(0, |prefill| prefill.replicas);
        let roles = [(Role::Whole, config.replicas), (Role::Prefill, prefill)];
        let roles = roles.into_iter().flat_map(|(role, count)| (0..count).map(move |_| role));
        let replicas = roles.enumerate().map(|(index, role)| Replica::new(index, role, &config)).collect();
        Self {
            settings: StepSettings { config, time_scale },
            sequences: Sequences::default(),
            replicas,
            arrivals: BTreeMap::new(),
            now: None,
            calls: 0,
            prefill_turns: 0,
            turns: 0,
        }
    }

    /// Computes all that has happened until `until`, and adds the wakers of calls that have more to ask to `woken`.
    pub(super) fn advance(&mut self, until: Instant, woken: &mut Vec<Waker>) {
        loop {
            let ends = self.replicas.iter().enumerate();
            let step = ends.filter_map(|(index, replica)| Some((replica.step_ends()?, index))).min();
            let arrival = self.arrivals.first_key_value().map(|((at, _), _)| *at);
            match (step, arrival) {
                (Some((at, index)), arrival)
                    if at <= until && arrival.is_none_or(|arrival| at <= arrival) =>
                {
                    self.end_step(index, at, woken);
                }
                (_, Some(at)) if at <= until => {
                    if let Some((_, id)) = self.arrivals.pop_first() {
                        self.enqueue(id, at, woken);
                    }
                }
                _ => break,
            }
        }
        self.now = Some(self.now.map_or(until, |now| now.max(until)));
    }

    /// Admits a call, after all that has happened until its start.
    pub(super) fn enter(&mut self, call: NewCall, woken: &mut Vec<Waker>) -> Result<Entered, Refusal> {
        self.advance(call.start, woken);
        let now = self.now.unwrap_or(call.start);
        self.check_room(&call, now)?;
        let number = self.calls;
        self.calls += 1;
        let priority = match self.settings.config.scheduling_policy {
            SchedulingPolicy::Fcfs => 0,
            SchedulingPolicy::Priority => call.priority,
        };
        let arrives = instant_after(now, self.settings.scaled(call.delay));
        let id = self.sequences.insert(Sequence {
            rank: Rank { priority, number },
            prompt_tokens: call.prompt_tokens.max(1),
            steps: call.steps,
            width: call.width.max(1),
            keys: call.keys,
            phase: Phase::Arriving(arrives),
            arrived: instant_after(call.start, self.settings.scaled(call.delay)),
            scheduled: None,
            first: None,
            last: call.start,
            unread_since: None,
            produced: 0,
            computed: 0,
            in_step: 0,
            transferred: 0,
            blocks: Vec::new(),
            waker: None,
            owners: 1,
            handles: 1,
        });
        if !call.delay.is_zero() {
            self.arrivals.insert((arrives, number), id);
            return Ok(Entered { id, cached_tokens: 0 });
        }
        let cached_tokens = self.enqueue(id, now, woken);
        Ok(Entered { id, cached_tokens })
    }

    /// Returns the state of a call. A queued one keeps `waker`, unless it is at the head of its queue; the waker that it
    /// replaces is added to `replaced`.
    pub(super) fn state(
        &mut self,
        id: SequenceId,
        waker: Option<&Waker>,
        replaced: &mut Vec<Waker>,
    ) -> LiveState {
        let now = self.now;
        let phase = self.sequences.get(id).phase;
        let step_ends = |index: usize| self.replicas.get(index).and_then(Replica::step_ends);
        let is_head = |index: usize| self.replicas.get(index).and_then(Replica::head) == Some(id);
        let next = match phase {
            Phase::Arriving(at) => LiveNext::AskAt(at),
            Phase::Ended(at) => LiveNext::Ended(at),
            Phase::Cancelled => LiveNext::Cancelled,
            Phase::Running(index) => step_ends(index).map_or(LiveNext::AskWhenWoken, LiveNext::AskAt),
            Phase::Queued(index) => match (waker, step_ends(index)) {
                (Some(_), _) if !is_head(index) => LiveNext::AskWhenWoken,
                (_, Some(at)) => LiveNext::AskAt(at),
                (_, None) => LiveNext::AskWhenWoken,
            },
        };
        let sequence = self.sequences.get_mut(id);
        if let (LiveNext::AskWhenWoken, Some(waker)) = (next, waker)
            && !sequence.waker.as_ref().is_some_and(|kept| kept.will_wake(waker))
        {
            replaced.extend(sequence.waker.replace(waker.clone()));
        }
        let unread_since = sequence.unread_since.unwrap_or(sequence.last);
        if waker.is_some() {
            sequence.unread_since = None;
        }
        let until = sequence.scheduled.or(now).unwrap_or(sequence.arrived);
        LiveState {
            produced: sequence.produced,
            unread_since,
            queued: until.saturating_duration_since(sequence.arrived),
            first: sequence.first,
            prefill: sequence.first.map(|first| first.saturating_duration_since(until)),
            next,
        }
    }

    /// Adds a handle of a call.
    pub(super) fn add_handle(&mut self, id: SequenceId, is_owner: bool) {
        let sequence = self.sequences.get_mut(id);
        sequence.handles += 1;
        sequence.owners += u32::from(is_owner);
    }

    /// Removes a handle of a call. With the last owner the call is cancelled, with the last handle it is removed. Returns
    /// what is to be dropped when nothing is locked.
    pub(super) fn remove_handle(
        &mut self,
        id: SequenceId,
        is_owner: bool,
        woken: &mut Vec<Waker>,
    ) -> Option<Sequence> {
        let sequence = self.sequences.get_mut(id);
        sequence.handles -= 1;
        sequence.owners -= u32::from(is_owner);
        let is_last = sequence.handles == 0;
        if sequence.owners == 0 && is_owner {
            self.cancel(id, woken);
        }
        is_last.then(|| self.sequences.remove(id)).flatten()
    }

    pub(super) fn stats(&self) -> Vec<ReplicaStats> {
        let stats = self.replicas.iter().map(|replica| {
            let (running, waiting) = replica.counts();
            let (kv_usage, preemptions) = (replica.kv().usage(), replica.preemptions());
            ReplicaStats { running, waiting, kv_usage, preemptions }
        });
        stats.collect()
    }

    /// The number of calls that have handles.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Fails if a call could never run, or if the queue is full.
    fn check_room(&self, call: &NewCall, now: Instant) -> Result<(), Refusal> {
        let tokens = u64::from(call.prompt_tokens.max(1)) + u64::from(call.output_tokens);
        if self.settings.config.blocks(tokens) > self.settings.config.num_gpu_blocks.into() {
            return Err(Refusal::KvCacheExceeded { capacity: self.settings.config.kv_tokens(), tokens });
        }
        let waiting =
            self.arrivals.len() + self.replicas.iter().map(|replica| replica.counts().1).sum::<usize>();
        let places =
            self.replicas.iter().map(|replica| u64::from(replica.free_places(&self.settings.config)));
        if (waiting as u64) < u64::from(self.settings.config.max_waiting) + places.sum::<u64>() {
            return Ok(());
        }
        let ends = self.replicas.iter().filter_map(|replica| replica.next_end(now, &self.sequences));
        let retry_after = ends.min().unwrap_or(RETRY_AFTER_MIN).max(RETRY_AFTER_MIN);
        Err(Refusal::QueueFull { waiting, retry_after })
    }

    fn end_step(&mut self, index: usize, at: Instant, woken: &mut Vec<Waker>) {
        let mut passed_on = Vec::new();
        if let Some(replica) = self.replicas.get_mut(index) {
            replica.end_step(at, &mut self.sequences, &self.settings, &mut passed_on, woken);
        }
        for id in passed_on {
            self.pass_on(id, at);
        }
    }

    /// Passes a sequence whose prompt is computed on to the replicas that decode.
    fn pass_on(&mut self, id: SequenceId, at: Instant) {
        let Some(prefill) = &self.settings.config.disaggregated_prefill else { return };
        let sequence = self.sequences.get_mut(id);
        let per_token = prefill.transfer_per_token.saturating_mul(sequence.prompt_tokens);
        let arrives = instant_after(at, self.settings.scaled(prefill.transfer.saturating_add(per_token)));
        sequence.transferred = std::mem::take(&mut sequence.computed);
        sequence.phase = Phase::Arriving(arrives);
        self.arrivals.insert((arrives, sequence.rank.number), id);
    }

    /// Adds a sequence to the queue of a replica, and returns its cached tokens there.
    fn enqueue(&mut self, id: SequenceId, now: Instant, woken: &mut Vec<Waker>) -> u32 {
        let sequence = self.sequences.get(id);
        let decoding = self.settings.config.replicas as usize;
        let is_for_prefill = self.replicas.len() > decoding && sequence.transferred == 0;
        let group = if is_for_prefill { decoding..self.replicas.len() } else { 0..decoding };
        let (first, count) = (group.start, group.len());
        let block_size = self.settings.config.block_size;
        let prompt = RoutedPrompt { keys: &sequence.keys, tokens: sequence.tokens(), block_size };
        let replicas = self.replicas.get(group).unwrap_or_default();
        let turn = if is_for_prefill { &mut self.prefill_turns } else { &mut self.turns };
        let chosen = route(self.settings.config.routing, replicas, *turn, prompt);
        *turn += 1;
        let Some(replica) = self.replicas.get_mut(first + chosen) else { return 0 };
        let cached = replica.cached_blocks(prompt.keys, prompt.tokens, block_size) * block_size;
        // Replicas that were idle do not begin their steps together: their tokens would be written together, too.
        let shortest = self.settings.scaled(self.settings.config.step.duration(0, 1, 0.0));
        let delay = shortest.mul_f64(chosen as f64 / count.max(1) as f64);
        replica.enqueue(id, now, delay, &mut self.sequences, &self.settings, woken);
        cached
    }

    fn cancel(&mut self, id: SequenceId, woken: &mut Vec<Waker>) {
        let sequence = self.sequences.get(id);
        match sequence.phase {
            Phase::Arriving(at) => {
                self.arrivals.remove(&(at, sequence.rank.number));
            }
            Phase::Queued(index) | Phase::Running(index) => {
                if let Some(replica) = self.replicas.get_mut(index) {
                    replica.cancel(id, &mut self.sequences, &self.settings, woken);
                }
            }
            Phase::Ended(_) | Phase::Cancelled => return,
        }
        let sequence = self.sequences.get_mut(id);
        sequence.phase = Phase::Cancelled;
        // It would keep the task of its reader.
        woken.extend(sequence.waker.take());
    }

    #[cfg(test)]
    pub(super) fn assert_consistent(&self) {
        for replica in &self.replicas {
            replica.assert_consistent(&self.sequences, &self.settings);
        }
    }
}
