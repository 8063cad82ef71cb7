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
fn rows_stand_in_the_scenario_or_in_a_file() {
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
fn a_bad_feed_is_told_with_its_place() {
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
    let told = [
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
    insta::assert_snapshot!(told.join("\n"), @"
    s: feed.f: missing: `rows` (a list) or `file` (a path that ends in .csv or .jsonl)
    s: feed.f: missing: at least one row
    s: feed.f.rows: cannot stand beside `file`: its rows stand in the scenario or in a file
    s: feed.f.rows[1]: a table among texts; all rows are of one kind
    s: feed.f.rows[0]: `1` is no row; a text or a table is needed
    s: feed.f.order: unknown value `randm` (did you mean `random`?)
    s: feed.f-g: `f-g` cannot be a name: templates mention it as feed.NAME: letters, digits and _ are needed, no digit first
    s: feed.f.file: rows.txt: a file that ends in .csv or .jsonl is needed
    s: feed.f.file: none.csv: cannot be read: No such file or directory (os error 2)
    s: feed.f.file: short.csv:3: it has 1 of 2 cells, one for each column
    s: feed.f.file: twice.csv:1: the column `a` is there twice
    s: feed.f: missing: at least one row
    s: feed.f.file: latin.csv:2: not UTF-8
    s: feed.f.file: bad.jsonl:2: not JSON: EOF while parsing a value at column 6
    s: feed.f.file: mixed.jsonl:2: a text among tables; all rows are of one kind
    s: feed.f.file: other.jsonl:2: it has no `a`, which the first row has
    ");
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    // Sparse: it takes no room on the disk.
    fs::File::create(dir.path().join("large.jsonl")).unwrap().set_len((64 << 20) + 1).unwrap();
    let told = parse("f = { file = \"large.jsonl\" }", dir.path()).unwrap_err();
    insta::assert_snapshot!(told, @"s: feed.f.file: large.jsonl: it has 67108865 bytes; at most 67108864 are read");
}
