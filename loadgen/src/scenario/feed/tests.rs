use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use minijinja::value::Value;

use super::*;
use crate::scenario::raw::RawFeed;
use crate::task::Feeds;

fn parse(text: &str, folder: &Path) -> Result<Feeds, String> {
    let raw: BTreeMap<String, RawFeed> = toml::from_str(text).unwrap();
    check(raw, folder).map_err(|invalid| {
        let shown = folder.display().to_string();
        invalid.of("s").to_string().replace(&format!("{shown}/"), "")
    })
}

fn rows(text: &str, folder: &Path) -> Vec<String> {
    let feeds = parse(text, folder).unwrap();
    feeds.iter().flat_map(|feed| &feed.rows).map(Value::to_string).collect()
}

#[test]
fn check_rows_of_scenario_or_file_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("users.csv", "name,\"full name\"\nada,\"Lovelace, Ada\"\r\nbob,\n");
    write("prompts.jsonl", "\"one\"\n\n\"two\"\n");
    write("objects.jsonl", "{\"a\": 1, \"b\": [true]}\n{\"b\": null, \"a\": 2}\n");
    let rows = |text: &str| rows(text, dir.path()).join(" ");
    insta::assert_snapshot!(rows("f = { file = \"users.csv\" }"), @r#"{"name": "ada", "full name": "Lovelace, Ada"} {"name": "bob", "full name": ""}"#);
    insta::assert_snapshot!(rows("f = { file = \"prompts.jsonl\" }"), @"one two");
    insta::assert_snapshot!(rows("f = { file = \"objects.jsonl\" }"), @r#"{"a": 1, "b": [True]} {"a": 2, "b": None}"#);
    insta::assert_snapshot!(rows("f = { rows = [\"x\", \"y\"] }"), @"x y");
    insta::assert_snapshot!(rows("f = { rows = [{ name = \"a\", id = 1 }] }"), @r#"{"id": 1, "name": "a"}"#);
}

#[test]
fn check_invalid_feed_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| fs::write(dir.path().join(name), text).unwrap();
    write("short.csv", b"a,b\n1,2\n3\n");
    write("twice.csv", b"a,a\n1,2\n");
    write("empty.csv", b"a,b\n");
    write("latin.csv", b"a\n\xe9\n");
    write("bad.jsonl", b"{\"a\": 1}\n{\"a\": \n");
    write("mixed.jsonl", b"{\"a\": 1}\n\"x\"\n");
    write("other.jsonl", b"{\"a\": 1}\n{\"b\": 1}\n");
    write("rows.txt", b"x");
    let errors = [
        "f = {}",
        "f = { rows = [] }",
        "f = { rows = [\"a\"], file = \"b.csv\" }",
        "f = { rows = [\"a\", { b = 1 }] }",
        "f = { rows = [1] }",
        "f = { rows = [\"a\"], order = \"randm\" }",
        "f-g = { rows = [\"a\"] }",
        "f = { file = \"rows.txt\" }",
        "f = { file = \"none.csv\" }",
        "f = { file = \"short.csv\" }",
        "f = { file = \"twice.csv\" }",
        "f = { file = \"empty.csv\" }",
        "f = { file = \"latin.csv\" }",
        "f = { file = \"bad.jsonl\" }",
        "f = { file = \"mixed.jsonl\" }",
        "f = { file = \"other.jsonl\" }",
    ]
    .map(|text| parse(text, dir.path()).unwrap_err());
    insta::assert_snapshot!(errors.join("\n"), @"
    s: feed.f: missing: `rows` (a list) or `file` (a path that ends in .csv or .jsonl)
    s: feed.f: missing: at least one row
    s: feed.f.rows: conflicts with `file`: a feed has rows either in the scenario or in a file
    s: feed.f.rows[1]: a table among texts; all rows must be of one kind
    s: feed.f.rows[0]: `1` is not a row; expected a text or a table
    s: feed.f.order: unknown value `randm` (did you mean `random`?)
    s: feed.f-g: `f-g` is not a valid name: templates refer to it as feed.NAME; use letters, digits and _, without a digit at the start
    s: feed.f.file: rows.txt: expected a .csv or .jsonl file
    s: feed.f.file: none.csv: cannot be read: No such file or directory (os error 2)
    s: feed.f.file: short.csv:3: the line has 1 of 2 cells
    s: feed.f.file: twice.csv:1: duplicate column `a`
    s: feed.f: missing: at least one row
    s: feed.f.file: latin.csv:2: not UTF-8
    s: feed.f.file: bad.jsonl:2: not JSON: EOF while parsing a value at column 6
    s: feed.f.file: mixed.jsonl:2: a text among tables; all rows must be of one kind
    s: feed.f.file: other.jsonl:2: the column `a` of the first row is missing
    ");
}

#[cfg(unix)]
#[test]
fn check_special_file_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("endless.jsonl")).unwrap();
    let error = parse("f = { file = \"endless.jsonl\" }", dir.path()).unwrap_err();
    assert_eq!(error, "s: feed.f.file: endless.jsonl: expected a regular file");
}

#[test]
fn check_large_file_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    // A sparse file uses no disk space.
    fs::File::create(dir.path().join("large.jsonl")).unwrap().set_len((64 << 20) + 1).unwrap();
    let error = parse("f = { file = \"large.jsonl\" }", dir.path()).unwrap_err();
    insta::assert_snapshot!(error, @"s: feed.f.file: large.jsonl: the file has 67108865 bytes; expected at most 67108864");
}
