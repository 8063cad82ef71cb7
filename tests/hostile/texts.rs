//! Texts in files, bodies and streams.

use minijinja::{Environment, context};
use weir_model::Schema;
use weir_pace::Seed;
use weir_templates::{TrailingNewline, check_expression, install, rewrite, with_budget};
use weir_wire::sse::{DecodeError, Decoder};

use crate::{outcome, runner::fuzz, text};

/// The most instructions and work of a rendering, as for scenarios.
const FUEL: u64 = 200_000;
const WORK_MAX: u64 = 32 << 20;

/// Events larger than this are errors.
const EVENT_BYTES_MAX: usize = 64 << 10;

#[test]
fn fuzz_template() {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    install(&mut environment);
    let values =
        context! { text => "one two ä 漢", list => [3, 1, 2], map => context! { a => [1, 2] }, number => 7 };
    fuzz("template", Vec::new(), &|input, _| {
        let source = text(input);
        let is_expression = check_expression(&source).is_ok();
        let rewritten = rewrite(&source, TrailingNewline::Keep).map_err(|error| error.to_string())?;
        let rendered = with_budget(WORK_MAX, || environment.render_str(&rewritten, &values)).0;
        let rendered = rendered.map_err(|error| error.to_string())?;
        assert!(
            rendered.len() as u64 <= WORK_MAX,
            "{} bytes, an expression: {is_expression}",
            rendered.len()
        );
        Ok(())
    });
}

/// What is written for a schema is JSON, with any seed.
#[test]
fn fuzz_schema() {
    fuzz("schema", Vec::new(), &|input, dice| {
        let source = text(input);
        let schemas = [Schema::compile(&source), Schema::compile_lenient(&source)];
        for schema in schemas.iter().flatten() {
            let written = schema.write(Seed::new(dice.below(1000) as u64));
            let value: Result<serde_json::Value, _> = serde_json::from_str(&written);
            assert!(value.is_ok(), "{written}");
        }
        let [strict, lenient] = schemas;
        assert!(strict.is_err() || lenient.is_ok(), "a strict schema is not a lenient one");
        outcome(strict)
    });
}

/// The events of a stream do not depend on how it is cut into chunks.
#[test]
fn fuzz_sse() {
    fuzz("sse", Vec::new(), &|input, dice| {
        let whole = events(&[input]);
        let mut chunks = Vec::new();
        let mut rest = input;
        while !rest.is_empty() {
            let most = dice.pick(&[1, 2, 7, 500, 100_000]);
            let (chunk, left) = rest.split_at((dice.below(most) + 1).min(rest.len()));
            chunks.push(chunk);
            rest = left;
        }
        assert_eq!(events(&chunks), whole);
        outcome(whole.into_iter().collect::<Result<Vec<_>, _>>())
    });
}

/// The type, data and id of each event of a stream.
type Fields = (Option<String>, Vec<u8>, Option<String>);

fn events(chunks: &[&[u8]]) -> Vec<Result<Fields, DecodeError>> {
    let mut decoder = Decoder::with_limit(EVENT_BYTES_MAX);
    let mut found = Vec::new();
    for chunk in chunks {
        decoder.feed(chunk);
        while let Some(event) = decoder.next_event() {
            found.push(event.map(|event| {
                (event.event.map(str::to_owned), event.data.to_vec(), event.id.map(str::to_owned))
            }));
        }
    }
    decoder.finish();
    found
}
