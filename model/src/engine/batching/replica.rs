//! A replica: a queue, and steps that advance all running sequences.

use std::{
    collections::BTreeMap,
    task::Waker,
    time::{Duration, Instant},
};

use super::{
    kv_cache::KvCache,
    sequence::{Phase, Rank, Sequence, SequenceId, Sequences},
    step::{StepLoad, StepSettings},
};
use crate::{engine::prefix::BlockKey, profile::BatchingConfig};

/// What a replica computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Prompts and answers.
    Whole,
    /// Prompts, with the first token; another replica continues.
    Prefill,
}

/// A replica. It has no clock: its caller ends each step when it is over.
#[derive(Debug)]
pub(super) struct Replica {
    index: usize,
    role: Role,
    kv: KvCache,
    /// In the order of their ranks.
    running: Vec<(Rank, SequenceId)>,
    waiting: BTreeMap<Rank, SequenceId>,
    /// Blocks of the prompts that wait.
    waiting_blocks: u64,
    /// Places that the running sequences take.
    places: u32,
    /// The end of the step in progress; `None` if the replica is idle.
    step_ends: Option<Instant>,
    /// The duration of the last step.
    last_step: Duration,
    /// The sequences that were preempted so far.
    preemptions: u64,
}

impl Replica {
    pub(super) fn new(index: usize, role: Role, config: &BatchingConfig) -> Self {
        Self {
            index,
            role,
            kv: KvCache::new(config.num_gpu_blocks),
            running: Vec::new(),
            waiting: BTreeMap::new(),
            waiting_blocks: 0,
            places: 0,
            step_ends: None,
            last_step: Duration::ZERO,
            preemptions: 0,
        }
    }

    /// The end of the step in progress; `None` if the replica is idle.
    pub(super) const fn step_ends(&self) -> Option<Instant> {
        self.step_ends
    }

    /// The sequence at the head of the queue.
    pub(super) fn head(&self) -> Option<SequenceId> {
        self.waiting.first_key_value().map(|(_, id)| *id)
    }

    /// The numbers of running and of waiting sequences.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.running.len(), self.waiting.len())
    }

    pub(super) const fn kv(&self) -> &KvCache {
        &self.kv
    }

    pub(super) const fn preemptions(&self) -> u64 {
        self.preemptions
    }

    /// The sequences that can still join the next step.
    pub(super) fn free_places(&self, config: &BatchingConfig) -> u32 {
        config.max_num_seqs.saturating_sub(self.places)
    }

    /// The cost of a prompt here: the blocks to compute, and those that are in use or needed with it.
    pub(super) fn cost_of_prompt(&self, keys: &[BlockKey], tokens: u32, block_size: u32) -> u64 {
        let cached = self.cached_blocks(keys, tokens, block_size);
        let shared = keys.iter().take(cached as usize).filter(|key| self.kv.is_used(key.id())).count();
        let blocks = u64::from(tokens.div_ceil(block_size));
        let needed = u64::from(self.kv.used()) + self.waiting_blocks + blocks - shared as u64;
        blocks - u64::from(cached) + needed
    }

    /// The number of blocks at the beginning of a prompt of `tokens` tokens that are cached; one token is always computed.
    pub(super) fn cached_blocks(&self, keys: &[BlockKey], tokens: u32, block_size: u32) -> u32 {
        let most = tokens.saturating_sub(1) / block_size;
        let cached = keys.iter().take(most as usize).take_while(|key| self.kv.has(key.first_of_chunk()));
        cached.count() as u32
    }

    /// The time from `now` until a running sequence ends.
    pub(super) fn next_end(&self, now: Instant, sequences: &Sequences) -> Option<Duration> {
        let left = |(_, id): &(Rank, SequenceId)| {
            let sequence = sequences.get(*id);
            sequence.steps.saturating_sub(sequence.produced)
        };
        let steps = self.running.iter().map(left).min()?;
        let step_left = self.step_ends?.saturating_duration_since(now);
        Some(step_left.saturating_add(self.last_step.saturating_mul(steps.saturating_sub(1))))
    }

    /// Adds a sequence to the queue at `now`. An idle replica begins a step after `delay`.
    pub(super) fn enqueue(
        &mut self,
        id: SequenceId,
        now: Instant,
        delay: Duration,
        sequences: &mut Sequences,
        settings: &StepSettings,
        woken: &mut Vec<Waker>,
    ) {
        self.add_waiting(id, sequences, settings);
        if self.step_ends.is_some() {
            return;
        }
        if delay.is_zero() {
            self.begin_step(now, sequences, settings, woken);
        } else {
            self.step_ends = Some(now + delay);
        }
    }

    /// Ends the step in progress at `now` and begins the next one. Sequences that another replica continues are added to
    /// `passed_on`.
    pub(super) fn end_step(
        &mut self,
        now: Instant,
        sequences: &mut Sequences,
        settings: &StepSettings,
        passed_on: &mut Vec<SequenceId>,
        woken: &mut Vec<Waker>,
    ) {
        let mut running = std::mem::take(&mut self.running);
        running.retain(|(_, id)| {
            let sequence = sequences.get_mut(*id);
            if sequence.in_step == 0 {
                return true;
            }
            let is_staying = self.end_step_of(sequence, now, settings);
            if !is_staying && sequence.phase == Phase::Running(self.index) {
                passed_on.push(*id);
            }
            is_staying
        });
        self.running = running;
        self.begin_step(now, sequences, settings, woken);
    }

    /// Ends the step of one sequence. Returns whether it stays.
    fn end_step_of(&mut self, sequence: &mut Sequence, now: Instant, settings: &StepSettings) -> bool {
        let block_size = settings.config.block_size;
        let before = sequence.computed / block_size;
        sequence.computed += std::mem::take(&mut sequence.in_step);
        if (before as usize) < sequence.keys.len() {
            let computed =
                sequence.keys.iter().zip(&sequence.blocks).take((sequence.computed / block_size) as usize);
            for (key, block) in computed.skip(before as usize) {
                self.kv.set_key(*block, key.id());
            }
        }
        if sequence.computed < sequence.tokens() {
            return true;
        }
        sequence.last = now;
        sequence.first.get_or_insert(now);
        if sequence.steps > 0 {
            sequence.produced += 1;
            sequence.unread_since.get_or_insert(now);
        }
        let is_over = sequence.produced >= sequence.steps;
        if is_over {
            sequence.phase = Phase::Ended(now);
        }
        let is_staying = !is_over && self.role == Role::Whole;
        if !is_staying {
            self.places -= settings.places(sequence);
            self.kv.release(&mut sequence.blocks);
        }
        is_staying
    }

    /// Removes a sequence that is cancelled.
    pub(super) fn cancel(
        &mut self,
        id: SequenceId,
        sequences: &mut Sequences,
        settings: &StepSettings,
        woken: &mut Vec<Waker>,
    ) {
        let sequence = sequences.get_mut(id);
        if self.waiting.remove(&sequence.rank).is_some() {
            self.waiting_blocks -= u64::from(settings.blocks(sequence.tokens()));
        } else if let Ok(index) = self.running.binary_search_by_key(&sequence.rank, |(rank, _)| *rank) {
            self.running.remove(index);
            self.places -= settings.places(sequence);
            self.kv.release(&mut sequence.blocks);
        }
        self.wake_head(sequences, woken);
    }

    /// Begins the next step at `now`, if there is work.
    fn begin_step(
        &mut self,
        now: Instant,
        sequences: &mut Sequences,
        settings: &StepSettings,
        woken: &mut Vec<Waker>,
    ) {
        let tokens = settings.config.max_num_batched_tokens;
        let mut load = StepLoad { tokens_left: tokens, ..StepLoad::default() };
        let is_short_of_blocks = self.continue_running(&mut load, sequences, settings);
        if !is_short_of_blocks {
            self.admit_waiting(now, &mut load, sequences, settings, woken);
        }
        self.wake_head(sequences, woken);
        self.step_ends = (load.tokens_left < tokens).then(|| {
            let step = &settings.config.step;
            self.last_step =
                settings.scaled(step.duration(load.prefill_tokens, load.decoding, self.kv.usage()));
            now + self.last_step
        });
    }

    /// Adds the running sequences to the step. Returns whether one was preempted.
    fn continue_running(
        &mut self,
        load: &mut StepLoad,
        sequences: &mut Sequences,
        settings: &StepSettings,
    ) -> bool {
        let preemptions = self.preemptions;
        let mut index = 0;
        while load.tokens_left > 0
            && let Some((_, id)) = self.running.get(index).copied()
        {
            let sequence = sequences.get_mut(id);
            let tokens = (sequence.tokens() - sequence.computed).min(load.tokens_left);
            let blocks = settings.blocks(sequence.computed + tokens) as usize;
            if sequence.blocks.len() >= blocks || self.extend(index, id, blocks, sequences, settings) {
                load.add(sequences.get_mut(id), tokens);
            }
            index += 1;
        }
        self.preemptions > preemptions
    }

    /// Gives the running sequence at `index` a total of `blocks` blocks; preempts those after it, or else itself. Returns
    /// whether it has them.
    fn extend(
        &mut self,
        index: usize,
        id: SequenceId,
        blocks: usize,
        sequences: &mut Sequences,
        settings: &StepSettings,
    ) -> bool {
        while sequences.get(id).blocks.len() < blocks {
            match self.kv.take() {
                Some(block) => sequences.get_mut(id).blocks.push(block),
                None => self.preempt_last(sequences, settings),
            }
            if self.running.len() <= index {
                return false;
            }
        }
        true
    }

    /// Returns the last running sequence to the queue; its tokens are computed again later.
    fn preempt_last(&mut self, sequences: &mut Sequences, settings: &StepSettings) {
        let Some((_, id)) = self.running.pop() else { return };
        self.preemptions += 1;
        let sequence = sequences.get_mut(id);
        self.places -= settings.places(sequence);
        self.kv.release(&mut sequence.blocks);
        (sequence.computed, sequence.in_step, sequence.transferred) = (0, 0, 0);
        self.add_waiting(id, sequences, settings);
    }

    /// Moves sequences from the queue to the step, as long as there are places, tokens and blocks for the next.
    fn admit_waiting(
        &mut self,
        now: Instant,
        load: &mut StepLoad,
        sequences: &mut Sequences,
        settings: &StepSettings,
        woken: &mut Vec<Waker>,
    ) {
        while load.tokens_left > 0
            && let Some((rank, id)) = self.waiting.first_key_value().map(|(rank, id)| (*rank, *id))
        {
            let sequence = sequences.get_mut(id);
            let places = settings.places(sequence);
            if self.places + places > settings.config.max_num_seqs
                || !self.take_prompt(sequence, load, settings)
            {
                return;
            }
            self.waiting.remove(&rank);
            self.waiting_blocks -= u64::from(settings.blocks(sequence.tokens()));
            self.places += places;
            let index = self.running.partition_point(|(other, _)| *other < rank);
            self.running.insert(index, (rank, id));
            sequence.phase = Phase::Running(self.index);
            sequence.scheduled.get_or_insert(now);
            woken.extend(sequence.waker.take());
        }
    }

    /// Gives a sequence the blocks of the first part of its prompt, if there are enough for all of it.
    fn take_prompt(&mut self, sequence: &mut Sequence, load: &mut StepLoad, settings: &StepSettings) -> bool {
        let (tokens, block_size) = (sequence.tokens(), settings.config.block_size);
        let cached = match sequence.transferred {
            0 => self.cached_blocks(&sequence.keys, tokens, block_size) as usize,
            _ => 0,
        };
        let cached_keys = sequence.keys.get(..cached).unwrap_or_default();
        let shared = cached_keys.iter().filter(|key| self.kv.is_used(key.id())).count() as u32;
        if settings.blocks(tokens) - shared > self.kv.free() {
            return false;
        }
        sequence.computed = (cached as u32 * block_size).max(sequence.transferred);
        let in_step = (tokens - sequence.computed).min(load.tokens_left);
        let blocks = settings.blocks(sequence.computed + in_step) as usize;
        // First all that are cached, so that none of them is evicted for another one.
        let found: Vec<Option<u32>> = cached_keys.iter().map(|key| self.kv.take_cached(key.id())).collect();
        let found = found.into_iter().chain(std::iter::repeat(None)).take(blocks);
        for block in found {
            sequence.blocks.extend(block.or_else(|| self.kv.take()));
        }
        load.add(sequence, in_step);
        true
    }

    fn add_waiting(&mut self, id: SequenceId, sequences: &mut Sequences, settings: &StepSettings) {
        let sequence = sequences.get_mut(id);
        sequence.phase = Phase::Queued(self.index);
        self.waiting_blocks += u64::from(settings.blocks(sequence.tokens()));
        self.waiting.insert(sequence.rank, id);
    }

    /// Wakes the reader of the sequence at the head of the queue: it follows the steps, so that the queue advances even if
    /// no reader of a running sequence does.
    fn wake_head(&self, sequences: &mut Sequences, woken: &mut Vec<Waker>) {
        if let Some(id) = self.head() {
            woken.extend(sequences.get_mut(id).waker.take());
        }
    }

    #[cfg(test)]
    pub(super) fn assert_consistent(&self, sequences: &Sequences, settings: &StepSettings) {
        self.kv.assert_consistent();
        assert!(self.running.is_sorted());
        let running = self.running.iter().map(|(_, id)| sequences.get(*id));
        let held: std::collections::BTreeSet<u32> =
            running.clone().flat_map(|sequence| sequence.blocks.iter().copied()).collect();
        assert_eq!(held.len() as u32, self.kv.used());
        assert_eq!(running.clone().map(|sequence| settings.places(sequence)).sum::<u32>(), self.places);
        assert!(self.places <= settings.config.max_num_seqs);
        for sequence in running {
            assert!(sequence.blocks.len() as u32 >= settings.blocks(sequence.computed + sequence.in_step));
        }
        let waiting = self.waiting.values().map(|id| sequences.get(*id));
        let blocks: u64 = waiting.clone().map(|sequence| u64::from(settings.blocks(sequence.tokens()))).sum();
        assert_eq!(blocks, self.waiting_blocks);
        assert!(waiting.into_iter().all(|sequence| sequence.blocks.is_empty()));
        assert!(self.step_ends.is_some() || (self.running.is_empty() && self.waiting.is_empty()));
    }
}
