//! The rate at which a replica saturates.

use std::time::Duration;

use weir_pace::{Amount, Seed};

use super::BatchingConfig;

/// The number of answer lengths that are drawn to estimate their moments, and the seed of the draws.
const DRAWS: u32 = 20_000;
const SEED: Seed = Seed::new(0x5a7e);
/// No step is shorter, in seconds: without duration, there would be no rate.
const STEP_MIN: f64 = 1e-9;
/// The largest share of sequences that begin in a step: below one, so that its complement has a logarithm.
const BEGIN_MAX: f64 = 1.0 - 1e-9;

/// What a model delivers at most, under more load than it can serve: over all replicas, and before the time scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Saturation {
    /// Tokens of answers a second.
    pub tokens_per_second: f64,
    /// Calls a second.
    pub requests_per_second: f64,
    /// The mean duration of a step.
    pub step: Duration,
    /// Running sequences of a replica.
    pub sequences: f64,
}

/// The moments of the lengths of answers.
struct Lengths {
    mean: f64,
    mean_square: f64,
}

impl BatchingConfig {
    /// Returns the rate at which the replicas saturate with prompts of `prompt_tokens` uncached tokens and answers with the
    /// lengths `output_tokens`.
    ///
    /// A sequence of `D` tokens takes part in `D` steps: its prompt is computed in the first. So with all of `N` places
    /// taken, a step yields `N` tokens, and `N / E[D]` sequences begin in it. Its duration is the mean of that of the prompts
    /// that begin (a binomial number) and of the KV blocks that sequences of random age hold. Fewer sequences run if the
    /// blocks do not suffice for `N`, or if their prompts take more tokens than a step has. With disaggregated prefill, the
    /// slower of the two groups decides.
    pub fn saturation(&self, prompt_tokens: u32, output_tokens: &Amount) -> Saturation {
        let lengths = Lengths::of(output_tokens);
        let Some(prefill) = &self.disaggregated_prefill else {
            return self.replica_saturation(prompt_tokens, &lengths).times(f64::from(self.replicas));
        };
        let decoders = self.decoder_saturation(prompt_tokens, &lengths).times(f64::from(self.replicas));
        let prompts = self.prompts_per_second(prompt_tokens) * f64::from(prefill.replicas);
        decoders.times((prompts / decoders.requests_per_second).min(1.0))
    }

    /// The saturation of a replica that computes prompts and answers.
    fn replica_saturation(&self, prompt_tokens: u32, lengths: &Lengths) -> Saturation {
        let prompt_tokens = f64::from(prompt_tokens);
        let tokens = f64::from(self.max_num_batched_tokens);
        let by_tokens = tokens / (prompt_tokens + lengths.mean - 1.0).max(1.0) * lengths.mean;
        let (sequences, kv_use) = self.running(prompt_tokens, lengths, by_tokens);
        let begin = (1.0 / lengths.mean).min(BEGIN_MAX);
        let step = if sequences < by_tokens {
            self.mean_step(sequences, begin, prompt_tokens, kv_use)
        } else {
            // Every step is full.
            let decoding = (sequences * (1.0 - begin)).round();
            let prompts = (tokens - decoding).max(0.0) as u32;
            self.step.duration(prompts, decoding as u32, kv_use).as_secs_f64().max(STEP_MIN)
        };
        Saturation::new(sequences, step, sequences / lengths.mean, lengths)
    }

    /// The saturation of a replica that continues answers after their first token.
    fn decoder_saturation(&self, prompt_tokens: u32, lengths: &Lengths) -> Saturation {
        let (sequences, kv_use) =
            self.running(f64::from(prompt_tokens), lengths, f64::from(self.max_num_batched_tokens));
        let step = self.step.duration(0, sequences.round() as u32, kv_use).as_secs_f64().max(STEP_MIN);
        Saturation::new(sequences, step, sequences / (lengths.mean - 1.0).max(1.0), lengths)
    }

    /// The prompts that a replica computes a second, if it computes nothing else.
    fn prompts_per_second(&self, prompt_tokens: u32) -> f64 {
        let prompt_tokens = prompt_tokens.max(1);
        let tokens = self.max_num_batched_tokens.min(self.max_num_seqs.saturating_mul(prompt_tokens));
        let used = (f64::from(tokens) / self.kv_tokens() as f64).min(1.0);
        let step = self.step.duration(tokens, 0, used).as_secs_f64().max(STEP_MIN);
        f64::from(tokens) / f64::from(prompt_tokens) / step
    }

    /// The running sequences, at most `most`, and the share of KV blocks that they use.
    fn running(&self, prompt_tokens: f64, lengths: &Lengths, most: f64) -> (f64, f64) {
        let kv_tokens = prompt_tokens + lengths.mean_age();
        // The last block of a sequence is half full on average.
        let kv_blocks = kv_tokens / f64::from(self.block_size) + 0.5;
        let blocks = f64::from(self.num_gpu_blocks);
        let sequences = f64::from(self.max_num_seqs).min(blocks / kv_blocks).min(most);
        (sequences, (sequences * kv_blocks / blocks).min(1.0))
    }

    /// The mean duration of a step in seconds, if each of `sequences` begins in it with the probability `begin`.
    fn mean_step(&self, sequences: f64, begin: f64, prompt_tokens: f64, kv_use: f64) -> f64 {
        let count = sequences.round().max(1.0) as u32;
        let mut sum = 0.0;
        // The binomial distribution, from its logarithm, which does not underflow.
        let mut log_share = f64::from(count) * (1.0 - begin).ln();
        for beginning in 0..=count {
            let tokens = (f64::from(beginning) * prompt_tokens).min(f64::from(self.max_num_batched_tokens));
            let decoding = count - if prompt_tokens > 0.0 { beginning } else { 0 };
            let duration = self.step.duration(tokens.round() as u32, decoding, kv_use);
            sum += log_share.exp() * duration.as_secs_f64();
            let rest = f64::from(count - beginning) / f64::from(beginning + 1);
            log_share += (rest * begin / (1.0 - begin)).ln();
        }
        sum.max(STEP_MIN)
    }
}

impl Saturation {
    /// Of a replica in whose steps of `step` seconds `begun` calls begin.
    fn new(sequences: f64, step: f64, begun: f64, lengths: &Lengths) -> Self {
        let requests_per_second = begun / step;
        Self {
            tokens_per_second: requests_per_second * lengths.mean,
            requests_per_second,
            step: Duration::from_secs_f64(step),
            sequences,
        }
    }

    fn times(self, factor: f64) -> Self {
        Self {
            tokens_per_second: self.tokens_per_second * factor,
            requests_per_second: self.requests_per_second * factor,
            ..self
        }
    }
}

impl Lengths {
    fn of(output_tokens: &Amount) -> Self {
        let mut rng = SEED.rng();
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..DRAWS {
            let length = output_tokens.sample(&mut rng).max(1) as f64;
            sum += length;
            squares += length * length;
        }
        Self { mean: sum / f64::from(DRAWS), mean_square: squares / f64::from(DRAWS) }
    }

    /// The mean number of tokens that a running sequence has at a random step.
    fn mean_age(&self) -> f64 {
        (self.mean_square / self.mean - 1.0) / 2.0
    }
}
