use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_pace::{Rng, Seed};

use super::*;
use crate::task::{Cursors, Feed, Feeds, Order, TableRow};

const KEY: &str = "task `t`: request.path";

/// Returns a feed of three texts and one of two users.
fn feeds() -> Arc<Feeds> {
    let texts = ["a", "b", "c"].map(minijinja::value::Value::from).into();
    let columns: Arc<[String]> = ["name".to_owned(), "id".to_owned()].into();
    let user = |name: &str, id: u64| TableRow::value(&columns, [name.into(), id.into()]);
    let users = vec![user("ada", 1), user("bob", 2)];
    Arc::new(Feeds::new(vec![
        Feed { name: "text".to_owned(), columns: None, rows: texts, order: Order::Sequential },
        Feed { name: "user".to_owned(), columns: Some(columns), rows: users, order: Order::Unique },
    ]))
}

fn env(name: &str) -> Option<String> {
    (name == "KEY").then(|| "sk-secret".to_owned())
}

fn parse(source: &str) -> Result<(Text, Templates), TemplateError> {
    let mut templates = Templates::new(feeds());
    templates.set_captures(["token".to_owned(), "items".to_owned()].into());
    let text = Text::parse(source, KEY, &mut templates)?;
    templates.validate(env)?;
    Ok((text, templates))
}

fn error_of(source: &str) -> String {
    parse(source).map(|_| ()).unwrap_err().to_string()
}

/// Renders the requests of one worker, numbered from 0, alternately for users 0 and 1.
fn render(source: &str, count: u64, variables: &Variables, rng: &mut Rng) -> Vec<String> {
    let (text, templates) = parse(source).unwrap();
    let cursors = Arc::new(Cursors::new(templates.feeds(), 0, 1));
    let one = |number: u64| {
        let context =
            TemplateContext { number, user: number % 2, turn: 1, variables, cursors: &cursors, rng };
        let rendering = Rendering::new(&templates, &context);
        let text = text.render(&rendering).unwrap();
        *rng = rendering.rng();
        text
    };
    (0..count).map(one).collect()
}

fn render_once(text: &Text, templates: &Templates, variables: &Variables) -> String {
    let cursors = Arc::new(Cursors::new(templates.feeds(), 0, 1));
    let rng = &mut Seed::new(1).rng();
    let context = TemplateContext { number: 0, user: 0, turn: 1, variables, cursors: &cursors, rng };
    text.render(&Rendering::new(templates, &context)).unwrap()
}

#[test]
fn fixed_text_without_template_returns_it() {
    let (text, _) = parse("/health?a={b}").unwrap();
    assert_eq!(text.fixed().as_deref(), Some("/health?a={b}"));
    let (text, _) = parse("/x/{{ n }}").unwrap();
    assert_eq!(text.fixed(), None);
}

#[test]
fn render_random_functions_depend_on_seed() {
    let run = |seed| {
        let source = "{{ n }} {{ pick(['a', 'b', 'c']) }} {{ uuid() }} {{ random(-1, 1) }}";
        render(source, 40, &Variables::default(), &mut Seed::new(seed).rng())
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let first = run(1).swap_remove(0);
    let words: Vec<&str> = first.split(' ').collect();
    let [number, letter, uuid, _] = words.as_slice() else { panic!("{first}") };
    assert_eq!(*number, "0");
    assert!(["a", "b", "c"].contains(letter), "{letter}");
    assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert!(uuid[14..].starts_with('4') && ["8", "9", "a", "b"].contains(&&uuid[19..20]), "{uuid}");
    let drawn = |word: usize| -> std::collections::BTreeSet<_> {
        run(1).iter().map(|line| line.split(' ').nth(word).map(str::to_owned)).collect()
    };
    assert_eq!(drawn(1).len(), 3, "every item is picked");
    assert_eq!(drawn(3), ["-1", "0", "1"].map(|n| Some(n.to_owned())).into(), "both ends are included");
}

#[test]
fn render_feed_twice_in_a_request_gives_same_row() {
    let source = "{{ feed.text }}{{ feed.text }} {{ feed.user.name }}{{ feed.user.id }} {{ env.KEY }}";
    let lines = render(source, 4, &Variables::default(), &mut Seed::new(1).rng());
    assert_eq!(lines, ["aa ada1 sk-secret", "bb bob2 sk-secret", "cc ada1 sk-secret", "aa bob2 sk-secret"]);
}

#[test]
fn render_without_feed_takes_no_row() {
    let source = "{% if n % 2 == 1 %}{{ feed.text }}{% else %}-{% endif %}";
    let lines = render(source, 6, &Variables::default(), &mut Seed::new(1).rng());
    assert_eq!(lines.concat(), "-a-b-c");
}

#[test]
fn validate_environment_variables_are_returned_as_secrets() {
    let mut templates = Templates::default();
    Text::parse("{{ env.KEY }} {{ env.KEY }}", KEY, &mut templates).unwrap();
    assert_eq!(templates.validate(env).unwrap(), ["sk-secret"]);
}

#[test]
fn validate_invalid_template_is_an_error() {
    let errors = [
        "{{ nobody }}",
        "{{ tokn }}",
        "\n{{ usr }}",
        "{{ choose([1]) }}",
        "{{ randm(1, 2) }}",
        "{{ feed.txt }}",
        "{{ feed.words }}",
        "{{ feed.user.nam }}",
        "{{ feed.text.name }}",
        "{{ feed }}",
        "{{ env }}",
        "{{ env.HOME_ }}",
        "{{ pick([]) }}",
        "{{ random(2, 1) }}",
        "{{ token | tojsn }}",
        "{% for x in range(100000) %}x{% endfor %}",
        "{{ ('x' * 60000) | replace('x', 'x' * 60000) }}",
        "{% if n %}{% for x in [1] recursive %}{% endfor %}{% endif %}",
        "a\n{% if %}",
        "{% if false %}{{ nobody }}{% endif %}",
    ]
    .map(|source| error_of(source).replace("task `t`: request.path: ", ""));
    insta::assert_snapshot!(errors.join("\n"), @"
    invalid template: unknown name `nobody`; expected one of `n`, `turn`, `user`, `items`, `token`, `feed.text`, `feed.user`, `env.NAME`, `pick`, `random`, `uuid`
    invalid template: unknown name `tokn` (did you mean `token`?)
    invalid template: unknown name `usr` (line 2 of the template) (did you mean `user`?)
    invalid template: unknown name `choose`; expected one of `n`, `turn`, `user`, `items`, `token`, `feed.text`, `feed.user`, `env.NAME`, `pick`, `random`, `uuid`
    invalid template: unknown name `randm` (did you mean `random`?)
    invalid template: unknown name `feed.txt` (did you mean `feed.text`?)
    invalid template: unknown name `feed.words`; expected one of `feed.text`, `feed.user`
    invalid template: unknown name `feed.user.nam` (did you mean `feed.user.name`?)
    invalid template: unknown name `feed.text.name`; the rows of `text` are texts; write feed.text
    invalid template: unknown name `feed`; write feed.NAME
    invalid template: unknown name `env`; write env.NAME
    the environment variable `HOME_` is not set
    invalid template: invalid operation: pick expects a list of at least one item
    invalid template: invalid operation: random expects the lower bound first: 2 is more than 1
    invalid template: unknown filter: filter tojsn is unknown
    invalid template: engine ran out of fuel
    invalid template: invalid operation: the template builds too much text or data
    invalid template: syntax error: recursive loops are not supported
    invalid template: syntax error: unexpected end of block (line 2 of the template)
    invalid template: unknown name `nobody`; expected one of `n`, `turn`, `user`, `items`, `token`, `feed.text`, `feed.user`, `env.NAME`, `pick`, `random`, `uuid`
    ");
}

#[test]
fn validate_captured_values_are_accepted_before_the_run() {
    for source in ["{{ items[0].id + 1 }}", "{% for x in items %}{{ x.y }}{% endfor %}", "{{ token }}"] {
        parse(source).unwrap();
    }
    let mut variables = Variables::default();
    variables.keep([("token".into(), "t1".into())]);
    let lines = render("{{ token }} {{ items | default('none') }}", 1, &variables, &mut Seed::new(1).rng());
    assert_eq!(lines, ["t1 none"]);
}

#[test]
fn parse_json_template_renders_to_string() {
    let mut templates = Templates::default();
    let document = json!({ "a": [1, "{{ pick(['say \"x\"\n']) }}", null], "b": { "c": "plain \"q\"" } });
    let text = Text::parse_json(&document, "body", &mut templates).unwrap();
    let rendered = render_once(&text, &templates, &Variables::default());
    let expected = json!({ "a": [1, "say \"x\"\n", null], "b": { "c": "plain \"q\"" } });
    assert_eq!(serde_json::from_str::<Value>(&rendered).unwrap(), expected);
}

#[test]
fn parse_json_tojson_expression_renders_to_value() {
    let mut templates = Templates::default();
    templates.set_captures(["items".to_owned()].into());
    let document = json!({
        "n": "{{ n | tojson }}",
        "items": " {{ items|tojson }} ",
        "either": "{{ 'x' if n else none | tojson }}",
        "text": "{{ items | tojson }} and {{ n | tojson }}",
    });
    let text = Text::parse_json(&document, "body", &mut templates).unwrap();
    let mut variables = Variables::default();
    let items = json!([{ "a": "<b>" }, 2.5]);
    variables.keep([("items".into(), minijinja::value::Value::from_serialize(&items))]);
    let rendered = render_once(&text, &templates, &variables);
    let rendered: Value = serde_json::from_str(&rendered).unwrap();
    assert_eq!((&rendered["n"], &rendered["items"], &rendered["either"]), (&json!(0), &items, &json!(null)));
    assert!(rendered["text"].is_string());
}

#[test]
fn parse_json_invalid_template_error_has_its_key() {
    let mut templates = Templates::default();
    let error = Text::parse_json(&json!({ "a": [0, "{{ x }}"] }), "body", &mut templates).unwrap_err();
    assert!(error.to_string().starts_with("body.a[1]: invalid template: unknown name `x`"), "{error}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[^{]*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[^{]*", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn parse_json_without_templates_is_unchanged(document in any_json()) {
        let text = Text::parse_json(&document, "body", &mut Templates::default()).unwrap();
        let fixed = text.fixed().expect("the document has no template");
        prop_assert_eq!(serde_json::from_str::<Value>(&fixed).unwrap(), document);
    }
}
