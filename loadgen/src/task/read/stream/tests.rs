mod dialects;

use super::*;

fn content(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

const ROLE: &str = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"completion_tokens\":7}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

struct Read {
    answer: Answer,
    gaps: Vec<Duration>,
    outcome: Result<(), Problem>,
}

/// Each piece comes ten milliseconds after the one before.
fn read(kind: &StreamKind, start: Instant, pieces: &[&str]) -> Read {
    let mut reader = StreamReader::new(kind, None);
    let mut gaps = Vec::new();
    let mut fed = Ok(());
    for (index, piece) in pieces.iter().enumerate() {
        let at = start + Duration::from_millis(10) * index as u32;
        fed = fed.and_then(|()| reader.feed(piece.as_bytes(), at, |gap| gaps.push(gap)));
    }
    let outcome = fed.and_then(|()| reader.finish());
    Read { answer: reader.answer(), gaps, outcome }
}

fn failure(kind: &StreamKind, pieces: &[&str]) -> Problem {
    read(kind, Instant::now(), pieces).outcome.unwrap_err()
}

#[test]
fn the_first_token_is_the_first_that_is_not_empty() {
    let start = Instant::now();
    let read = read(&StreamKind::Chat, start, &[ROLE, &content("a"), &content("b"), USAGE, DONE]);
    assert_eq!(read.outcome, Ok(()));
    assert_eq!(read.answer.first_content, Some(start + Duration::from_millis(10)));
    assert_eq!(read.answer.first_output, read.answer.first_content);
    assert_eq!(read.answer.tokens, Tokens::Usage(7));
    assert_eq!(read.gaps, [Duration::from_millis(10)]);
}

#[test]
fn reasoning_is_a_token_and_not_output() {
    let start = Instant::now();
    let thought = "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n";
    let read = read(&StreamKind::Chat, start, &[thought, thought, &content("a"), DONE]);
    assert_eq!(read.answer.first_content, Some(start));
    assert_eq!(read.answer.first_output, Some(start + Duration::from_millis(20)));
    assert_eq!((read.answer.events, read.answer.tokens), (3, Tokens::Events(3)));
}

#[test]
fn events_of_one_read_are_flagged() {
    let three = [content("a"), content("b"), content("c")].concat();
    let read = read(&StreamKind::Chat, Instant::now(), &[&three, &content("d"), DONE]);
    assert_eq!((read.answer.events, read.answer.coalesced), (4, 2));
    assert_eq!(read.gaps, [0, 0, 10].map(Duration::from_millis));
}

#[test]
fn a_stream_without_its_end_is_truncated() {
    let problem = failure(&StreamKind::Chat, &[&content("a")]);
    assert_eq!(problem.kind, FailureKind::Truncated);
    insta::assert_snapshot!(problem.detail, @"the stream ended without [DONE]");
    let problem = failure(&StreamKind::Chat, &[&content("a"), "data: {\"ch"]);
    assert_eq!(problem.kind, FailureKind::Truncated);
    insta::assert_snapshot!(problem.detail, @"the stream ended in the middle of an event, 10 bytes into it");
    assert_eq!(failure(&StreamKind::Chat, &[]).kind, FailureKind::Truncated);
}

#[test]
fn what_follows_the_end_is_ignored() {
    let read = read(&StreamKind::Chat, Instant::now(), &[&content("a"), DONE, &content("b"), "rubbish"]);
    assert_eq!((read.outcome, read.answer.events), (Ok(()), 1));
}

#[test]
fn an_error_in_the_stream_is_a_failure() {
    let object =
        failure(&StreamKind::Chat, &[&content("a"), "data: {\"error\":{\"message\":\"gone\"}}\n\n", DONE]);
    assert_eq!(object.kind, FailureKind::StreamError);
    insta::assert_snapshot!(object.detail, @r#"error event: {"message":"gone"}"#);
    let named = failure(&StreamKind::Chat, &["event: error\ndata: overloaded\n\n", DONE]);
    insta::assert_snapshot!(named.detail, @"error event: overloaded");
    let chain = failure(&StreamKind::Chain, &["data: {\"error\":\"no\",\"type\":\"timeout\"}\n\n", DONE]);
    insta::assert_snapshot!(chain.detail, @r#"error event: "no""#);
}

#[test]
fn an_event_that_is_not_json_breaks_the_protocol() {
    assert_eq!(failure(&StreamKind::Chat, &["data: hello\n\n", DONE]).kind, FailureKind::Protocol);
}

#[test]
fn the_tokens_of_a_chain_are_its_token_events() {
    let start = Instant::now();
    let step = "data: {\"type\":\"step_started\",\"step\":\"a\"}\n\n";
    let token = "data: {\"type\":\"token\",\"step\":\"a\",\"text\":\"x\"}\n\n";
    let read = read(&StreamKind::Chain, start, &[step, token, token, step, DONE]);
    assert_eq!(read.outcome, Ok(()));
    assert_eq!(read.answer.first_content, Some(start + Duration::from_millis(10)));
    assert_eq!(read.answer.tokens, Tokens::Events(2));
}
