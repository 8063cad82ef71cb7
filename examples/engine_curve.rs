//! The latency of the batching models over the load, in simulated time, beside what was published:
//! `cargo run --example engine_curve`.

#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::{sync::Arc, task::Waker, time::Duration, time::Instant};

use rand::Rng as _;
use weir_model::{
    BatchingEngine, Catalog, Content, Due, Engine as _, EngineConfig, Finish, Job, Profile, PromptPrefix,
};
use weir_pace::{Amount, Rng, Seed};

/// Calls at each load.
const CALLS: usize = 2_000;

/// A load of a model, and the published figures: TTFT, TPOT and ITL, each p50 and p99.
struct Row {
    model: &'static str,
    rate: f64,
    published: &'static str,
}

const fn row(model: &'static str, rate: f64, published: &'static str) -> Row {
    Row { model, rate, published }
}

const ROWS: [Row; 14] = [
    row("llama-3.3-70b-tp4", 1.0, "128/377   44.6/58.0  43.9/132"),
    row("llama-3.3-70b-tp4", 2.0, ""),
    row("llama-3.3-70b-tp4", 4.0, "220/607   73.8/129   55.5/-"),
    row("llama-3.3-70b-tp4", 8.0, ""),
    row("llama-3.3-70b-tp4", 12.0, ""),
    row("llama-3.3-70b-tp4-pp2", 1.0, "97/230   43.5/50.5  42.3/88"),
    row("llama-3.3-70b-tp4-pp2", 2.0, ""),
    row("llama-3.3-70b-tp4-pp2", 4.0, "125/333   63.5/83.1  57.8/173"),
    row("llama-3.3-70b-tp4-pp2", 8.0, ""),
    row("llama-3.3-70b-tp4-pp2", 12.0, ""),
    row("llama-3.1-8b-h100", 1.0, "100/-     12/-       12/-"),
    row("llama-3.1-8b-h100", 4.0, ""),
    row("llama-3.1-8b-h100", 8.0, ""),
    row("llama-3.1-8b-h100", 16.0, ""),
];

/// Milliseconds of all calls of a run.
#[derive(Default)]
struct Figures {
    ttft: Vec<f64>,
    tpot: Vec<f64>,
    itl: Vec<f64>,
}

/// A running call.
struct Call {
    schedule: weir_model::Schedule,
    arrived: Instant,
    steps: u32,
    /// The instants of its tokens so far.
    tokens: Vec<Instant>,
}

fn main() -> anyhow::Result<()> {
    let catalog = Catalog::embedded()?;
    // Prompts about as long as those of ShareGPT.
    let prompts = amount("{ mean = 220, cv = 1.2 }")?;
    println!("model                   req/s  TTFT p50/p99  TPOT p50/p99  ITL p50/p99   published (ms)");
    for Row { model, rate, published } in ROWS {
        let profile = catalog.get(model).ok_or_else(|| anyhow::anyhow!("there is no model {model}"))?;
        let mut figures = run(profile, rate, &prompts)?;
        let columns = [&mut figures.ttft, &mut figures.tpot, &mut figures.itl].map(|values| {
            values.sort_by(f64::total_cmp);
            format!("{:.1}/{:.1}", quantile(values, 0.5), quantile(values, 0.99))
        });
        let [ttft, tpot, itl] = columns;
        println!("{model:<22}{rate:>7}  {ttft:<13} {tpot:<13} {itl:<13} {published}");
    }
    for model in ["llama-3.3-70b-tp4", "llama-3.3-70b-tp4-pp2", "llama-3.1-8b-h100"] {
        if let Some(saturation) = catalog.get(model).and_then(|profile| profile.saturation(220)) {
            let (requests, tokens) = (saturation.requests_per_second, saturation.tokens_per_second);
            println!("{model} saturates at {requests:.1} requests/s, {tokens:.0} tokens/s");
        }
    }
    Ok(())
}

fn amount(text: &str) -> anyhow::Result<Amount> {
    let mut read: std::collections::BTreeMap<String, Amount> = toml::from_str(&format!("x = {text}"))?;
    read.remove("x").ok_or_else(|| anyhow::anyhow!("it has one key"))
}

/// Calls that arrive at random, `rate` a second on average.
fn run(profile: &Arc<Profile>, rate: f64, prompts: &Amount) -> anyhow::Result<Figures> {
    let EngineConfig::Batching(config) = &profile.engine else {
        anyhow::bail!("{} has no batching engine", profile.name)
    };
    let mut config = config.as_ref().clone();
    config.max_waiting = 1_000_000;
    let engine = BatchingEngine::new(Arc::new(config), 1.0);
    let mut rng = Seed::new(1).rng();
    let (mut arrives, mut now) = (Instant::now(), Instant::now());
    let (mut running, mut figures, mut admitted): (Vec<Call>, _, _) = (Vec::new(), Figures::default(), 0);
    while admitted < CALLS || !running.is_empty() {
        let next = read(&mut running, now);
        running.retain(|call| !figures.add(call));
        now = if admitted < CALLS && next.is_none_or(|next| arrives < next) {
            running.push(admit(&engine, profile, prompts, arrives, &mut rng)?);
            admitted += 1;
            let at = arrives;
            arrives += Duration::from_secs_f64(-(1.0 - rng.random::<f64>()).ln() / rate);
            at
        } else {
            next.unwrap_or(arrives)
        };
    }
    Ok(figures)
}

fn admit(
    engine: &BatchingEngine,
    profile: &Arc<Profile>,
    prompts: &Amount,
    start: Instant,
    rng: &mut Rng,
) -> anyhow::Result<Call> {
    let steps = profile.output_tokens.sample(rng).clamp(1, 4_096) as u32;
    let job = Job {
        profile: Arc::clone(profile),
        prompt_tokens: prompts.sample(rng).clamp(1, 8_192) as u32,
        content: Content::natural(Seed::new(1), steps, Finish::Stop),
        delay: Duration::ZERO,
        total: None,
        body: 1,
        start,
        priority: 0,
        prefix: PromptPrefix::default(),
    };
    Ok(Call { schedule: engine.admit(job)?.schedule, arrived: start, steps, tokens: Vec::new() })
}

/// Reads the tokens of all calls until `now`; returns when there is more.
fn read(calls: &mut [Call], now: Instant) -> Option<Instant> {
    let mut next: Option<Instant> = None;
    for Call { schedule, steps, tokens, .. } in calls {
        while tokens.len() < *steps as usize {
            match schedule.poll_token(tokens.len() as u32, now, Waker::noop()) {
                Due::At(due) => tokens.push(due),
                Due::AskAt(at) => {
                    next = Some(next.map_or(at, |next| next.min(at)));
                    break;
                }
                Due::AskWhenWoken => break,
            }
        }
    }
    next
}

impl Figures {
    /// Adds a call if it has ended.
    fn add(&mut self, call: &Call) -> bool {
        let (Some(first), Some(last)) = (call.tokens.first(), call.tokens.last()) else { return false };
        if call.tokens.len() < call.steps as usize {
            return false;
        }
        self.ttft.push(ms(call.arrived, *first));
        if call.steps > 1 {
            self.tpot.push(ms(*first, *last) / f64::from(call.steps - 1));
        }
        let gaps = call.tokens.iter().zip(call.tokens.iter().skip(1));
        self.itl.extend(gaps.map(|(one, next)| ms(*one, *next)));
        true
    }
}

fn ms(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1e3
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or(f64::NAN)
}
