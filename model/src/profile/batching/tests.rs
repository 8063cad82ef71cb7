use std::time::Duration;

use super::*;
use crate::profile::Catalog;

/// The settings of the engine that is written as a TOML table.
fn config(engine: &str) -> Result<Arc<BatchingConfig>, String> {
    let source = format!("[model.x]\nsource = 'a test'\ncontext = 8192\nengine.batching = {engine}");
    let mut catalog = Catalog::default();
    catalog.add(&source, "models.toml").map_err(|error| error.to_string())?;
    match &catalog.get("x").unwrap().engine {
        EngineConfig::Batching(config) => Ok(Arc::clone(config)),
        EngineConfig::Independent => panic!("it is a batching engine"),
    }
}

fn ms(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1e3)
}

#[test]
fn engine_without_settings_has_the_defaults() {
    assert_eq!(*config("{}").unwrap(), BatchingConfig::default());
}

#[test]
fn engine_with_all_settings_is_read() {
    let given = config(
        "{ replicas = 2, max_num_seqs = 8, max_num_batched_tokens = 512, num_gpu_blocks = 600, block_size = 16, \
         enable_prefix_caching = false, scheduling_policy = 'priority', max_waiting = 3, routing = 'prefix_aware', \
         step = { prefill = { points = [ { at = 0, takes = '1ms' }, { at = 100, takes = '3ms' } ] }, \
         decode = { polynomial_ms = [2, 1.5] }, per_sequence = '10us', min = '0s' }, \
         disaggregated_prefill = { replicas = 3, transfer = '2ms', transfer_per_token = '1us' } }",
    )
    .unwrap();
    let expected = BatchingConfig {
        replicas: 2,
        max_num_seqs: 8,
        max_num_batched_tokens: 512,
        num_gpu_blocks: 600,
        block_size: 16,
        enable_prefix_caching: false,
        scheduling_policy: SchedulingPolicy::Priority,
        max_waiting: 3,
        routing: Routing::PrefixAware,
        step: StepTime {
            prefill: Curve::Points([(0.0, 1.0), (100.0, 3.0)].into()),
            decode: Curve::Polynomial([2.0, 1.5].into()),
            per_sequence: Duration::from_micros(10),
            min: Duration::ZERO,
        },
        disaggregated_prefill: Some(DisaggregatedPrefill {
            replicas: 3,
            transfer: Duration::from_millis(2),
            transfer_per_token: Duration::from_micros(1),
        }),
    };
    assert_eq!(*given, expected);
}

#[test]
fn engine_with_a_wrong_setting_names_file_line_key_and_problem() {
    let rows = [
        ("{ replicas = 0 }", "replicas: expected a whole number from 1 to 64, found 0"),
        ("{ max_num_seqs = 5000 }", "max_num_seqs: expected a whole number from 1 to 4096, found 5000"),
        (
            "{ max_num_batched_tokens = 0 }",
            "max_num_batched_tokens: expected a whole number from 1 to 1048576, found 0",
        ),
        (
            "{ max_num_batched_tokens = 100 }",
            "max_num_batched_tokens: expected at least max_num_seqs = 256, so that each sequence gets a token in a \
             step, found 100",
        ),
        ("{ num_gpu_blocks = 0 }", "num_gpu_blocks: expected a whole number from 1 to 1048576, found 0"),
        (
            "{ num_gpu_blocks = 100 }",
            "num_gpu_blocks: expected at least 128: a context of 8192 tokens takes as many blocks of 64; found 100",
        ),
        (
            "{ num_gpu_blocks = 100000, replicas = 60 }",
            "num_gpu_blocks: expected at most 4194304 blocks in all replicas, found 6000000",
        ),
        ("{ block_size = 0 }", "block_size: expected a whole number from 1 to 1024, found 0"),
        ("{ block_size = 6.5 }", "block_size: expected a whole number, found 6.5"),
        ("{ max_num_seqs = -1 }", "max_num_seqs: expected a whole number from 0 to 4294967295, found -1"),
        (
            "{ max_waiting = 2000000 }",
            "max_waiting: expected a whole number from 0 to 1000000, found 2000000",
        ),
        (
            "{ scheduling_policy = 'lifo' }",
            "scheduling_policy: unknown value `lifo`; expected one of `fcfs`, `priority`",
        ),
        ("{ routing = 'round-robin' }", "routing: unknown value `round-robin` (did you mean `round_robin`?)"),
        ("{ enable_prefix_caching = 1 }", "enable_prefix_caching: expected true or false, found 1"),
        ("{ max_num_sequences = 1 }", "max_num_sequences: unknown key (did you mean `max_num_seqs`?)"),
        ("{ step = { preffil = {} } }", "step.preffil: unknown key (did you mean `prefill`?)"),
        (
            "{ step = { decode = { polynomial_ms = [] } } }",
            "step.decode: expected 1 to 6 coefficients, found 0",
        ),
        (
            "{ step = { decode = { polynomial_ms = [5, -10] } } }",
            "step.decode: expected from 0 ms to a day, found -0.04999999999999982 ms at 0.505",
        ),
        (
            "{ step = { prefill = { polynomial_ms = [nan] } } }",
            "step.prefill: expected from 0 ms to a day, found NaN ms at 0",
        ),
        ("{ step = { prefill = { points = [] } } }", "step.prefill: expected 1 to 1000 points, found 0"),
        (
            "{ step = { decode = { points = [ { at = 2, takes = '1ms' } ] } } }",
            "step.decode: expected points from 0 to 1, found one at 2",
        ),
        (
            "{ step = { decode = { points = [ { at = 1, takes = '1ms' }, { at = 0, takes = '1ms' } ] } } }",
            "step.decode: expected points in rising order of `at`",
        ),
        (
            "{ step = { decode = { linear = 1 } } }",
            "step.decode: unknown value `linear`; expected one of `polynomial_ms`, `points`",
        ),
        ("{ step = { min = 5 } }", "step.min: 5 has no unit"),
        ("{ disaggregated_prefill = {} }", "disaggregated_prefill.replicas: this key is required"),
        (
            "{ disaggregated_prefill = { replicas = 65 } }",
            "disaggregated_prefill.replicas: expected a whole number from 1 to 64, found 65",
        ),
    ];
    for (engine, message) in rows {
        let error = config(engine).unwrap_err();
        let expected = format!("models.toml:4: model.x.engine.batching.{message}");
        assert!(error.starts_with(&expected), "{engine}\n  found {error}\n  expected {expected}");
    }
}

#[test]
fn engine_of_an_unknown_kind_is_an_error() {
    let mut catalog = Catalog::embedded().unwrap();
    let error = catalog.add("[model.x]\ninherits = 'steady'\nengine = 'batched'", "m.toml").unwrap_err();
    assert!(error.to_string().starts_with("m.toml:3: model.x.engine: "), "{error}");
}

#[test]
fn duration_of_a_step_is_the_published_curve() {
    let step = StepTime::default();
    assert_eq!(step.duration(0, 1, 0.0), ms(5.74));
    assert_eq!(step.duration(0, 256, 1.0), ms(34.01));
    let prompt = 4.21e-7 * 1e6 + 15.18 + 16.5;
    assert!(step.duration(1_000, 0, 0.5).abs_diff(ms(prompt)) < ms(0.001));
    assert!(step.duration(1_000, 3, 0.0).abs_diff(ms(prompt + 5.74)) < ms(0.001));
    assert_eq!(step.duration(0, 0, 0.0), ms(1.0));
    let per_sequence = StepTime { per_sequence: ms(0.5), ..step };
    assert_eq!(per_sequence.duration(0, 10, 0.0), ms(10.74));
}

#[test]
fn points_are_interpolated_and_constant_beyond() {
    let curve = Curve::Points([(10.0, 1.0), (20.0, 3.0)].into());
    assert_eq!([0.0, 10.0, 15.0, 20.0, 99.0].map(|at| curve.ms(at)), [1.0, 1.0, 2.0, 3.0, 3.0]);
}

#[test]
fn idle_ttft_of_a_long_prompt_takes_several_steps() {
    let config = BatchingConfig::default();
    assert_eq!(config.idle_ttft(1_000), config.step.duration(1_000, 0, 0.0));
    let two = config.step.duration(8_192, 0, 0.0) + config.step.duration(1_808, 0, 0.0);
    assert_eq!(config.idle_ttft(10_000), two);
}
