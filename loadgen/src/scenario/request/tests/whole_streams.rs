//! A whole stream of each API, read in pieces of any size.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::streams::{DONE, STOP, content, failure, read};
use super::*;
use crate::record::{Answer, FailureKind, StreamEnding, StreamGaps, Tokens};
use crate::task::Reply;
use crate::task::read::EventReader;
use crate::task::{Pointer, StreamReader};

const CHAT: &str = r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Füß"},"finish_reason":null}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"e \"x\""},"finish_reason":null}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"completion_tokens_details":{"reasoning_tokens":1}}}

data: [DONE]

"#;

const COMPLETIONS: &str = r#"data: {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"text":"Füß","index":0,"logprobs":null,"finish_reason":null}]}

data: {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"text":"e \"x\"","index":0,"logprobs":null,"finish_reason":null}]}

data: {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}

data: [DONE]

"#;

const RESPONSES: &str = r#"event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","error":null,"output":[],"usage":null}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","sequence_number":2,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"hm"}

event: response.content_part.added
data: {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"Füß","logprobs":[]}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"e \"x\"","logprobs":[]}

event: response.output_text.done
data: {"type":"response.output_text.done","sequence_number":6,"item_id":"msg_1","output_index":1,"content_index":0,"text":"Füße \"x\""}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","sequence_number":7,"item_id":"fc_1","output_index":2,"delta":"{}"}

event: response.completed
data: {"type":"response.completed","sequence_number":8,"response":{"id":"resp_1","object":"response","status":"completed","error":null,"output":[{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Füße \"x\""}]}],"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":0},"output_tokens":4,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":13}}}

"#;

const MESSAGES: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Füß"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"e \"x\""}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{}"}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":7}}

event: message_stop
data: {"type":"message_stop"}

"#;

const CHAIN: &str = r#"data: {"type":"step_started","step":"a"}

data: {"type":"token","step":"a","text":"x"}

data: {"type":"token","step":"a","text":"y"}

data: {"type":"run_finished","status":"ok"}

data: [DONE]

"#;

const ANY: &str = r#"event: begin
data: {"out":{"text":""}}

: a comment

data: {"out":{"text":"x"}}

data: plain words

data: {"out":{"text":"y"}}

"#;

/// A stream and what is read from it.
struct Expected {
    reader: Arc<dyn EventReader>,
    stream: &'static str,
    events: u64,
    input: Option<u64>,
    tokens: Tokens,
    text: &'static str,
}

fn all() -> Vec<Expected> {
    let of = |reader, stream, events, (input, tokens), text| Expected {
        reader,
        stream,
        events,
        input,
        tokens,
        text,
    };
    let text = "Füße \"x\"";
    let pointed = Arc::new(AnyEvents::new(Some(Pointer::parse("/out/text").unwrap()), Vec::new()));
    vec![
        of(Arc::new(OpenaiChat) as Arc<dyn EventReader>, CHAT, 3, (Some(9), Tokens::Usage(3)), text),
        of(
            Arc::new(OpenaiCompletions) as Arc<dyn EventReader>,
            COMPLETIONS,
            2,
            (Some(9), Tokens::Usage(2)),
            "",
        ),
        of(
            Arc::new(OpenaiResponses) as Arc<dyn EventReader>,
            RESPONSES,
            4,
            (Some(9), Tokens::Usage(4)),
            text,
        ),
        of(
            Arc::new(AnthropicMessages) as Arc<dyn EventReader>,
            MESSAGES,
            4,
            (Some(9), Tokens::Usage(7)),
            text,
        ),
        of(Arc::new(ChainStream) as Arc<dyn EventReader>, CHAIN, 2, (None, Tokens::Events(2)), ""),
        of(Arc::new(AnyEvents::default()), ANY, 3, (None, Tokens::Events(3)), ""),
        of(pointed, ANY, 2, (None, Tokens::Events(2)), ""),
    ]
}

/// Reads a stream in pieces that end at `cuts`, ten milliseconds apart.
fn read_cut(expected: &Expected, cuts: &[usize]) -> (Answer, String) {
    let bytes = expected.stream.as_bytes();
    let (mut reply, mut gaps) = (Reply::default(), StreamGaps::default());
    let mut reader = StreamReader::new(expected.reader.as_ref(), Some(&mut reply));
    let (mut at, mut from) = (Instant::now(), 0);
    for &cut in cuts.iter().chain([&bytes.len()]) {
        reader.feed(&bytes[from..cut], at, &mut gaps).unwrap();
        (at, from) = (at + Duration::from_millis(10), cut);
    }
    reader.finish(&mut gaps).unwrap();
    let answer = reader.answer();
    (answer, reply.text().to_owned())
}

fn check(expected: &Expected, cuts: &[usize]) {
    let (answer, text) = read_cut(expected, cuts);
    let found = (answer.events, answer.input_tokens, answer.tokens, text.as_str());
    assert_eq!(
        found,
        (expected.events, expected.input, expected.tokens, expected.text),
        "{:?} cut at {cuts:?}",
        expected.reader
    );
}

#[test]
fn feed_stream_cut_at_any_byte_reads_the_same() {
    for expected in all() {
        let every: Vec<usize> = (1..expected.stream.len()).collect();
        check(&expected, &every);
        every.iter().for_each(|&cut| check(&expected, &[cut]));
    }
}

#[test]
fn first_content_precedes_first_output_with_reasoning() {
    for expected in all() {
        let every: Vec<usize> = (1..expected.stream.len()).collect();
        let (answer, _) = read_cut(&expected, &every);
        let has_reasoning = expected.stream.contains("\"hm\"");
        assert_eq!(answer.first_content < answer.first_output, has_reasoning, "{:?}", expected.reader);
        assert!(answer.first_content.is_some());
    }
}

/// The first `count` events of a stream.
fn start_of(stream: &str, count: usize) -> String {
    stream.split_inclusive("\n\n").take(count).collect()
}

#[test]
fn finish_incomplete_answer_names_the_end_mark() {
    let truncated = |stream: &str, count, reader: &dyn EventReader| {
        let problem = failure(reader, &[&start_of(stream, count)]);
        assert_eq!(problem.kind, FailureKind::Truncated);
        problem.detail
    };
    insta::assert_snapshot!(truncated(CHAT, 4, &OpenaiChat), @"the stream ended without [DONE]");
    insta::assert_snapshot!(truncated(COMPLETIONS, 2, &OpenaiCompletions), @"the stream ended without [DONE]");
    insta::assert_snapshot!(truncated(RESPONSES, 8, &OpenaiResponses), @"the stream ended without response.completed");
    insta::assert_snapshot!(truncated(MESSAGES, 10, &AnthropicMessages), @"the stream ended without message_stop");
    insta::assert_snapshot!(truncated(CHAIN, 3, &ChainStream), @"the stream ended without [DONE]");
    let any = AnyEvents::default();
    assert_eq!(
        read(&any, Instant::now(), &["data: x\n\n"]).outcome,
        Ok(()),
        "the body's end is the stream's"
    );
    assert_eq!(failure(&any, &["data: x\n\ndata: y"]).kind, FailureKind::Truncated);
}

#[test]
fn finish_complete_answer_without_mark_is_noted() {
    for expected in all().into_iter().filter(|expected| expected.reader.end_mark().is_some()) {
        let count = expected.stream.split_inclusive("\n\n").count();
        let whole = read(expected.reader.as_ref(), Instant::now(), &[expected.stream]);
        assert_eq!(
            (whole.outcome, whole.answer.ending),
            (Ok(()), StreamEnding::Regular),
            "{:?}",
            expected.reader
        );
        let cut = read(expected.reader.as_ref(), Instant::now(), &[&start_of(expected.stream, count - 1)]);
        let is_complete = format!("{:?}", expected.reader) != "OpenaiResponses";
        assert_eq!(
            (cut.outcome.is_ok(), cut.answer.ending),
            (is_complete, StreamEnding::Unmarked),
            "{:?}",
            expected.reader
        );
        // The blank line after the last event may be missing, and even its line end.
        for missing in [1, 2] {
            let cut = &expected.stream[..expected.stream.len() - missing];
            let answer = read(expected.reader.as_ref(), Instant::now(), &[cut]);
            assert_eq!(
                (answer.outcome, answer.answer.ending),
                (Ok(()), StreamEnding::Regular),
                "{:?}",
                expected.reader
            );
        }
    }
}

#[test]
fn feed_done_ends_only_streams_that_end_with_it() {
    assert_eq!(failure(&AnthropicMessages, &["data: [DONE]\n\n"]).kind, FailureKind::Truncated);
    let responses = [RESPONSES, DONE].concat();
    assert_eq!(read(&OpenaiResponses, Instant::now(), &[&responses]).outcome, Ok(()));
    let any = AnyEvents::default();
    assert_eq!(read(&any, Instant::now(), &["data: x\n\n", DONE, "data: y\n\n"]).answer.events, 1);
}

#[test]
fn feed_error_of_each_api_fails() {
    let failed_with = |reader: &dyn EventReader, events: &str| {
        let problem = failure(reader, &[events]);
        assert_eq!(problem.kind, FailureKind::StreamError);
        problem.detail
    };
    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    insta::assert_snapshot!(failed_with(&AnthropicMessages, error), @"the server reports an error: Overloaded (overloaded_error)");
    let unnamed = error.replace("event: error\n", "");
    insta::assert_snapshot!(failed_with(&AnthropicMessages, &unnamed), @"the server reports an error: Overloaded (overloaded_error)");
    let failed = "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"no\"}}}\n\n";
    insta::assert_snapshot!(failed_with(&OpenaiResponses, failed), @"the server reports an error: no (server_error)");
    let error = "data: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"slow down\"}\n\n";
    insta::assert_snapshot!(failed_with(&OpenaiResponses, error), @"the server reports an error: slow down (error, rate_limit_exceeded)");
    insta::assert_snapshot!(failed_with(&OpenaiCompletions, "data: {\"error\":{\"message\":\"gone\"}}\n\n"), @"the server reports an error: gone");
    insta::assert_snapshot!(failed_with(&AnyEvents::default(), "event: error\ndata: gone\n\n"), @"the server reports an error: gone");
}

#[test]
fn finish_incomplete_response_is_complete_stream() {
    let incomplete = RESPONSES.replace("response.completed", "response.incomplete");
    assert_eq!(read(&OpenaiResponses, Instant::now(), &[&incomplete]).outcome, Ok(()));
}

proptest! {
    #[test]
    fn feed_any_texts_cut_anywhere_reads_them(
        texts in proptest::collection::vec("[a-zé ]{0,6}", 0..8),
        cuts in proptest::collection::vec(0.0..1.0_f64, 0..5),
    ) {
        let whole: String = texts.iter().map(|text| content(text)).chain([STOP.to_owned(), DONE.to_owned()]).collect();
        let expected = texts.iter().filter(|text| !text.is_empty()).count() as u64;
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| (whole.len() as f64 * cut) as usize).collect();
        cuts.sort_unstable();
        let (mut reply, mut gaps) = (Reply::default(), StreamGaps::default());
        let mut reader = StreamReader::new(&OpenaiChat, Some(&mut reply));
        let mut from = 0;
        for to in cuts.into_iter().chain([whole.len()]) {
            reader.feed(&whole.as_bytes()[from..to], Instant::now(), &mut gaps).unwrap();
            from = to;
        }
        prop_assert_eq!(reader.finish(&mut gaps), Ok(()));
        prop_assert_eq!(reader.answer().events, expected);
        prop_assert_eq!(reply.text(), texts.concat());
    }
}
