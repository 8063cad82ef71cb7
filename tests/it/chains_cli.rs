//! `weir chains`: list, check, show and run, without a server.

use std::{fs, path::Path};

use insta::assert_snapshot;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    cli::{CommandOutput, weir},
    support::Running,
};

/// Two sources of 40 ms and an answer, and chains that fail.
const CHAINS: &str = "
[chain.answer]
about  = 'Two sources, then an answer'
result = '{{ input.text }} {{ answer }}'
[chain.answer.step.docs]
tool = { takes = '40ms', gives = 'docs' }
[chain.answer.step.web]
tool = { takes = '40ms', gives = 'web' }
[chain.answer.step.answer]
needs = ['docs', 'web']
tool  = { takes = '20ms', gives = 'because {{ docs }} and {{ web }} say so' }

[chain.late]
timeout = '60ms'
[chain.late.step.first]
tool = { takes = '1ms' }
[chain.late.step.second]
needs = ['first']
tool = { takes = '20s' }
[chain.late.step.third]
needs = ['second']
tool = { takes = '20s' }

[chain.fails.step.first]
tool = { takes = '1ms' }
[chain.fails.step.asks]
needs = ['first']
llm   = { model = 'fast', prompt = 'x', max_tokens = 40000 }

[chain.long.step.first]
tool = { takes = '1ms' }
[chain.long.step.second]
needs = ['first']
tool = { takes = '1h' }
";

/// A folder with the chains above in `chains.toml`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("chains.toml"), CHAINS).unwrap();
    folder
}

/// Runs `weir chains` with `arguments` in `folder`.
fn chains(arguments: &[&str], folder: &Path) -> CommandOutput {
    let all: Vec<&str> = ["chains"].iter().chain(arguments).copied().collect();
    weir(&all, folder, &[])
}

/// Runs `weir chains run` with one of the chains above.
fn run(name: &str, flags: &[&str]) -> CommandOutput {
    let folder = folder();
    let all: Vec<&str> = ["run", name, "--chains", "chains.toml"].iter().chain(flags).copied().collect();
    chains(&all, folder.path())
}

/// The error of a run that is rejected before it starts.
fn refusal(name: &str, flags: &[&str]) -> String {
    let output = run(name, flags);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{}", output.stderr);
    output.stderr
}

/// The first word of each line.
fn first_words(text: &str) -> Vec<&str> {
    text.lines().map(|line| line.split_whitespace().next().unwrap_or_default()).collect()
}

#[test]
fn list_includes_builtin_and_file_chains() {
    let folder = folder();
    let output = chains(&["list", "--chains", "chains.toml"], folder.path());
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    let line = |name: &str| output.stdout.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
    assert!(line("answer ").ends_with("3  Two sources, then an answer"), "{}", output.stdout);
    assert!(line("parallel_processing ").ends_with("4  Three analyses of a text in parallel, then a join"));
}

#[test]
fn check_invalid_file_reports_every_error_with_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("a.toml", "[chain.a.step.x]\nneeds = ['y']\ntool = { takes = '1ms' }\n[chain.b]\nabuot = 'b'\n");
    write("b.toml", "[chain.c.step.x]\nllm = { model = 'fsat', prompt = '{{ inptu.text }}' }\n");
    write("c.txt", "[no chains");
    let output = chains(&["check", "."], folder.path());
    assert_eq!((output.code, output.stderr.as_str()), (Some(2), "error: 4 faults\n"));
    assert_snapshot!(output.stdout, @"
    ./a.toml:2: chain.a.step.x.needs: there is no step `y`
      |
    2 | needs = ['y']
      |          ^^^
    ./a.toml:5: chain.b.abuot: unknown key
      |
    5 | abuot = 'b'
      | ^^^^^
      |
      = help: did you mean `about`?
    ./b.toml:2: chain.c.step.x.llm.model: unknown model `fsat` (did you mean `fast`?)
      |
    2 | llm = { model = 'fsat', prompt = '{{ inptu.text }}' }
      |                 ^^^^^^
    ./b.toml:2: chain.c.step.x.llm.prompt: the template refers to `inptu`, which is neither `input` nor a step
      |
    2 | llm = { model = 'fsat', prompt = '{{ inptu.text }}' }
      |                                  ^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `input`?
    ");
    assert_eq!(chains(&["check", "nowhere.toml"], folder.path()).code, Some(2));
}

#[test]
fn check_valid_files_passes() {
    let folder = folder();
    let output = chains(&["check", "chains.toml"], folder.path());
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    assert_snapshot!(output.stdout, @"chains.toml: 4 chains with 10 steps, all sound");
    let ours = chains(&["check", concat!(env!("CARGO_MANIFEST_DIR"), "/config/chains")], folder.path());
    assert_eq!(ours.code, Some(0), "{}", ours.stdout);
}

#[test]
fn check_with_models_file_accepts_its_models() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("m.toml"), "[model.mine]\ninherits = 'steady'\n").unwrap();
    let source = "[chain.c.step.a]\nllm = { model = 'mine', prompt = 'p', max_tokens = 1 }\n";
    fs::write(folder.path().join("c.toml"), source).unwrap();
    let output = |arguments: &[&str]| chains(arguments, folder.path());
    assert_eq!(output(&["check", "c.toml"]).code, Some(2));
    assert_eq!(output(&["check", "c.toml", "--models", "m.toml"]).code, Some(0));
    assert_snapshot!(output(&["show", "c", "--chains", "c.toml"]).stderr, @"error: chain `c`, step `a`: unknown model `mine`");
    let shown = output(&["show", "c", "--chains", "c.toml", "--models", "m.toml"]).stdout;
    assert!(shown.contains("a     llm   mine     200 ms"), "{shown}");
}

#[test]
fn show_chain_prints_tables_and_graph() {
    let folder = folder();
    let output = chains(&["show", "answer", "--chains", "chains.toml"], folder.path());
    assert_snapshot!(output.stdout, @"
    answer: Two sources, then an answer

      step    kind  model  expected  needs
      docs    tool          40.0 ms
      web     tool          40.0 ms
      answer  tool          20.0 ms  docs, web

      sum of steps   100 ms
      critical path  60.0 ms   docs → answer
      ideal speedup  1.67 ×
      best width     2   more steps at once gain nothing

      at once     wall  speedup
            1   100 ms   1.00 ×
            2  60.0 ms   1.67 ×
    ");
    let output = chains(&["show", "parallel_processing", "--format", "mermaid"], folder.path());
    assert!(
        output.stdout.starts_with("graph LR\n    s0[\"summary<br/>llm fast, 800 ms\"]\n"),
        "{}",
        output.stdout
    );
}

#[test]
fn run_prints_steps_figures_and_result() {
    let output = run("answer", &["--text", "Why?", "--parallel"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let words = first_words(&output.stdout);
    assert_eq!(
        words,
        [
            "answer,", "", "step", "docs", "web", "answer", "", "wall", "sum", "critical", "speedup", "",
            "Why?"
        ]
    );
    assert!(output.stdout.starts_with("answer, parallel: completed\n"), "{}", output.stdout);
    assert!(output.stdout.ends_with("\nWhy? because docs and web say so\n"), "{}", output.stdout);
    let lines = first_words(&output.stderr).len();
    assert_eq!(lines, 1 + 2 * 3, "a line for the run and for each start and end: {}", output.stderr);
}

#[test]
fn run_without_server_calls_simulated_models() {
    let flags = ["--time-scale", "0", "--input", r#"{"text": "rivers"}"#];
    let output = run("test_chain", &flags);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let result = output.stdout.lines().last().unwrap();
    assert!(result.split_whitespace().count() > 10, "{}", output.stdout);
    assert_eq!(run("test_chain", &flags).stdout.lines().last(), Some(result), "the seed is the same");
}

#[test]
fn run_compare_reports_sequential_and_parallel() {
    let output = run("answer", &["--compare", "--pairs", "2", "--time-scale", "10"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let turns: Vec<_> = output.stderr.lines().map(|line| line.split(": answer").next().unwrap()).collect();
    assert_eq!(turns.len(), 4, "{}", output.stderr);
    assert!(output.stderr.contains("pair 1 of 2, answer: sequential ...\npair 1 of 2, answer: parallel ..."));
    assert!(output.stderr.contains("pair 2 of 2, answer: parallel ...\npair 2 of 2, answer: sequential ..."));
    let figure = |label: &str| -> f64 {
        let line = output.stdout.lines().rfind(|line| line.contains(label)).unwrap();
        line.split_once(label).unwrap().1.split_whitespace().next().unwrap().parse().unwrap()
    };
    // 1 s sequentially, 600 ms in parallel; a busy machine may gain less.
    assert!((figure("ideal ") - 1.67).abs() < 0.2, "{}", output.stdout);
    assert!(figure("speedup ") > 1.2, "{}", output.stdout);
}

#[test]
fn run_with_concurrency_limit_is_labelled() {
    let output = run("answer", &["--at-once", "2"]);
    assert!(output.stdout.starts_with("answer, 2 at once: completed\n"), "{}", output.stdout);
}

#[test]
fn run_timeout_prints_completed_steps() {
    let output = run("late", &[]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(output.stdout.starts_with("late, sequential: timed out after 60.0 ms\n"), "{}", output.stdout);
    let words = first_words(&output.stdout);
    assert_eq!(
        words,
        ["late,", "", "step", "first", "second", "not", "", "wall", "sum", "critical", "speedup"]
    );
    let second = output.stdout.lines().find(|line| line.contains("second")).unwrap();
    assert!(second.ends_with("cancelled"), "{}", output.stdout);
    assert!(output.stdout.contains("\n  not started: third\n"));
}

#[test]
fn run_failure_prints_reason_also_in_comparison() {
    let why = "fails, sequential: failed, step `asks` failed: invalid request: this model's maximum context length is 32768 tokens";
    for flags in [&[][..], &["--compare"]] {
        let output = run("fails", flags);
        assert_eq!(output.code, Some(1), "{}", output.stderr);
        assert!(output.stdout.starts_with(why), "{}", output.stdout);
    }
}

#[test]
fn run_interrupted_prints_partial_result() {
    let folder = folder();
    let arguments = ["chains", "run", "long", "--chains", "chains.toml"];
    let mut running = Running::start(&arguments, folder.path());
    running.until_printed("second started");
    running.signal(Signal::INT);
    let output = running.ended();
    assert_eq!(output.code, Some(130), "{}", output.stderr);
    assert!(output.stdout.starts_with("long, sequential: interrupted after "), "{}", output.stdout);
    assert_eq!(first_words(&output.stdout), ["long,", "", "step", "first", "second"]);
}

#[test]
fn run_invalid_arguments_are_rejected_with_suggestion() {
    assert_snapshot!(refusal("paralel_processing", &[]), @"error: unknown chain `paralel_processing` (did you mean `parallel_processing`?); known: analyze_sentiment, answer, ask_a_service, bugfix, code_review, customer_feedback_analysis, each_of_a_list, extract_entities, fails, feature_development, first_answer_wins, generate_questions, late, long, multi_model_consensus, parallel_processing, pick_a_path, rag_parallel_retrieval, summarize_text, test_chain, three_at_once, translate_text, two_steps, when_things_fail, within_another");
    assert_snapshot!(refusal("answer", &["--input", "{'text': 1}"]), @"error: --input is not JSON: key must be a string at line 1 column 2");
    assert_snapshot!(refusal("answer", &["--input", "3"]), @r#"error: --input: expected an object, found a number; write one such as {"text": "Why?"}"#);
    assert_snapshot!(refusal("answer", &["--time-scale", "-1"]), @"error: --time-scale: expected a factor from 0 to 100, found -1");
    assert!(refusal("answer", &["--at-once", "0"]).contains("invalid value '0'"));
    assert!(refusal("answer", &["--compare", "--pairs", "1001"]).contains("1001 is not in 1..=1000"));
    assert!(refusal("answer", &["--pairs", "2"]).contains("--compare"));
    assert!(refusal("answer", &["--text", "a", "--input", "{}"]).contains("cannot be used with"));
}
