use std::io::{Cursor, Seek, SeekFrom, Write};
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, atomic::Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use http::StatusCode;
use serde_json::Value;

use super::document::{Document, Head, Totals};
use super::sink::{Counts, Message};
use super::writer::{Writer, write_to_disk};
use super::*;
use crate::record::{Answer, FailureKind, Problem, Sample, Verdict};
use crate::redact::Redaction;
use weir_results::{Figures, fixture};

fn metadata(epoch: Instant) -> RunMetadata {
    let endpoint = Endpoint { name: "/api/agents/[id]".into(), method: "GET".into() };
    RunMetadata {
        endpoints: vec![endpoint],
        epoch,
        epoch_wall: UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        users: 7,
    }
}

fn sample(began: Instant, verdict: Verdict) -> Sample {
    Sample {
        intended: began,
        sent: Some(began),
        first_byte: None,
        ended: began + Duration::from_micros(12_345),
        bytes_sent: 0,
        sending: crate::record::Sending::default(),
        answer: Answer { status: Some(StatusCode::OK), ..Answer::default() },
        verdict,
    }
}

fn head() -> Head<'static> {
    Head { test_id: "t", timestamp: "2026-11-21T02:46:09Z" }
}

/// Returns the file that the writer makes of the messages, with a limit of `rows_max` rows.
fn written(messages: Vec<Message>, rows_max: u64) -> String {
    let (sender, inbox) = sync_channel(messages.len());
    messages.into_iter().for_each(|message| sender.send(message).unwrap());
    drop(sender);
    let counts = Counts::default();
    let document = Document::begin(Cursor::new(Vec::new()), &head()).unwrap();
    let mut writer = Writer::new(document, rows_max, &counts);
    writer.run(&inbox).unwrap();
    String::from_utf8(writer.document.into_file().into_inner()).unwrap()
}

fn rows(epoch: Instant, count: u64) -> Vec<Message> {
    let (sink, inbox) = sink(64);
    for n in 0..count {
        sink.push(
            0,
            &sample(epoch + Duration::from_millis(n), Verdict::Completed),
            Redaction::without_secrets(),
        );
    }
    drop(sink);
    inbox.into_iter().collect()
}

fn sink(capacity: usize) -> (RequestSink, Receiver<Message>) {
    let (sender, inbox) = sync_channel(capacity);
    (RequestSink { sender, counts: Arc::new(Counts::default()) }, inbox)
}

#[test]
fn push_samples_write_one_row_each() {
    let epoch = Instant::now();
    let (sink, inbox) = sink(8);
    sink.begin(metadata(epoch));
    let problem = Problem::new(FailureKind::Http(503), "GET /: 503: \"busy\"");
    sink.push(
        0,
        &sample(epoch + Duration::from_millis(250), Verdict::Completed),
        Redaction::without_secrets(),
    );
    sink.push(
        0,
        &sample(epoch + Duration::from_millis(500), Verdict::Failed(problem)),
        Redaction::without_secrets(),
    );
    let refused = Problem::new(FailureKind::Connect, "refused");
    let refused = sample(epoch + Duration::from_millis(750), Verdict::Failed(refused));
    sink.push(0, &Sample { sent: None, answer: Answer::default(), ..refused }, Redaction::without_secrets());
    sink.sender.send(Message::End(Totals::of(&fixture::mix()))).unwrap();
    drop(sink);
    let text = written(inbox.into_iter().collect(), 10);
    serde_json::from_str::<Value>(&text).unwrap();
    insta::assert_snapshot!(text, @r#"
    {"test_id":"t","timestamp":"2026-11-21T02:46:09Z","metrics":[
    {"endpoint":"/api/agents/[id]","method":"GET","status_code":200,"response_time_ms":12.345,"timestamp":"2023-11-14T22:13:20.250Z","error":null},
    {"endpoint":"/api/agents/[id]","method":"GET","status_code":200,"response_time_ms":12.345,"timestamp":"2023-11-14T22:13:20.500Z","error":"http_503: GET /: 503: \"busy\""},
    {"endpoint":"/api/agents/[id]","method":"GET","status_code":null,"response_time_ms":12.345,"timestamp":"2023-11-14T22:13:20.750Z","error":"connect: refused"}
    ],"total_requests":1211,"concurrent_users":100,"duration_seconds":20.0,"summary":{"complete":true,"rows_left_out":0,"requests_per_second":60.3,"error_rate_percent":0.413,"avg_response_time_ms":405.83,"p50_response_time_ms":416.767,"p95_response_time_ms":663.551,"p99_response_time_ms":843.263}}
    "#);
}

#[test]
fn flush_after_each_row_leaves_valid_json() {
    let epoch = Instant::now();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut document = Document::begin(file.reopen().unwrap(), &head()).unwrap();
    let metadata = metadata(epoch);
    for round in 0..5_u64 {
        document.flush(&Totals::so_far(document.rows(), 7, round as f64 / 3.0)).unwrap();
        let so_far = std::fs::read_to_string(file.path()).unwrap();
        let read: Value = serde_json::from_str(&so_far).unwrap();
        let metrics = read["metrics"].as_array().unwrap().len() as u64;
        assert_eq!((metrics, read["total_requests"].as_u64()), (round, Some(round)), "{so_far}");
        for message in rows(epoch, 1) {
            let Message::Row(row) = message else { panic!("{message:?}") };
            document.push(&metadata, &row).unwrap();
        }
    }
}

#[test]
fn flush_shorter_totals_overwrites_longer_ones() {
    let mut document = Document::begin(Cursor::new(Vec::new()), &head()).unwrap();
    document.flush(&Totals::so_far(123_456, 7, 9.123_456_789)).unwrap();
    let mut all_failed = fixture::mix();
    all_failed.all = Figures { failed: 1, ..Figures::default() };
    document.flush(&Totals::of(&all_failed)).unwrap();
    let text = String::from_utf8(document.into_file().into_inner()).unwrap();
    let read: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!((&read["total_requests"], &read["summary"]["complete"]), (&1.into(), &true.into()));
}

#[test]
fn run_rows_beyond_limit_are_counted_and_left_out() {
    let epoch = Instant::now();
    let mut messages = vec![Message::Begin(metadata(epoch))];
    messages.extend(rows(epoch, 5));
    messages.push(Message::End(Totals::of(&fixture::mix())));
    let read: Value = serde_json::from_str(&written(messages, 3)).unwrap();
    assert_eq!(read["metrics"].as_array().unwrap().len(), 3);
    assert_eq!((&read["summary"]["rows_left_out"], &read["total_requests"]), (&2.into(), &1211.into()));
}

#[test]
fn write_to_disk_without_end_keeps_rows_so_far() {
    let epoch = Instant::now();
    let mut messages = vec![Message::Begin(metadata(epoch))];
    messages.extend(rows(epoch, 2));
    let (sender, inbox) = sync_channel(8);
    messages.into_iter().for_each(|message| sender.send(message).unwrap());
    drop(sender);
    let file = tempfile::NamedTempFile::new().unwrap();
    let document = Document::begin(file.reopen().unwrap(), &head()).unwrap();
    assert_eq!(write_to_disk(document, &inbox, 10, &Counts::default()).unwrap(), 2);
    let read: Value = serde_json::from_slice(&std::fs::read(file.path()).unwrap()).unwrap();
    assert_eq!((&read["total_requests"], &read["summary"]["complete"]), (&2.into(), &false.into()));
}

#[test]
fn push_full_channel_leaves_row_out_without_waiting() {
    let epoch = Instant::now();
    let (sink, inbox) = sink(2);
    (0..5).for_each(|_| sink.push(0, &sample(epoch, Verdict::Completed), Redaction::without_secrets()));
    assert_eq!(sink.counts.left_out.load(Ordering::Relaxed), 3);
    drop(inbox);
    sink.push(0, &sample(epoch, Verdict::Completed), Redaction::without_secrets());
    assert_eq!(sink.counts.left_out.load(Ordering::Relaxed), 4);
}

#[test]
fn run_full_disk_returns_error() {
    /// A disk with a capacity of 200 bytes.
    struct Full(Cursor<Vec<u8>>);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0.position() + bytes.len() as u64 > 200 {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            self.0.write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl Seek for Full {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    let epoch = Instant::now();
    let document = Document::begin(Full(Cursor::new(Vec::new())), &head()).unwrap();
    let counts = Counts::default();
    let mut writer = Writer::new(document, 10, &counts);
    let (sender, inbox) = sync_channel(8);
    sender.send(Message::Begin(metadata(epoch))).unwrap();
    rows(epoch, 3).into_iter().for_each(|row| sender.send(row).unwrap());
    drop(sender);
    assert_eq!(writer.run(&inbox).unwrap_err().kind(), std::io::ErrorKind::StorageFull);

    let log = RequestLog::create(Path::new("/dev/full"), NonZeroU64::MIN, "t", "now").unwrap_err();
    assert!(log.to_string().starts_with("cannot create the request log /dev/full: "), "{log}");
}
