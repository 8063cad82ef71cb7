//! What authors of files read about their mistakes.

use std::{collections::BTreeMap, num::NonZeroU32, path::PathBuf};

use insta::assert_snapshot;
use serde::Deserialize;
use toml::Spanned;

use super::{Document, TomlValueNode, read_settings};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the errors of reading it matter")]
struct File {
    bind: String,
    port: u16,
    workers: Option<NonZeroU32>,
    share: Option<f64>,
    parallel: Option<bool>,
    seed: Option<i64>,
    path: Option<PathBuf>,
    mode: Option<Mode>,
    #[serde(default)]
    model: BTreeMap<Spanned<String>, Model>,
    #[serde(default)]
    key: Vec<Key>,
    latency: Option<crate::Latency>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only the errors of reading it matter")]
enum Mode {
    Natural,
    Fixed(String),
    Mixed { share: f64 },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the errors of reading it matter")]
struct Model {
    tokens: Spanned<Vec<Spanned<u32>>>,
    #[serde(default, with = "crate::duration_text")]
    timeout: std::time::Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the errors of reading it matter")]
struct Key {
    secret: String,
}

fn read(text: &str) -> Result<File, super::Diagnostic> {
    Document::parse("weir.toml", text)?.read()
}

fn error(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

fn with(text: &str) -> String {
    error(&format!("bind = 'x'\nport = 1\n{text}"))
}

#[test]
fn read_valid_file_succeeds() {
    let text =
        "bind = 'x'\nport = 1\nmode = { mixed = { share = 1 } }\n[model.a]\ntokens = [1]\ntimeout = '1s'";
    let file = read(text).unwrap();
    assert!(matches!(file.mode, Some(Mode::Mixed { .. })));
    assert_eq!(file.model.keys().next().map(Spanned::span), Some(60..61));
    assert!(matches!(read("bind = 'x'\nport = 1\nmode = 'natural'").unwrap().mode, Some(Mode::Natural)));
    assert!(matches!(read("bind = 'x'\nport = 1\nmode.fixed = 'x'").unwrap().mode, Some(Mode::Fixed(_))));
}

#[test]
fn read_invalid_file_names_line_key_and_problem() {
    assert_snapshot!(error("port = 1\nbnd = 'x'"), @"weir.toml:2: bnd: unknown key (did you mean `bind`?)");
    assert_snapshot!(error("\n\nport = 'x'"), @r#"weir.toml:3: port: expected a whole number, found the text "x""#);
    assert_snapshot!(error("port = 1"), @"weir.toml: bind: this key is required");
    assert_snapshot!(error("bind = 1"), @"weir.toml:1: bind: expected text, found 1");
    assert_snapshot!(with("zzz = 1"), @"weir.toml:3: zzz: unknown key; expected one of `bind`, `port`, `workers`, `share`, `parallel`, `seed`, `path`, `mode`, `model`, `key`, `latency`");
    assert_snapshot!(with("workers = 0"), @"weir.toml:3: workers: expected a whole number from 1 to 4294967295, found 0");
    assert_snapshot!(with("workers = -1"), @"weir.toml:3: workers: expected a whole number from 0 to 4294967295, found -1");
    assert_snapshot!(with("workers = 1.5"), @"weir.toml:3: workers: expected a whole number, found 1.5");
    assert_snapshot!(with("share = '1'"), @r#"weir.toml:3: share: expected a number, found the text "1""#);
    assert_snapshot!(with("parallel = []"), @"weir.toml:3: parallel: expected true or false, found a list");
    assert_snapshot!(with("seed = {}"), @"weir.toml:3: seed: expected a whole number, found a table");
    assert_snapshot!(with("path = 2025-01-01"), @"weir.toml:3: path: expected text, found the date 2025-01-01");
    assert_snapshot!(with("mode = 'naturl'"), @"weir.toml:3: mode: unknown value `naturl` (did you mean `natural`?)");
    assert_snapshot!(with("mode = 3"), @"weir.toml:3: mode: expected one of `natural`, `fixed`, `mixed`, found 3");
    assert_snapshot!(with("mode = { fixd = 'x' }"), @"weir.toml:3: mode: unknown value `fixd` (did you mean `fixed`?)");
    assert_snapshot!(with("mode = { fixed = 3 }"), @"weir.toml:3: mode.fixed: expected text, found 3");
    assert_snapshot!(with("mode = { mixed = { share = 'x' } }"), @r#"weir.toml:3: mode.mixed.share: expected a number, found the text "x""#);
    assert_snapshot!(with("mode = { fixed = 'x', natural = 'y' }"), @"weir.toml:3: mode: expected a table with one key, one of `natural`, `fixed`, `mixed`, found another value");
    assert_snapshot!(with("mode = { natural = 'y' }"), @"weir.toml:3: mode: `natural` must be text, not a table");
    assert_snapshot!(with("model = 3"), @"weir.toml:3: model: expected a table, found 3");
    assert_snapshot!(with("[model.a]"), @"weir.toml:3: model.a.tokens: this key is required");
    assert_snapshot!(with("[model.a]\ntokens = [1,\n'x']"), @r#"weir.toml:5: model.a.tokens[1]: expected a whole number, found the text "x""#);
    assert_snapshot!(with("[model.'a\\u0007']\ntokens = {}"), @r#"weir.toml:4: model."a\\u0007".tokens: expected a list, found a table"#);
    assert_snapshot!(with("[model.a]\ntokens = []\ntimeout = 3"), @r#"weir.toml:5: model.a.timeout: 3 has no unit; write "3s" or "3ms" if that is what is meant"#);
    assert_snapshot!(with("[[key]]\nsecret = 'x'\n[[key]]\nsecert = 'y'"), @"weir.toml:6: key[1].secert: unknown key (did you mean `secret`?)");
    assert_snapshot!(with("latency = { between = ['1ms', 3] }"), @r#"weir.toml:3: latency.between[1]: 3 has no unit; write "3s" or "3ms" if that is what is meant"#);
}

#[test]
fn read_invalid_file_quotes_keys_as_toml_does() {
    assert_snapshot!(with("[model.'gpt-4.1 mini']\ntokens = {}"), @r#"weir.toml:4: model."gpt-4.1 mini".tokens: expected a list, found a table"#);
    assert_snapshot!(with("[model.\"tab\\tquote\\\"\"]\ntokens = {}"), @r#"weir.toml:4: model."tab\u0009quote\"".tokens: expected a list, found a table"#);
    assert_snapshot!(with("[model.'größe']\ntokens = {}"), @r#"weir.toml:4: model."größe".tokens: expected a list, found a table"#);
    assert_snapshot!(with("'is.unknown' = 1"), @r#"weir.toml:3: "is.unknown": unknown key; expected one of `bind`, `port`, `workers`, `share`, `parallel`, `seed`, `path`, `mode`, `model`, `key`, `latency`"#);
}

#[test]
fn parse_text_that_is_not_toml_names_line() {
    assert_snapshot!(error("bind = 'x'\nport = \n"), @"weir.toml:2: invalid TOML: string values must be quoted, expected literal string");
    assert_snapshot!(error("bind = 'x'\nbind = 'y'\n"), @"weir.toml:2: invalid TOML: duplicate key `bind`");
    assert_snapshot!(error("bind = 'x'\n[model]\n[model]\n"), @"weir.toml:3: invalid TOML: duplicate key `model`");
    assert_snapshot!(error("[model\n"), @"weir.toml:1: invalid TOML: unclosed table, expected `]`");
}

#[test]
fn headline_leaves_out_the_suggestion() {
    let error = read("bnd = 'x'").unwrap_err();
    assert_eq!(error.to_string(), "weir.toml:1: bnd: unknown key (did you mean `bind`?)");
    assert_eq!(error.headline(), "weir.toml:1: bnd: unknown key");
    assert_eq!(error.suggestion().unwrap().help().unwrap(), "did you mean `bind`?");
    assert_eq!(error.with_message("is wrong").to_string(), "weir.toml:1: bnd: is wrong");
}

#[test]
fn excerpt_marks_the_wrong_part() {
    let text = "bind = 'x'\nport = 'caf\u{e9}\t\u{85}' # y\n";
    let diagnostic = read(text).unwrap_err();
    let excerpt = diagnostic.excerpt().unwrap();
    assert_eq!((diagnostic.line(), diagnostic.column()), (Some(2), Some(8)));
    assert_eq!(&excerpt.text[excerpt.span.clone()], "'caf\u{e9} \u{b7}'");
}

/// The place, the line and the wrong part of it.
fn excerpt(text: &str) -> String {
    let error = read(text).unwrap_err();
    let place = format!("{}:{}", error.line().unwrap_or_default(), error.column().unwrap_or_default());
    match error.excerpt() {
        Some(excerpt) => format!("{place} {:?} {:?}", excerpt.text, &excerpt.text[excerpt.span.clone()]),
        None => format!("{place} none"),
    }
}

#[test]
fn excerpt_of_unusual_text_marks_the_wrong_part() {
    assert_snapshot!(excerpt("bind = 'x'\r\nport = 'y'\r\n"), @r#"2:8 "port = 'y'" "'y'""#);
    assert_snapshot!(excerpt("bind = 'x'\r\nprt = 1\r\nport = 1"), @r#"2:1 "prt = 1" "prt""#);
    assert_snapshot!(excerpt("bind = 'x'\n\tport\t=\t'y'"), @r#"2:9 " port = 'y'" "'y'""#);
    assert_snapshot!(excerpt("bind = 'x'\nport = { 'é日' = 1 }"), @r#"2:1 "port = { 'é日' = 1 }" "port""#);
    assert_snapshot!(excerpt("bind = 'x'\n'é日' = { prt = 1 }\nport = 1"), @r#"2:1 "'é日' = { prt = 1 }" "'é日'""#);
    assert_snapshot!(excerpt("bind = 'x'\nport ="), @r#"2:7 "port =" """#);
    assert_snapshot!(excerpt("bind = 'x'\nport = 1\nmodel = {"), @r#"3:10 "model = {" """#);
    assert_snapshot!(excerpt("bind = 'x'\nport = \"y"), @r#"2:10 "port = \"y" """#);
    assert_snapshot!(excerpt("bind = 'x'\nport = 1\nmodel = [\n  1,\n]"), @r#"3:9 "model = [" "[""#);
    assert_snapshot!(excerpt(""), @"0:0 none");
    assert_snapshot!(excerpt("\n\n"), @"0:0 none");
}

#[test]
fn excerpt_of_very_long_line_is_the_part_around_the_mistake() {
    for before in ["", "x", &"é".repeat(1_000), &"日".repeat(100_000)] {
        for after in ["", "y", &"é".repeat(1_000)] {
            let text = format!("bind = 'x'\nport = {{ a = '{before}', prt = '{after}' }}");
            let error = Document::parse("weir.toml", &text).unwrap().diagnostic("port.prt", "wrong");
            let excerpt = error.excerpt().unwrap();
            assert!(excerpt.text.len() <= 400, "{excerpt:?}");
            assert!(
                excerpt.text[excerpt.span.clone()].starts_with(&format!("'{}", &after[..after.len().min(2)]))
            );
            assert_eq!(error.column(), Some(24 + before.chars().count()));
        }
    }
}

#[test]
fn excerpt_within_value_marks_part_of_it() {
    let part = |text: &str| super::Excerpt { text: text.to_owned(), span: 1..2 };
    let marked = |diagnostic: super::Diagnostic| {
        let excerpt = diagnostic.excerpt().unwrap();
        (excerpt.text.clone(), excerpt.text[excerpt.span.clone()].to_owned())
    };
    let document = Document::parse("weir.toml", "a = 'é123'\nb = \"\\u0041BC\"").unwrap();
    let of = |key| document.diagnostic(key, "wrong");
    assert_eq!(marked(of("a").within_value(part("123"))), ("a = 'é123'".to_owned(), "2".to_owned()));
    let document_of_table =
        Document::parse("weir.toml", "a = { limit = '123', b = 1 }\nb = { x = '12', y = '12' }").unwrap();
    let of_table = |key| document_of_table.diagnostic(key, "wrong");
    assert_eq!(marked(of_table("a").within_value(part("123"))).1, "2");
    assert_eq!(marked(of_table("b").within_value(part("12"))).1, "b");
    // What is written with escapes is marked as a whole.
    assert_eq!(marked(of("b").within_value(part("1 23"))).1, "\"\\u0041BC\"");
    let flag = super::Diagnostic::new("command line", "--flag", "wrong");
    assert_eq!(marked(flag.within_value(part("123"))), ("123".to_owned(), "2".to_owned()));
}

#[test]
fn excerpt_of_line_that_may_hold_secret_is_absent() {
    let hidden = [
        "[[key]]\nsecret = 3",
        "[[key]]\nsecret = 'hush'\nsecert = 'hush'",
        "[[key]]\nsecert = 'hush'",
        "[[key]]\nsecret = hush",
        "api_kye = 'hush'",
        "zzz = 'sk-hush'",
        "zzz = 'https://me:hush@host'",
        "zzz = { authorization = 'hush' }",
        "key = [{ secret = 'hush', nme = 1 }]",
        "zzz = '''\n[x]\nhush",
        "headers = { x-a = hush }",
    ];
    for text in hidden {
        let diagnostic = read(&format!("bind = 'x'\nport = 1\n{text}")).unwrap_err();
        assert_eq!(diagnostic.excerpt(), None, "{text}");
        assert!(!diagnostic.to_string().contains("hush"), "{diagnostic}");
    }
    let shown = read("bind = 'x'\nport = 1\nsahre = 3").unwrap_err();
    assert!(shown.excerpt().is_some());
}

#[test]
fn read_settings_of_table_has_the_path_of_the_error() {
    let table: toml::Table = toml::from_str("a = [{ b = 3 }]").unwrap();
    let error =
        read_settings::<BTreeMap<String, Vec<BTreeMap<String, String>>>, _>(TomlValueNode::Table(&table));
    assert_snapshot!(error.unwrap_err(), @"a[0].b: expected text, found 3");
}

#[test]
fn read_settings_of_deeply_nested_table_is_an_error() {
    let nested = (0..1_000).fold(toml::Value::Integer(1), |inner, _| toml::Value::Array(vec![inner]));
    let error = read_settings::<toml::Value, _>(TomlValueNode::Value(&nested)).unwrap_err();
    assert_snapshot!(error.problem, @"is nested too deeply: at most 128 levels are read");
}
