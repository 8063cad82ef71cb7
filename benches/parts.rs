//! Micro-benchmarks of Weir's components: `cargo bench --bench parts`.

#![expect(missing_docs, reason = "criterion's macros make undocumented functions")]
#![expect(clippy::expect_used, reason = "what a bench is made of is there, or the bench is wrong")]

use std::{hint::black_box, num::NonZeroU64, sync::Arc, task::Waker, time::Duration, time::Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::{HeaderMap, header::AUTHORIZATION};
use weir_chains::{
    DisabledHttp, Effects, ExecutionMode, FinishReason as ChainFinish, Llm, LlmCall, LlmEvent, LlmOutput,
    LlmStream, RunOptions, TimeScale, TokenEvents, Usage,
};
use weir_model::{
    BatchingConfig, BatchingEngine, Catalog, Content, Due, Engine as _, Event, Finish, GenerationRequest,
    IndependentEngine, Job, Profile, PromptPrefix, Reply, ResponsePlanner, Schedule, TokenCounter,
};
use weir_pace::{Clock, Latency, Seed, TimerConfig};
use weir_server::{
    Admission, AdmissionConfig, KeyConfig, Limit, LimitAlgorithm, Limits, Secret, TokenEstimate, UnknownKeys,
};
use weir_wire::sse;

/// Events per read, as on a busy stream.
const EVENTS: usize = 64;
const TOKENS: u32 = 64;
const STEPS: u32 = 1_000;

fn codec(criterion: &mut Criterion) {
    let json = format!(r#"{{"id":"x","choices":[{{"delta":{{"content":"{}"}}}}]}}"#, "word ".repeat(30));
    let mut stream = bytes::BytesMut::new();
    (0..EVENTS).for_each(|_| sse::write_data(&mut stream, json.as_bytes()));
    let mut group = criterion.benchmark_group("sse");
    group.throughput(Throughput::Bytes(stream.len() as u64));
    group.bench_function("decode", |bencher| {
        let mut decoder = sse::Decoder::new();
        bencher.iter(|| {
            decoder.feed(&stream);
            let mut events = 0;
            while decoder.next_event().is_some_and(|event| event.is_ok()) {
                events += 1;
            }
            assert_eq!(events, EVENTS);
        });
    });
    group.bench_function("encode", |bencher| {
        let mut out = bytes::BytesMut::with_capacity(stream.len());
        bencher.iter(|| {
            out.clear();
            (0..EVENTS).for_each(|_| sse::write_data(&mut out, black_box(json.as_bytes())));
        });
    });
    group.finish();
}

fn job(profile: &Arc<Profile>, content: Content, delay: Duration, start: Instant) -> Job {
    let (profile, prefix) = (Arc::clone(profile), PromptPrefix::default());
    Job { profile, prompt_tokens: 10, content, delay, total: None, body: 1, start, priority: 0, prefix }
}

/// The batching engine with all places taken: a new call for each that ends.
fn batching(criterion: &mut Criterion) {
    let catalog = Catalog::embedded().expect("the embedded profiles are sound");
    let profile = Arc::clone(catalog.get("instant").expect("it is embedded"));
    let places = 256;
    let mut group = criterion.benchmark_group("batching engine");
    group.throughput(Throughput::Elements(u64::from(places * TOKENS)));
    let config = BatchingConfig::default();
    let step = config.step.duration(0, places, 0.0);
    let engine = BatchingEngine::new(Arc::new(config), 1.0);
    let mut start = Instant::now();
    group.bench_function("plan 256 calls in common steps", |bencher| {
        bencher.iter(|| {
            let calls: Vec<_> = (0..places)
                .map(|call| {
                    let content = Content::natural(Seed::new(call.into()), TOKENS, Finish::Stop);
                    engine.admit(job(&profile, content, Duration::ZERO, start)).expect("there is room")
                })
                .collect();
            let mut ended = 0;
            // As a server: each reader asks at the end of each step.
            let mut schedules: Vec<Schedule> = calls.into_iter().map(|lease| lease.schedule).collect();
            while ended < schedules.len() {
                start += step;
                let ask = |schedule: &mut Schedule| schedule.poll_end(start, Waker::noop());
                ended = schedules.iter_mut().map(ask).filter(|due| matches!(due, Due::At(_))).count();
            }
        });
    });
    group.finish();
}

fn model(criterion: &mut Criterion) {
    let catalog = Catalog::embedded().expect("the embedded profiles are sound");
    let mut group = criterion.benchmark_group("model");
    group.throughput(Throughput::Elements(TOKENS.into()));
    group.bench_function("text", |bencher| {
        let content = Content::natural(Seed::new(1), TOKENS, Finish::Stop);
        bencher.iter(|| {
            let (mut cursor, mut bytes) = (content.cursor(), 0);
            for _ in 0..TOKENS {
                cursor.advance(|_, event| {
                    if let Event::Tokens(run) = event {
                        bytes += run.text().len();
                    }
                });
            }
            bytes
        });
    });
    for name in ["instant", "gpt-4o-mini"] {
        let profile = Arc::clone(catalog.get(name).expect("it is embedded"));
        let engine = IndependentEngine::new(Seed::new(1), 1.0);
        let planner = ResponsePlanner::new(Seed::new(1));
        let ask = GenerationRequest {
            prompt_tokens: 10,
            body: 1,
            max_tokens: Some(TOKENS),
            ..GenerationRequest::default()
        };
        group.bench_function(format!("decide and admit {name}"), |bencher| {
            bencher.iter(|| {
                let Reply { content, delay } = planner.reply(&profile, &ask)?;
                engine.admit(job(&profile, content, delay, Instant::now()))
            });
        });
    }
    group.throughput(Throughput::Elements(1));
    group.bench_function("count a known prompt", |bencher| {
        let (counter, prompt) = (TokenCounter::new(), "the river rose ".repeat(60));
        bencher.iter(|| counter.count(&prompt));
    });
    group.finish();
}

fn latency(criterion: &mut Criterion) {
    let mixture = "x = { mix = [ { share = 0.98, normal = { mean = '9ms', sd = '1ms' } }, \
                   { share = 0.02, normal = { mean = '60ms', sd = '20ms' } } ] }";
    let laws = [("log-normal", "x = { p50 = '645ms', p95 = '1094ms' }"), ("mixture", mixture)];
    for (name, text) in laws {
        let laws: std::collections::BTreeMap<String, Latency> = toml::from_str(text).expect("it is a law");
        let mut rng = Seed::new(1).rng();
        criterion.bench_function(&format!("latency/{name}"), |bencher| {
            bencher.iter(|| laws.values().map(|law| law.sample(&mut rng)).sum::<Duration>());
        });
    }
}

/// A model without delay, so that only the overhead of the executor is measured.
struct InstantLlm;

impl Llm for InstantLlm {
    fn call(&self, _: LlmCall) -> LlmStream {
        let answer =
            LlmOutput { text: "Yes.".to_owned(), usage: Usage::default(), finish: ChainFinish::Stop };
        Box::pin(futures_util::stream::iter([Ok(LlmEvent::Finished(answer))]))
    }
}

/// Independent steps.
fn side_by_side(steps: u32) -> String {
    (0..steps).map(|step| format!("[chain.c.step.s{step}]\ntool = {{ takes = '0s' }}\n")).collect()
}

/// Sequential LLM steps, each with the previous response in its prompt.
fn in_a_row(steps: u32) -> String {
    let llm = "llm = { model = 'm', prompt = ";
    let first = format!("[chain.c.step.s0]\n{llm} 'Go.' }}\n");
    let rest = (1..steps).map(|step| {
        let before = step - 1;
        format!("[chain.c.step.s{step}]\nneeds = ['s{before}']\n{llm} 'Go on: {{{{ s{before} }}}}' }}\n")
    });
    first + &rest.collect::<String>()
}

fn chains(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chains");
    let shapes =
        [("tool steps side by side", side_by_side as fn(u32) -> String), ("LLM steps in a row", in_a_row)];
    for ((shape, spec), steps) in shapes.into_iter().flat_map(|shape| [(shape, 3), (shape, STEPS)]) {
        let catalog = weir_chains::Catalog::parse(&spec(steps), "bench").expect("it is a chain");
        let plan = Arc::clone(catalog.get("c").expect("it is there"));
        let options = RunOptions {
            mode: ExecutionMode::Parallel { at_once: None },
            timeout: None,
            time_scale: TimeScale::REAL,
            seed: Seed::new(1),
            tokens: TokenEvents::Disabled,
        };
        let effects =
            Effects { llm: Arc::new(InstantLlm), http: Arc::new(DisabledHttp), chains: Arc::default() };
        group.throughput(Throughput::Elements(steps.into()));
        group.bench_function(format!("{steps} {shape}"), |bencher| {
            weir_pace::simulate(async |clock| {
                bencher.iter(|| {
                    let (plan, input) = (Arc::clone(&plan), serde_json::Value::Null);
                    let run = weir_chains::run(plan, input, options, effects.clone(), clock.clone());
                    futures_util::FutureExt::now_or_never(run.outcome()).expect("nothing waits")
                });
            });
        });
    }
    group.finish();
}

/// Keys with limits of requests and tokens, all of them in use.
fn admission(criterion: &mut Criterion) {
    const KEYS: u64 = 10_000;
    let limits = |algorithm| {
        let limit = |amount: u64| {
            let amount = NonZeroU64::new(amount).expect("it is not zero");
            vec![Limit { amount, period: Duration::from_secs(60), algorithm }]
        };
        Limits { requests: limit(1_000_000), tokens: limit(100_000_000), ..Limits::default() }
    };
    // Not in the order of the keys.
    let headers: Vec<HeaderMap> = (0..KEYS)
        .map(|index| index * 7_919 % KEYS)
        .map(|key| {
            let secret = format!("Bearer sk-{key:032}").parse().expect("it is a value");
            HeaderMap::from_iter([(AUTHORIZATION, secret)])
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _inside = runtime.enter();
    let clock = Clock::start(TimerConfig::default()).expect("a clock");
    let mut group = criterion.benchmark_group("admission of 10 000 keys");
    for (name, algorithm) in [
        ("bucket", LimitAlgorithm::Bucket),
        ("fixed window", LimitAlgorithm::FixedWindow),
        ("sliding window", LimitAlgorithm::SlidingWindow),
    ] {
        let keys = (0..KEYS).map(|key| KeyConfig {
            name: format!("key-{key}"),
            secret: Secret::new(format!("sk-{key:032}")),
            limits: limits(algorithm),
        });
        let listed = AdmissionConfig {
            unknown_keys: UnknownKeys::Reject,
            unknown_limits: Limits::default(),
            keys: keys.collect(),
        };
        let unlisted = AdmissionConfig {
            unknown_keys: UnknownKeys::Accept,
            unknown_limits: limits(algorithm),
            keys: Vec::new(),
        };
        for (kind, config) in [("listed", listed), ("unlisted", unlisted)] {
            let admission = Admission::new(&config, clock.clone());
            let mut next = headers.iter().cycle();
            group.bench_function(format!("{kind}, {name}"), |bencher| {
                bencher.iter(|| {
                    let headers = next.next().expect("it is endless");
                    let admitted =
                        admission.enter(headers, TokenEstimate::Sum).expect("it is within its limits");
                    let key = admitted.key.as_ref().expect("it has limits");
                    // Settled when it is dropped.
                    key.reserve(100, Some(200)).map(drop).expect("it is within its limits");
                });
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = parts;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = codec, model, batching, latency, chains, admission
}
criterion_main!(parts);
