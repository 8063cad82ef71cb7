//! Templates that would build gigabytes, run for hours or overflow the stack fail instead.

use std::{fmt::Write as _, thread, time::Instant};

use minijinja::{Environment, Error, ErrorKind, context};
use weir_templates::{TrailingNewline, check_expression, install, is_over_budget, rewrite, with_budget};

/// The size of the stack of a runtime's thread.
const STACK: usize = 2 << 20;

fn render(source: &str) -> Result<usize, Error> {
    let source = rewrite(source, TrailingNewline::Keep)?;
    let mut environment = Environment::new();
    environment.set_fuel(Some(200_000));
    install(&mut environment);
    environment.add_template("template", &source)?;
    let values = context! { text => "x".repeat(1 << 20), list => vec![1; 1000] };
    environment.get_template("template")?.render(values).map(|text| text.len())
}

/// Renders on a small stack.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn fails(source: String) -> Error {
    let shown: String = source.chars().take(200).collect();
    let started = Instant::now();
    let rendering = thread::Builder::new().stack_size(STACK).spawn(move || render(&source)).unwrap();
    let result = rendering.join().unwrap();
    // The work is bounded, so only a very slow machine takes as long.
    assert!(started.elapsed().as_secs() < 60, "{shown}");
    match result {
        Ok(bytes) => unreachable!("expected an error, rendered {bytes} bytes: {shown}"),
        Err(error) => error,
    }
}

#[test]
fn growing_template_is_over_budget() {
    for source in [
        "{{ ('x' * 60000) | replace('x', 'x' * 60000) }}",
        "{{ 'x' * 100000000 }}{{ 'x' * 100000000 }}",
        "{{ 'x' * 10000000000 }}",
        "{{ 10000000000 * 'x' }}",
        "{{ [1] * 10000000000 }}",
        "{{ ([] * 9000000000000000000)|join }}",
        "{{ (('x' * 100000)|list)|join('y' * 100000) }}",
        "{{ list|join(text) }}",
        "{{ list|slice(10000000000) }}",
        "{{ list|batch(10000000000, 'x')|list }}",
        "{{ text|indent(1000000000) }}",
        "{{ ('\\n' * 100000)|indent(width=100000, blank=true) }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ '%*d'|format(1000000000, 1) }}",
        "{{ '%.1000000000f'|format(1.5) }}",
        "{{ text|replace('', text) }}",
        "{{ (text * 20)|list|length }}{{ (text * 20)|list|length }}",
        "{{ (text * 20)|split('x')|length }}",
        "{{ ('<' * 100000000)|escape }}",
        "{{ (list * 1000)|sum(0) }}{{ ([text] * 1000)|sum }}",
        "{% set a = text %}{% for i in range(40) %}{% set a = a ~ a %}{{ a }}{% endfor %}",
        "{% set ns = namespace(a=text) %}{% for i in range(40) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
        "{% set ns = namespace(a=text) %}{% for i in range(40) %}{% set ns.a = ns.a + ns.a %}{% endfor %}",
        "{% set ns = namespace(a=[1]) %}{% for i in range(40) %}{% set ns.a = ns.a + ns.a %}{% endfor %}{{ ns.a }}",
        "{% set ns = namespace(a=[1]) %}{% for i in range(40) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}",
        "{% set ns = namespace(a={'k': 1}) %}{% for i in range(40) %}{% set ns.a = {'k': ns.a, 'l': ns.a} %}{% endfor %}",
        "{% set ns = namespace(a='x') %}{% for i in range(40) %}{% set ns.a %}{{ ns.a }}{{ ns.a }}{% endset %}{% endfor %}",
        "{% for i in range(50000) %}{% if text == text %}{% endif %}{% endfor %}",
        "{% for i in range(50000) %}{% if 'y' in text %}{% endif %}{% endfor %}",
        "{% for i in range(50000) %}{% if text is endingwith('y') %}{% endif %}{% endfor %}",
        "{% for i in range(50000) %}{% if text[-1:] %}{% endif %}{% endfor %}",
        "{% for i in range(50000) %}{{ text|length }}{% endfor %}",
        "{% for i in range(50000) %}{% set x %}{{ text }}{% endset %}{% endfor %}",
        "{% for i in range(50000) %}{% set x = list|sort %}{% endfor %}",
        "{% for i in range(50000) %}{% set x = list|map('string') %}{% endfor %}",
        "{% for i in range(50000) %}{% for c in text if i > 0 %}{% endfor %}{% endfor %}",
    ] {
        let error = fails(source.to_owned());
        assert!(is_over_budget(&error) || error.kind() == ErrorKind::OutOfFuel, "{source}: {error:?}");
    }
}

#[test]
fn raw_text_in_a_loop_is_counted() {
    let raw = "r".repeat(60_000);
    let error = fails(format!("{{% set x %}}{{% for i in range(90000) %}}{raw}{{% endfor %}}{{% endset %}}"));
    assert!(is_over_budget(&error));
}

#[test]
fn deep_or_cyclic_values_are_errors() {
    for source in [
        "{% set ns = namespace(a=1) %}{% for i in range(60000) %}{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}",
        "{% set ns = namespace(a=1) %}{% for i in range(60000) %}{% set ns.a = {'k': ns.a} %}{% endfor %}{{ ns.a }}",
        "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}",
        "{% set ns = namespace() %}{% set ns.a = [ns] %}{{ ns }}",
        "{% set ns = namespace() %}{% set ns.a = {'k': [ns]} %}{{ ns }}",
        "{% set ns = namespace() %}{% set ns.a = namespace(b=ns) %}{{ ns }}",
        "{% set ns = namespace() %}{% set other = namespace(b=1) %}{% set other.b = ns %}{% set ns.b = other %}{{ ns }}",
        "{{ range(0, -9223372036854775807, -1) }}",
        "{% for x in list recursive %}{{ loop([x]) }}{% endfor %}",
        "{{ debug() }}",
    ] {
        fails(source.to_owned());
    }
}

#[test]
fn lists_cut_in_a_loop_do_not_overflow_the_stack() {
    let source = "{% set ns = namespace(a=list) %}{% for i in range(900) %}{% set ns.a = ns.a[1:] %}\
                  {% endfor %}{{ ns.a|length }}";
    assert_eq!(render(source).unwrap(), 3);
}

#[test]
fn deeply_nested_source_is_an_error() {
    let repeated = |part: &str| part.repeat(20_000);
    for source in [
        format!("{{{{ 1{} }}}}", repeated(" + 1")),
        format!("{{{{ 1{} }}}}", repeated(" - 1")),
        format!("{{{{ 1{} }}}}", repeated(" ~ 1")),
        format!("{{{{ 1{} }}}}", repeated(" ** 1")),
        format!("{{{{ 1{} }}}}", repeated(" and 1")),
        format!("{{{{ 1{} }}}}", repeated(" < 1")),
        format!("{{{{ 1{} }}}}", repeated(" if 1 else 1")),
        format!("{{{{ {}1 }}}}", repeated("not ")),
        format!("{{{{ {}1 }}}}", repeated("-")),
        format!("{{{{ {}1{} }}}}", repeated("("), repeated(")")),
        format!("{{{{ {}1{} }}}}", repeated("["), repeated("]")),
        format!("{{{{ {}1{} }}}}", repeated("{1:"), repeated("}")),
        format!("{{{{ {}1{} }}}}", repeated("f("), repeated(")")),
        format!("{{{{ x{} }}}}", repeated("|upper")),
        format!("{{{{ x{} }}}}", repeated(".a")),
        format!("{{{{ x{} }}}}", repeated("[1]")),
        format!("{{{{ x{} }}}}", repeated("[1, 2].a")),
        format!("{{{{ x{} }}}}", repeated("()")),
        format!("{{{{ x{} }}}}", repeated(" is defined")),
        repeated("{% if x %}"),
        format!("{{% if x %}}{}{{% endif %}}", repeated("{% elif x %}")),
        format!("{}{}", repeated("{% for x in y %}"), repeated("{% endfor %}")),
        format!("{}{}", repeated("{% set x %}"), repeated("{% endset %}")),
        format!("{}{}", repeated("{% if x %}{% else %}"), repeated("{% endif %}")),
        "x".repeat(2 << 20),
    ] {
        fails(source);
    }
}

#[test]
fn long_flat_template_renders() {
    let mut source = String::from("{{ [");
    (0..5000).for_each(|index| write!(source, "{index}, -1.5, 'a' ~ 'b', ").unwrap());
    source.push_str("]|length }}");
    (0..500).for_each(|index| write!(source, "{{% if text %}}{{{{ {index} + 1 }}}}{{% endif %}} ").unwrap());
    assert!(render(&source).is_ok());
}

#[test]
fn budget_of_a_rendering_can_be_smaller() {
    let source = "{{ text ~ text }}";
    assert_eq!(render(source).unwrap(), 2 << 20);
    let (result, used) = with_budget(1 << 20, || render(source));
    assert!(is_over_budget(&result.unwrap_err()));
    assert!(used > 0);
    assert!(render(source).is_ok());
}

#[test]
fn check_expression_never_evaluates() {
    let bomb = vec!["'x' * 100000000"; 90].join(", ");
    assert!(check_expression(&format!("[{bomb}]")).is_ok());
    assert!(check_expression(&"1 + ".repeat(20_000)).is_err());
    assert!(check_expression("1) %}{{ 2").is_err());
    for source in ["1 }} 2", "1 -}} 2", "1 }}", "}}{{ 2", "f(1) }}\n}}"] {
        assert!(check_expression(source).is_err(), "{source}");
    }
}
