//! Simulated log probabilities of tokens and their alternatives.

use std::fmt::Write as _;

use bytes::BytesMut;
use weir_pace::Seed;

use crate::request::json::{write_escaped, write_number};

/// Alternative tokens; more than a client may request.
const OTHERS: [&str; 24] = [
    " the", " a", " and", " of", " to", " in", " that", " it", " is", " was", " for", " with", " as", " on",
    " his", " at", " by", " not", " from", " but", " this", " one", " all", " they",
];
/// The scale of the square of an exponential variable: half of all tokens have a probability above 86 %, one in a
/// hundred below 1 %.
const DOUBT: f64 = 0.3;
/// The share of the remaining probability of the likeliest alternative; each further one is half as likely.
const RUNNER_UP: f64 = 0.45;
/// The minimum log probability.
const LEAST: f64 = 1e-9;

/// The log probabilities of one answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Logprobs {
    /// Their seed.
    pub(super) seed: Seed,
    /// The number of tokens per position.
    pub(super) top: usize,
}

/// The log probabilities of one choice, token by token.
#[derive(Clone, Debug)]
pub(super) struct ChoiceLogprobs {
    seed: Seed,
    top: usize,
    positions: u64,
}

/// The log probabilities at one position.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenLogprobs {
    pub(super) logprob: f64,
    /// The first of the alternatives.
    first: usize,
    top: usize,
}

impl Logprobs {
    pub(super) fn of_choice(self, choice: u32) -> ChoiceLogprobs {
        ChoiceLogprobs { seed: self.seed.named("odds").derive(choice.into()), top: self.top, positions: 0 }
    }
}

impl ChoiceLogprobs {
    pub(super) fn draw(&mut self) -> TokenLogprobs {
        let seed = self.seed.derive(self.positions);
        self.positions += 1;
        let exponential = -(1.0 - seed.unit()).ln();
        let first = (seed.named("first").unit() * OTHERS.len() as f64) as usize;
        TokenLogprobs { logprob: (-DOUBT * exponential * exponential).max(LEAST.ln()), first, top: self.top }
    }
}

impl TokenLogprobs {
    /// Returns the tokens of the position of `token`, the likeliest first: the chosen one and alternatives.
    pub(super) fn top(self, token: &str) -> impl Iterator<Item = (&str, f64)> {
        let sure = self.logprob.exp();
        let runner_up = (RUNNER_UP * (1.0 - sure)).min(sure * RUNNER_UP);
        let others = OTHERS.iter().cycle().skip(self.first).filter(move |other| **other != token);
        let logprobs = (0..).map(move |rank| (runner_up * 0.5_f64.powi(rank)).max(LEAST).ln());
        let others =
            others.copied().zip(logprobs).map(move |(other, logprobs)| (other, logprobs.min(self.logprob)));
        std::iter::once((token, self.logprob)).chain(others).take(self.top)
    }

    /// The number of tokens of the position.
    pub(super) const fn top_count(self) -> usize {
        self.top
    }

    /// Writes the entry of `token` in the format of chat answers.
    pub(super) fn write(self, out: &mut BytesMut, token: &str) {
        out.extend_from_slice(b"{");
        write_token(out, token, self.logprob);
        out.extend_from_slice(b",\"top_logprobs\":[");
        for (rank, (token, logprob)) in self.top(token).enumerate() {
            out.extend_from_slice(if rank == 0 { b"{" } else { b",{" });
            write_token(out, token, logprob);
            out.extend_from_slice(b"}");
        }
        out.extend_from_slice(b"]}");
    }
}

fn write_token(out: &mut BytesMut, token: &str, logprob: f64) {
    out.extend_from_slice(b"\"token\":\"");
    write_escaped(out, token);
    out.extend_from_slice(b"\",\"logprob\":");
    write_logprob(out, logprob);
    out.extend_from_slice(b",\"bytes\":[");
    for (index, byte) in token.bytes().enumerate() {
        if index > 0 {
            out.extend_from_slice(b",");
        }
        write_number(out, byte.into());
    }
    out.extend_from_slice(b"]");
}

pub(super) fn write_logprob(out: &mut BytesMut, logprob: f64) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{logprob:.6}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draw_puts_the_chosen_token_first_and_sums_to_at_most_one() {
        let mut logprobs = Logprobs { seed: Seed::new(1), top: 20 }.of_choice(0);
        let mut sure = 0;
        for _ in 0..1_000 {
            let drawn = logprobs.draw();
            let top: Vec<_> = drawn.top(" the").collect();
            assert_eq!((top.len(), top[0]), (20, (" the", drawn.logprob)));
            assert!(top.iter().skip(1).all(|(token, _)| *token != " the"));
            assert!(top.is_sorted_by(|one, next| one.1 >= next.1), "{top:?}");
            assert!(top.iter().map(|(_, logprob)| logprob.exp()).sum::<f64>() < 1.0 + 1e-6, "{top:?}");
            sure += usize::from(drawn.logprob > -0.15);
        }
        assert!((450..600).contains(&sure), "{sure}");
    }

    #[test]
    fn write_entry_has_the_providers_shape() {
        let mut out = BytesMut::new();
        Logprobs { seed: Seed::new(1), top: 2 }.of_choice(0).draw().write(&mut out, "\"é");
        insta::assert_snapshot!(std::str::from_utf8(&out).unwrap(), @r#"{"token":"\"é","logprob":-0.342979,"bytes":[34,195,169],"top_logprobs":[{"token":"\"é","logprob":-0.342979,"bytes":[34,195,169]},{"token":" with","logprob":-2.035187,"bytes":[32,119,105,116,104]}]}"#);
    }
}
