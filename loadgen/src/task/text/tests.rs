use proptest::prelude::*;
use serde_json::{Value, json};
use weir_pace::Seed;

use super::*;

fn parse(source: &str) -> Result<(Text, Templates), TemplateError> {
    let mut templates = Templates::default();
    let text = Text::parse(source, "task `t`: request.path", &mut templates)?;
    Ok((text, templates))
}

fn refusal(source: &str) -> String {
    parse(source).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_text_without_a_template_is_fixed() {
    let (text, _) = parse("/health?a={b}").unwrap();
    assert_eq!(text.fixed().as_deref(), Some("/health?a={b}"));
    let (text, _) = parse("/x/{{ n }}").unwrap();
    assert_eq!(text.fixed(), None);
}

#[test]
fn draws_come_from_the_generator_handed_in() {
    let (text, templates) = parse("{{ n }} {{ pick(['a', 'b', 'c']) }} {{ uuid() }}").unwrap();
    let run = |seed| {
        let mut rng = Seed::new(seed).rng();
        (0..20)
            .map(|number| text.render(&templates, Occasion { number, turn: 1 }, &mut rng).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let first = run(1).swap_remove(0);
    let words: Vec<&str> = first.split(' ').collect();
    let [number, letter, uuid] = words.as_slice() else { panic!("{first}") };
    assert_eq!(*number, "0");
    assert!(["a", "b", "c"].contains(letter), "{letter}");
    assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert!(uuid[14..].starts_with('4') && ["8", "9", "a", "b"].contains(&&uuid[19..20]), "{uuid}");
    let letters: std::collections::BTreeSet<_> =
        run(1).iter().map(|line| line.split(' ').nth(1).map(str::to_owned)).collect();
    assert_eq!(letters.len(), 3, "every item is picked at some time");
}

#[test]
fn a_bad_template_is_refused_before_the_run() {
    insta::assert_snapshot!(refusal("{{ nobody }}"), @"task `t`: request.path: bad template: undefined value");
    insta::assert_snapshot!(refusal("{{ pick([]) }}"), @"task `t`: request.path: bad template: invalid operation: pick needs a list of at least one item");
    insta::assert_snapshot!(refusal("{{ choose([1]) }}"), @"task `t`: request.path: bad template: unknown function: choose is unknown");
    insta::assert_snapshot!(refusal("{% for x in range(100000) %}x{% endfor %}"), @"task `t`: request.path: bad template: engine ran out of fuel");
}

#[test]
fn a_template_in_json_renders_to_a_string() {
    let mut templates = Templates::default();
    let document = json!({ "a": [1, "{{ pick(['say \"x\"\n']) }}", null], "b": { "c": "plain \"q\"" } });
    let text = Text::parse_json(&document, "body", &mut templates).unwrap();
    let rendered = text.render(&templates, Occasion { number: 0, turn: 1 }, &mut Seed::new(1).rng()).unwrap();
    let expected = json!({ "a": [1, "say \"x\"\n", null], "b": { "c": "plain \"q\"" } });
    assert_eq!(serde_json::from_str::<Value>(&rendered).unwrap(), expected);
}

#[test]
fn a_template_in_json_is_named_by_its_place() {
    let mut templates = Templates::default();
    let refusal = Text::parse_json(&json!({ "a": [0, "{{ x }}"] }), "body", &mut templates).unwrap_err();
    insta::assert_snapshot!(refusal, @"body.a[1]: bad template: undefined value");
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
    fn json_without_templates_is_itself(document in any_json()) {
        let text = Text::parse_json(&document, "body", &mut Templates::default()).unwrap();
        let fixed = text.fixed().expect("there is no template in it");
        prop_assert_eq!(serde_json::from_str::<Value>(&fixed).unwrap(), document);
    }
}
