use std::{collections::BTreeMap, time::Duration};

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

const CHAIN_BACKEND: &str = include_str!("../../../config/chains/chain-backend.toml");

/// Returns the error of a file with these lines.
fn error_of(source: &str) -> String {
    Catalog::parse(source, "mine.toml").unwrap_err().to_string()
}

/// Returns the error of a chain `c` with a valid step `a` and a step `b` with the lines `step`, on line 5.
fn step_error_of(step: &str) -> String {
    error_of(&format!("[chain.c.step.a]\ntool = {{ takes = '1ms' }}\n\n[chain.c.step.b]\n{step}\n"))
}

fn plan(source: &str) -> Arc<Plan> {
    Catalog::parse(source, "mine.toml").unwrap().iter().next().unwrap().clone()
}

#[test]
fn plan_orders_steps_after_needs_then_by_file_order() {
    let plan = plan(
        "[chain.c]\nabout = 'four steps'\ntimeout = '1m30s'\n\
         [chain.c.step.z]\nneeds = ['m', 'b']\nllm = { model = 'x', prompt = '{{ b }}', total = '2s' }\n\
         [chain.c.step.m]\ntool = { takes = '1ms' }\n\
         [chain.c.step.k]\ntool = { takes = '3ms' }\n\
         [chain.c.step.b]\nneeds = ['m']\ntool = { takes = '1ms' }\n",
    );
    let names: Vec<&str> = plan.steps().iter().map(|step| &**step.name()).collect();
    assert_eq!(names, ["m", "k", "b", "z"]);
    let last = &plan.steps()[3];
    assert_eq!((last.index(), last.needs(), last.kind().as_str()), (3, &[0, 2][..], "llm"));
    assert_eq!(last.need_names().iter().map(|name| &**name).collect::<Vec<_>>(), ["m", "b"]);
    assert_eq!(
        (last.model().map(|name| &**name), last.expected()),
        (Some("x"), Some(Duration::from_secs(2)))
    );
    assert_eq!((plan.about(), plan.timeout()), (Some("four steps"), Some(Duration::from_secs(90))));
    let path = plan.critical_path(|step| step.expected().unwrap());
    assert_eq!(path.steps.iter().map(|name| &**name).collect::<Vec<_>>(), ["m", "b", "z"]);
    assert_eq!(path.duration, Duration::from_millis(2_002));
}

#[test]
fn deeply_nested_templates_are_errors_and_large_constants_are_not_built() {
    for (part, count) in [(" + 1", 9_999), ("|upper", 9_999), (".a", 9_999), ("[0]", 9_999)] {
        let error = step_error_of(&format!(
            "tool = {{ takes = '1ms', gives = '{{{{ 1{} }}}}' }}",
            part.repeat(count)
        ));
        assert!(error.contains("nested too deeply"), "{error}");
        let error = step_error_of(&format!("when = '1{}'\ntool = {{ takes = '1ms' }}", part.repeat(count)));
        assert!(error.contains("nested too deeply"), "{error}");
    }
    let constants = "{{ 'x' * 100000000 }}".repeat(500);
    plan(&format!("[chain.c.step.a]\ntool = {{ takes = '1ms', gives = \"{constants}\" }}"));
    let constants = vec!["'x' * 100000000"; 90].join(", ");
    plan(&format!("[chain.c.step.a]\nwhen = \"[{constants}]\"\ntool = {{ takes = '1ms' }}"));
}

#[test]
fn merge_same_name_replaces_chain() {
    let one = "[chain.a.step.s]\ntool = { takes = '1ms' }\n[chain.b.step.s]\ntool = { takes = '1ms' }";
    let mut catalog = Catalog::parse(one, "one.toml").unwrap();
    let two = "[chain.b]\nabout = 'mine'\n[chain.b.step.s]\ntool = { takes = '1ms' }";
    catalog.merge(Catalog::parse(two, "two.toml").unwrap()).unwrap();
    assert_eq!(catalog.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(catalog.get("b").unwrap().about(), Some("mine"));
    assert!(catalog.get("c").is_none());
}

#[test]
fn merge_too_many_chains_changes_nothing() {
    let many: String =
        (0..CHAINS_MAX).map(|i| format!("[chain.c{i}.step.s]\ntool = {{ takes = '0s' }}\n")).collect();
    let mut catalog = Catalog::parse(&many, "many.toml").unwrap();
    let one_more = Catalog::parse("[chain.x.step.s]\ntool = { takes = '0s' }", "x.toml").unwrap();
    assert_eq!(catalog.merge(one_more), Err(CatalogFull));
    assert_eq!(catalog.names().count(), CHAINS_MAX);
    let too_many = format!("{many}[chain.x.step.s]\ntool = {{ takes = '0s' }}\n");
    assert_snapshot!(error_of(&too_many), @"mine.toml: chain: there are more than 4096 chains");
}

#[test]
fn reference_chains_have_documented_durations() {
    let catalog = Catalog::parse(CHAIN_BACKEND, "chain-backend.toml").unwrap();
    // The profile `fast` takes 80 ms to the first token and 4 ms between tokens on average.
    let by_tokens = |step: &crate::Step| match &step.action {
        plan::Action::Llm(llm) if step.expected().is_none() => {
            assert_eq!(&*llm.model, "fast");
            Duration::from_millis(80) + Duration::from_millis(4) * (llm.max_tokens.unwrap() - 1)
        }
        _ => step.expected().unwrap(),
    };
    let took: BTreeMap<&str, (u128, u128)> = catalog
        .iter()
        .map(|plan| {
            let sum: Duration = plan.steps().iter().map(|step| by_tokens(step)).sum();
            (&**plan.name(), (sum.as_millis(), plan.critical_path(by_tokens).duration.as_millis()))
        })
        .collect();
    assert_eq!(took["parallel_processing"], (2_450, 850));
    assert_eq!(took["customer_feedback_analysis"], (16_000, 6_000));
    assert_eq!(took["multi_model_consensus"], (21_500, 8_500));
    assert_eq!(took["rag_parallel_retrieval"], (14_000, 9_000));
    for name in [
        "summarize_text",
        "analyze_sentiment",
        "generate_questions",
        "extract_entities",
        "translate_text",
        "test_chain",
    ] {
        let (sum, longest) = took[name];
        assert!(sum == longest && (300..=600).contains(&sum), "{name}: {sum} ms");
    }
    assert_eq!(took.len(), 10);
}

#[test]
fn parse_invalid_file_reports_location() {
    assert_snapshot!(error_of("[chain.c\n"), @"mine.toml:1: invalid TOML: unclosed table, expected `]`");
    assert_snapshot!(error_of("[chain.c.step.a]\ntool = { takes = '1ms' }\n\n[chain.c.step.a]\n"), @"mine.toml:4: invalid TOML: duplicate key `a`");
    assert_snapshot!(error_of("[chain.c]\nabout = 'x'\n[chain.d]\n[chain.c]\n"), @"mine.toml:4: invalid TOML: duplicate key `c`");
    assert_snapshot!(error_of("[chain.c.step.a]\ntool = { takes = '1ms' }\nneeds = []\nneeds = []\n"), @"mine.toml:4: invalid TOML: duplicate key `needs`");
    assert_snapshot!(error_of("[chains.c]\n"), @"mine.toml:1: chains: unknown key (did you mean `chain`?)");
    assert_snapshot!(error_of("[chain.c]\nabuot = 'x'\n"), @"mine.toml:2: chain.c.abuot: unknown key (did you mean `about`?)");
    assert_snapshot!(error_of("chain = 3\n"), @"mine.toml:1: chain: expected a table, found 3");
    assert_snapshot!(error_of(&"#".repeat(4 * 1024 * 1024 + 1)), @"mine.toml: the file has 4194305 bytes; at most 4194304 are read");
}

#[test]
fn parse_invalid_chain_reports_location() {
    assert_snapshot!(error_of("\n[chain.c]\n"), @"mine.toml:2: chain.c: the chain has no steps; at least one table [chain.NAME.step.STEP] is required");
    assert_snapshot!(error_of("[chain.'a b'.step.a]\ntool = { takes = '1ms' }\n"), @r#"mine.toml:1: chain."a b": `a b` is not a valid name: expected 1 to 64 letters, digits, `_`, `-` and `.`"#);
    assert_snapshot!(error_of("[chain.''.step.a]\ntool = { takes = '1ms' }\n"), @r#"mine.toml:1: chain."": `` is not a valid name: expected 1 to 64 letters, digits, `_`, `-` and `.`"#);
    assert_snapshot!(error_of("[chain.c]\ntimeout = '0s'\n[chain.c.step.a]\ntool = { takes = '1ms' }\n"), @"mine.toml:2: chain.c.timeout: a timeout must not be zero; omit the key for no limit");
    assert_snapshot!(error_of("[chain.c]\ntimeout = 30\n[chain.c.step.a]\ntool = { takes = '1ms' }\n"), @r#"mine.toml:2: chain.c.timeout: 30 has no unit; write "30s" or "30ms" if that is what is meant"#);
    assert_snapshot!(error_of("[chain.c]\nresult = '{{ aa }}'\n[chain.c.step.a]\ntool = { takes = '1ms' }\n"), @"mine.toml:2: chain.c.result: the template refers to `aa`, which is neither `input` nor a step (did you mean `a`?)");
    let many: String =
        (0..=1_024).map(|i| format!("[chain.c.step.s{i}]\ntool = {{ takes = '0s' }}\n")).collect();
    assert_snapshot!(error_of(&many), @"mine.toml:1: chain.c: there are 1025 steps; at most 1024 are allowed");
}

#[test]
fn parse_invalid_step_reports_location() {
    assert_snapshot!(error_of("[chain.c.step.'a-b']\ntool = { takes = '1ms' }\n"), @"mine.toml:1: chain.c.step.a-b: `a-b` is not a valid name: expected 1 to 64 letters, digits and `_`, not starting with a digit, because templates refer to it");
    assert_snapshot!(error_of("[chain.c.step.input]\ntool = { takes = '1ms' }\n"), @"mine.toml:1: chain.c.step.input: `input` is not a valid name: the word is reserved in templates");
    assert_snapshot!(step_error_of(""), @"mine.toml:4: chain.c.step.b: the step has no action; one of `tool`, `llm`, `http` and `chain` is required");
    assert_snapshot!(step_error_of("tool = { takes = '1ms' }\nllm = { model = 'x', prompt = 'p' }"), @"mine.toml:6: chain.c.step.b.llm: a step has only one of `tool`, `llm`, `http` and `chain`; split it into two steps");
    assert_snapshot!(step_error_of("tol = { takes = '1ms' }"), @"mine.toml:5: chain.c.step.b.tol: unknown key (did you mean `tool`?)");
    assert_snapshot!(step_error_of("tool = { takes = '1ms', give = 'x' }"), @"mine.toml:5: chain.c.step.b.tool.give: unknown key (did you mean `gives`?)");
    assert_snapshot!(step_error_of("tool = { takes = '1ms' }\nstream = true"), @"mine.toml:6: chain.c.step.b.stream: only `llm` and `chain` steps can stream tokens");
    assert_snapshot!(step_error_of("tool = { gives = 'x' }"), @"mine.toml:5: chain.c.step.b.tool.takes: this key is required");
    assert_snapshot!(step_error_of("llm = { model = '', prompt = 'p' }"), @"mine.toml:5: chain.c.step.b.llm.model: a model name is required");
    assert_snapshot!(step_error_of("llm = { model = 'x', prompt = 'p', max_tokens = 0 }"), @"mine.toml:5: chain.c.step.b.llm.max_tokens: expected a whole number from 1 to 4294967295, found 0");
    assert_snapshot!(step_error_of("llm = { model = 'x', prompt = 'p', total = '5 parsecs' }"), @r#"mine.toml:5: chain.c.step.b.llm.total: "5 parsecs": unknown unit "parsecs"; h, m, s, ms, us and ns are known"#);
    assert_snapshot!(step_error_of("tool = { takes = { p50 = '5ms', p95 = '1ms' } }"), @"mine.toml:5: chain.c.step.b.tool.takes.p95: 1ms is less than p50, which is 5ms: expected at least as much");
    assert_snapshot!(step_error_of("[chain.c.step.b.tool.takes]\np50 = '5ms'\np59 = '9ms'"), @"mine.toml:7: chain.c.step.b.tool.takes.p59: unknown key (did you mean `p50`?)");
    assert_snapshot!(step_error_of("tool = { takes = '-1ms' }"), @"mine.toml:5: chain.c.step.b.tool.takes: -1ms is negative; a duration must not be negative");
}

#[test]
fn parse_invalid_graph_reports_location() {
    let tool = "tool = { takes = '1ms' }\n";
    assert_snapshot!(step_error_of("tool = { takes = '1ms' }\nneeds = ['b']"), @"mine.toml:6: chain.c.step.b.needs: a step cannot need itself");
    assert_snapshot!(step_error_of("tool = { takes = '1ms' }\nneeds = ['a', 'a']"), @"mine.toml:6: chain.c.step.b.needs: `a` is listed twice");
    assert_snapshot!(step_error_of("tool = { takes = '1ms' }\nneeds = 'a'"), @r#"mine.toml:6: chain.c.step.b.needs: expected a list, found the text "a""#);
    assert_snapshot!(
        error_of(&format!("[chain.c.step.search]\n{tool}[chain.c.step.b]\n{tool}needs = [\n  'search',\n  'serach',\n]\n")),
        @"mine.toml:7: chain.c.step.b.needs: there is no step `serach` (did you mean `search`?)"
    );
    let circle = format!(
        "[chain.c.step.start]\n{tool}\n[chain.c.step.a]\n{tool}needs = ['start', 'b']\n\
         [chain.c.step.b]\n{tool}needs = ['c']\n[chain.c.step.c]\n{tool}needs = ['a']\n\
         [chain.c.step.end]\n{tool}needs = ['c']\n"
    );
    assert_snapshot!(error_of(&circle), @"mine.toml:4: chain.c.step.a: the steps need each other in a cycle: a → b → c → a");
}

#[test]
fn parse_invalid_policy_reports_location() {
    let tool = |policy: &str| step_error_of(&format!("tool = {{ takes = '1ms' }}\n{policy}"));
    assert_snapshot!(tool("when = 'input.a =='"), @"mine.toml:6: chain.c.step.b.when: line 1 of the template: unexpected end of input, expected expression");
    assert_snapshot!(tool("when = 'inptu.a'"), @"mine.toml:6: chain.c.step.b.when: the template refers to `inptu`, which is neither `input` nor a step (did you mean `input`?)");
    assert_snapshot!(tool("when = 'a == 1'"), @"mine.toml:6: chain.c.step.b.when: the template refers to step `a`, which may not have ended by then; add it to `needs`");
    assert_snapshot!(tool("when = 'true %}{% if false'"), @"mine.toml:6: chain.c.step.b.when: line 1 of the template: unexpected `}`");
    assert_snapshot!(tool("foreach = 3"), @r#"mine.toml:6: chain.c.step.b.foreach: expected an expression that evaluates to a list, such as "input.items", or a table with it as `over`, found 3"#);
    assert_snapshot!(tool("foreach = { list = 'input.a' }"), @"mine.toml:6: chain.c.step.b.foreach.list: unknown key; expected one of `over`, `at_once`, `at_most`");
    assert_snapshot!(tool("foreach = { over = 'input.a', at_most = 0 }"), @"mine.toml:6: chain.c.step.b.foreach.at_most: 0 is out of range; expected 1 to 10000 entries");
    assert_snapshot!(tool("foreach = 'item'"), @"mine.toml:6: chain.c.step.b.foreach: the template refers to `item`, which is neither `input` nor a step");
    assert_snapshot!(tool("retry = { times = 0 }"), @"mine.toml:6: chain.c.step.b.retry.times: 0 is out of range; expected 1 to 100 retries");
    assert_snapshot!(tool("retry = { times = 2, factor = 0.5 }"), @"mine.toml:6: chain.c.step.b.retry.factor: 0.5 is out of range; expected a number from 1 to 10");
    assert_snapshot!(tool("retry = { times = 2, jitter = 1.5 }"), @"mine.toml:6: chain.c.step.b.retry.jitter: 1.5 is out of range; expected a number from 0 to 1");
    assert_snapshot!(tool("retry = { time = 2 }"), @"mine.toml:6: chain.c.step.b.retry.time: unknown key (did you mean `times`?)");
    assert_snapshot!(tool("timeout = '0s'"), @"mine.toml:6: chain.c.step.b.timeout: a timeout must not be zero; omit the key for no limit");
    assert_snapshot!(tool("join = 'some'"), @"mine.toml:6: chain.c.step.b.join: unknown value `some`; expected one of `all`, `any`");
    assert_snapshot!(tool("on_error = 'ignore'"), @"mine.toml:6: chain.c.step.b.on_error: unknown value `ignore`; expected one of `fail`, `continue`");
    assert_snapshot!(tool("fallback = 'aa'"), @"mine.toml:6: chain.c.step.b.fallback: there is no step `aa` (did you mean `a`?)");
    assert_snapshot!(tool("fallback = 'b'"), @"mine.toml:6: chain.c.step.b.fallback: `b` cannot be a fallback: a step cannot be its own fallback");
    assert_snapshot!(tool("needs = ['a']\nfallback = 'a'"), @"mine.toml:7: chain.c.step.b.fallback: `a` cannot be a fallback: other steps need it; they must need the step whose fallback it is");
    assert_snapshot!(tool("fallback = 'c'\n[chain.c.step.c]\nneeds = ['a']\ntool = { takes = '1ms' }"), @"mine.toml:6: chain.c.step.b.fallback: `c` cannot be a fallback: a fallback starts when its step fails, so it must not have `needs`");
    assert_snapshot!(tool("fallback = 'a'\n[chain.c.step.c]\nfallback = 'a'\ntool = { takes = '1ms' }"), @"mine.toml:8: chain.c.step.c.fallback: `a` cannot be a fallback: it is already the fallback of another step");
    assert_snapshot!(step_error_of("tool = { takes = '1ms', fails = 2 }"), @"mine.toml:5: chain.c.step.b.tool.fails: 2 is out of range; expected a number from 0 to 1");
    assert_snapshot!(step_error_of("tool = { takes = '1ms', gives = '{{ item }}' }"), @"mine.toml:5: chain.c.step.b.tool.gives: the template refers to `item`, which is neither `input` nor a step");
    assert_snapshot!(step_error_of("http = { url = 'http://x', method = 'FETCH' }"), @r#"mine.toml:5: chain.c.step.b.http.method: "FETCH"is not a supported method; expected one of GET, POST, PUT, PATCH, DELETE"#);
    assert_snapshot!(step_error_of("http = { uri = 'http://x' }"), @"mine.toml:5: chain.c.step.b.http.uri: unknown key (did you mean `url`?)");
    assert_snapshot!(step_error_of("http = { url = 'http://x', headers = { a = '{{ c }}' } }"), @"mine.toml:5: chain.c.step.b.http.headers.a: the template refers to `c`, which is neither `input` nor a step");
    assert_snapshot!(step_error_of("llm = { model = 'x', prompt = 'p', tools = [{ name = 'a b' }] }"), @"mine.toml:5: chain.c.step.b.llm.tools: `a b` is not a valid tool name: expected 1 to 64 letters, digits, `_` and `-`");
    assert_snapshot!(step_error_of("llm = { model = 'x', prompt = 'p', tools = [{ name = 'a', parameters = 3 }] }"), @"mine.toml:5: chain.c.step.b.llm.tools: the parameters of `a` are not a table; expected a JSON Schema");
    assert_snapshot!(step_error_of("chain = { nam = 'x' }"), @"mine.toml:5: chain.c.step.b.chain.nam: unknown key (did you mean `name`?)");
}

#[test]
fn check_invalid_nesting_reports_location() {
    let nesting =
        |source: &str| Catalog::parse(source, "mine.toml").unwrap().check().unwrap_err().to_string();
    let runs = |chain: &str, inner: &str| format!("[chain.{chain}.step.s]\nchain = {{ name = '{inner}' }}\n");
    assert_snapshot!(nesting(&(runs("one", "twoo") + "[chain.two.step.s]\ntool = { takes = '1ms' }")), @"mine.toml:2: chain.one.step.s.chain.name: there is no chain `twoo` (did you mean `two`?)");
    assert_snapshot!(nesting(&(runs("one", "two") + &runs("two", "three") + &runs("three", "one"))), @"mine.toml:6: chain.three.step.s.chain.name: the chains run each other in a cycle: one → two → three → one");
    assert_snapshot!(nesting(&runs("one", "one")), @"mine.toml:2: chain.one.step.s.chain.name: the chains run each other in a cycle: one → one");
    let deep: String = (0..9).map(|depth| runs(&format!("c{depth}"), &format!("c{}", depth + 1))).collect();
    assert_snapshot!(nesting(&(deep + "[chain.c9.step.s]\ntool = { takes = '1ms' }")), @"mine.toml:4: chain.c1.step.s.chain.name: chains are nested 9 deep here; at most 8 are allowed");
}

#[test]
fn parse_invalid_template_reports_location() {
    assert_snapshot!(step_error_of("tool = { takes = '1ms', gives = '{{ input.text' }"), @"mine.toml:5: chain.c.step.b.tool.gives: line 1 of the template: unexpected end of input, expected end of variable block");
    assert_snapshot!(step_error_of("llm = { model = 'x', prompt = \"\"\"\none\n{{ 1 + }}\n\"\"\" }"), @"mine.toml:5: chain.c.step.b.llm.prompt: line 2 of the template: unexpected end of variable block");
    assert_snapshot!(step_error_of("tool = { takes = '1ms', gives = '{% if input %}' }"), @"mine.toml:5: chain.c.step.b.tool.gives: line 1 of the template: unexpected end of input, expected end of block");
    assert_snapshot!(step_error_of("tool = { takes = '1ms', gives = '{{ input.text | uper }}' }"), @"mine.toml:5: chain.c.step.b.tool.gives: line 1 of the template: filter uper is unknown");
    assert_snapshot!(step_error_of("tool = { takes = '1ms', gives = '{{ inptu.text }}' }"), @"mine.toml:5: chain.c.step.b.tool.gives: the template refers to `inptu`, which is neither `input` nor a step (did you mean `input`?)");
    assert_snapshot!(step_error_of("tool = { takes = '1ms', gives = '{{ a }}' }"), @"mine.toml:5: chain.c.step.b.tool.gives: the template refers to step `a`, which may not have ended by then; add it to `needs`");
    assert_snapshot!(step_error_of("needs = ['a']\ntool = { takes = '1ms', gives = '{{ b }}' }"), @"mine.toml:6: chain.c.step.b.tool.gives: the template refers to its own step, which has no output yet");
}

#[test]
fn template_reference_to_indirect_need_is_valid() {
    plan(
        "[chain.c.step.a]\ntool = { takes = '1ms' }\n\
         [chain.c.step.b]\nneeds = ['a']\ntool = { takes = '1ms' }\n\
         [chain.c.step.d]\nneeds = ['b']\ntool = { takes = '1ms', gives = '{% for x in range(2) %}{{ a }}{{ x }}{% endfor %}' }\n",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A corrupted file is accepted or rejected, and an error names one of its lines.
    #[test]
    fn parse_corrupted_file_never_panics(at in any::<prop::sample::Index>(), with in "[\\[\\]{}'\"=,\\n|%éa1. ]{0,3}", cut in 0_usize..40) {
        let mut letters: Vec<char> = CHAIN_BACKEND.chars().collect();
        let start = at.index(letters.len());
        let end = (start + cut).min(letters.len());
        letters.splice(start..end, with.chars());
        let damaged: String = letters.into_iter().collect();
        let linted = Catalog::lint(&damaged, "damaged.toml", |_| None);
        let parsed = Catalog::parse(&damaged, "damaged.toml");
        prop_assert_eq!(linted.is_ok(), parsed.is_ok());
        for error in linted.err().into_iter().flatten().chain(parsed.err()) {
            prop_assert!(error.line().is_some_and(|line| line <= damaged.lines().count() + 1), "{error}");
        }
    }
}
