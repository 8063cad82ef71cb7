//! Streams of events, read piece by piece.

use std::time::{Duration, Instant};

use weir_results::Histogram;

use super::*;
use crate::record::{Answer, FailureKind, Problem, StreamGaps, Tokens};
use crate::task::StreamReader;
use crate::task::read::EventReader;

pub(super) fn content(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

const ROLE: &str = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"completion_tokens\":7}}\n\n";
pub(super) const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
pub(super) const DONE: &str = "data: [DONE]\n\n";

pub(super) struct Read {
    pub(super) answer: Answer,
    /// In rising order.
    gaps: Vec<Duration>,
    pub(super) outcome: Result<(), Problem>,
}

/// Reads pieces, each ten milliseconds after the one before.
pub(super) fn read(reader: &dyn EventReader, start: Instant, pieces: &[&str]) -> Read {
    let mut stream = StreamReader::new(reader, None);
    let mut gaps = StreamGaps::default();
    let mut fed = Ok(());
    for (index, piece) in pieces.iter().enumerate() {
        let at = start + Duration::from_millis(10) * index as u32;
        fed = fed.and_then(|()| stream.feed(piece.as_bytes(), at, &mut gaps));
    }
    let outcome = fed.and_then(|()| stream.finish(&mut gaps));
    let mut itl = Histogram::default();
    gaps.events.record_in(&mut itl);
    let gaps = itl.buckets().flat_map(|(gap, count)| vec![gap; count as usize]).collect();
    Read { answer: stream.answer(), gaps, outcome }
}

pub(super) fn failure(reader: &dyn EventReader, pieces: &[&str]) -> Problem {
    read(reader, Instant::now(), pieces).outcome.unwrap_err()
}

#[test]
fn feed_empty_content_is_not_the_first_token() {
    let start = Instant::now();
    let read = read(&OpenaiChat, start, &[ROLE, &content("a"), &content("b"), STOP, USAGE, DONE]);
    assert_eq!(read.outcome, Ok(()));
    assert_eq!(read.answer.first_content, Some(start + Duration::from_millis(10)));
    assert_eq!(read.answer.first_output, read.answer.first_content);
    assert_eq!(read.answer.tokens, Tokens::Usage(7));
    assert_eq!(read.gaps.iter().map(Duration::as_millis).collect::<Vec<_>>(), [10]);
}

#[test]
fn feed_reasoning_is_content_and_not_output() {
    let start = Instant::now();
    let thought = "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n";
    let read = read(&OpenaiChat, start, &[thought, thought, &content("a"), DONE]);
    assert_eq!(read.answer.first_content, Some(start));
    assert_eq!(read.answer.first_output, Some(start + Duration::from_millis(20)));
    assert_eq!((read.answer.events, read.answer.tokens), (3, Tokens::Events(3)));
}

#[test]
fn feed_events_of_one_read_are_coalesced() {
    let three = [content("a"), content("b"), content("c")].concat();
    let read = read(&OpenaiChat, Instant::now(), &[&three, &content("d"), DONE]);
    assert_eq!((read.answer.events, read.answer.coalesced), (4, 2));
    let gaps_ms: Vec<u128> = read.gaps.iter().map(Duration::as_millis).collect();
    assert_eq!(gaps_ms, [0, 0, 10]);
}

#[test]
fn finish_without_last_event_is_truncated() {
    let problem = failure(&OpenaiChat, &[&content("a")]);
    assert_eq!(problem.kind, FailureKind::Truncated);
    insta::assert_snapshot!(problem.detail, @"the stream ended without [DONE]");
    let problem = failure(&OpenaiChat, &[&content("a"), "data: {\"ch"]);
    assert_eq!(problem.kind, FailureKind::Truncated);
    insta::assert_snapshot!(problem.detail, @"the stream ended in the middle of an event, 10 bytes into it");
    assert_eq!(failure(&OpenaiChat, &[]).kind, FailureKind::Truncated);
}

#[test]
fn feed_after_last_event_is_ignored() {
    let read = read(&OpenaiChat, Instant::now(), &[&content("a"), STOP, DONE, &content("b"), "rubbish"]);
    assert_eq!((read.outcome, read.answer.events), (Ok(()), 1));
}

#[test]
fn feed_error_event_fails() {
    let object = failure(&OpenaiChat, &[&content("a"), "data: {\"error\":{\"message\":\"gone\"}}\n\n", DONE]);
    assert_eq!(object.kind, FailureKind::StreamError);
    insta::assert_snapshot!(object.detail, @"the server reports an error: gone");
    let named = failure(&OpenaiChat, &["event: error\ndata: overloaded\n\n", DONE]);
    insta::assert_snapshot!(named.detail, @"the server reports an error: overloaded");
    let chain = failure(&ChainStream, &["data: {\"error\":\"no\",\"type\":\"timeout\"}\n\n", DONE]);
    insta::assert_snapshot!(chain.detail, @"the server reports an error: no");
}

#[test]
fn feed_event_that_is_not_json_fails() {
    assert_eq!(failure(&OpenaiChat, &["data: hello\n\n", DONE]).kind, FailureKind::Protocol);
}

#[test]
fn feed_chain_counts_token_events() {
    let start = Instant::now();
    let step = "data: {\"type\":\"step_started\",\"step\":\"a\"}\n\n";
    let token = "data: {\"type\":\"token\",\"step\":\"a\",\"text\":\"x\"}\n\n";
    let read = read(&ChainStream, start, &[step, token, token, step, DONE]);
    assert_eq!(read.outcome, Ok(()));
    assert_eq!(read.answer.first_content, Some(start + Duration::from_millis(10)));
    assert_eq!(read.answer.tokens, Tokens::Events(2));
}
