//! A rewritten template renders what it renders without bounds.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use weir_templates::{TrailingNewline, install, rewrite};

fn environment(undefined: UndefinedBehavior) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(undefined);
    environment
}

fn render(environment: &Environment<'_>, source: &str) -> Result<String, String> {
    let values = context! {
        text => "one two\nthree <&> \"four\" ä 漢",
        list => [3, 1, 2],
        words => ["b", "a", "c", "a"],
        map => context! { b => 1, a => [1, 2], nested => context! { deep => "x" } },
        people => [context! { name => "Ann", age => 30 }, context! { name => "Bob", age => 20 }],
        number => 7,
        float => 2.5,
        yes => true,
        nothing => (),
    };
    environment.render_str(source, values).map_err(|error| format!("{:?} {:?}", error.kind(), error.line()))
}

const SOURCES: [&str; 76] = [
    "plain {{ text }} end\n",
    "{{ text }}{# comment #}{{- number -}} trimmed {%- if yes %} yes {% endif -%}  x",
    "line 1\nline 2 {{ number }}\n{{ text\n  |upper }}\n",
    "quotes \" ' \\ back {{ '\\n\\t\\\\ \\u00e4 \"' }} {{ \"it's\" }}",
    "{% raw %}{{ not a tag }} {% nor this %}{% endraw %}{{ number }}",
    "{{ number + 1 }} {{ 1 + 2 + 3 }} {{ 1.5 + 1 }} {{ 'a' + 'b' + text }} {{ list + list + [4] }}",
    "{{ number - 1 - 2 }} {{ number - (1 - 2) }} {{ 2 ** 3 ** 2 }} {{ 7 // 2 }} {{ 7 % 4 }} {{ 7 / 2 }}",
    "{{ number * 2 * 3 }} {{ 2 * 1.5 }} {{ 'ab' * 3 }} {{ 3 * 'ab' }} {{ [1, 2] * 2 }} {{ 2 * (3 + 4) * 'x' }}",
    "{{ -number }} {{ - 3 + 4 }} {{ -(3) * -2 }} {{ (-3)|abs }} {{ -3|abs }}",
    "{{ 'a' ~ 1 ~ 2.5 ~ true ~ none ~ list ~ map.a ~ missing }}",
    "{{ 1 + 'a' }}",
    "{{ 'a' * 'b' }}",
    "{{ 'a' * 1.5 }}",
    "{{ none * 2 }}",
    "{{ 9223372036854775807 + 1 }} {{ 9223372036854775807 * 9223372036854775807 }}",
    "{{ 170141183460469231731687303715884105727 + 1 }}",
    "{{ number > 3 and number < 10 or not yes }} {{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }}",
    "{{ 'a' in words }} {{ 'z' not in words }} {{ 'wo' in text }} {{ 'a' in map }} {{ not ('a' in words) }}",
    "{{ list == [3, 1, 2] }} {{ list != words }} {{ map == map }} {{ 'a' <= 'b' }} {{ 2 >= 3 }}",
    "{{ 'x' if yes else 'y' }} {{ 'x' if nothing }} {{ 1 if nothing else 2 if nothing else 3 }}",
    "{{ ('a' if yes else 'b') == 'a' }} {{ (1 if nothing else 2) + 3 }}",
    "{{ map.b }} {{ map['b'] }} {{ map.nested.deep }} {{ list[0] }} {{ list[-1] }} {{ people[1].name }} {{ list.0 }}",
    "{{ text[1:4] }} {{ text[:3] }} {{ text[-3:] }} {{ text[::2] }} {{ text[::-1] }} {{ list[1:] }} {{ list[:2]|length }}",
    "{{ words|join(', ') }} {{ words|join }} {{ words|unique|join }} {{ words|sort|join }} {{ words|sort(reverse=true)|join }}",
    "{{ list|sum }} {{ list|min }} {{ list|max }} {{ list|first }} {{ list|last }} {{ list|length }} {{ list|count }}",
    "{{ list|reverse|list }} {{ text|reverse }} {{ words|batch(3)|list }} {{ words|batch(3, 'f')|list }} {{ words|slice(3)|list }}",
    "{{ text|replace('o', '0') }} {{ text|upper }} {{ text|lower|title }} {{ text|capitalize }} {{ '  x '|trim }}",
    "{{ text|indent }} {{ text|indent(2) }} {{ text|indent(width=3, first=true) }} {{ text|lines|list }}",
    "{{ text|split|list }} {{ text|split('t')|list }} {{ text|split('o', 1)|list }}",
    "{{ people|map(attribute='name')|join('-') }} {{ words|map('upper')|list }} {{ list|map('string')|join }}",
    "{{ list|select('odd')|list }} {{ list|reject('gt', 2)|list }} {{ people|selectattr('age', 'gt', 25)|list|length }}",
    "{{ people|rejectattr('age', 'eq', 20)|map(attribute='name')|list }}",
    "{% for age, group in people|groupby('age') %}{{ age }}={{ group|length }} {% endfor %}",
    "{{ map|dictsort }} {{ map|items|list }} {{ map|list }} {{ dict(a=1, b=2) }} {{ dict(map, c=3)|length }}",
    "{{ map|tojson }} {{ map|tojson(indent=2) }} {{ map|tojson(true) }} {{ text|tojson }} {{ text|escape }} {{ text|urlencode }}",
    "{{ map|pprint }} {{ missing|default('d') }} {{ nothing|default('d', true) }} {{ missing|d }} {{ '3'|int + 1 }} {{ '2.5'|float }}",
    "{{ float|round }} {{ 2.567|round(2) }} {{ yes|string }} {{ 'true'|bool }} {{ map|attr('b') }} {{ [1,2]|zip([3,4])|list }}",
    "{{ [1]|chain([2, 3])|list }} {{ '%s is %05d or %.2f'|format('x', 7, 2.345) }} {{ '%5s|'|format('a') }}",
    "{{ range(5)|list }} {{ range(2, 10, 3)|list }} {{ range(5, 0, -2)|list }} {{ range(3) }}",
    "{% for i in range(3) %}{{ loop.index }}/{{ loop.length }}:{{ i }}{% if not loop.last %},{% endif %}{% endfor %}",
    "{% for x in [] %}never{% else %}empty{% endfor %} {% for x in list if x > 1 %}{{ x }}{% endfor %}",
    "{% for c in 'äbc' %}[{{ c }}]{% endfor %}{% for k, v in map|items %}{{ k }}{% endfor %}{% for k in map %}{{ k }}{% endfor %}",
    "{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% for x in 1, 2 %}{{ x }}{% endfor %}",
    "{% for x in missing %}{{ x }}{% endfor %}",
    "{% if nothing %}a{% elif number == 7 %}b{% elif yes %}c{% else %}d{% endif %}{% if nothing %}{% else %}{% if yes %}e{% endif %}{% endif %}",
    "{% set a = 1 %}{% set b, c = 2, 3 %}{{ a + b + c }}{% set t = (1, 2) %}{{ t }}",
    "{% set block %}<{{ number }}>{% endset %}{{ block }}{% set up | upper | replace('B', 'c') %}abc{% endset %}{{ up }}",
    "{% set ns = namespace(count=0) %}{% for x in list %}{% set ns.count = ns.count + x %}{% endfor %}{{ ns.count }}",
    "{% with a = 1, b = number %}{{ a + b }}{% endwith %}",
    "{% filter upper %}abc {{ text }}{% endfilter %}{% filter replace('a', 'b')|upper %}abc{% endfilter %}",
    "{% autoescape true %}<b>{{ '<i>' }}{{ '<u>'|safe }}</b>{% endautoescape %}{{ '<p>' }}",
    "{% autoescape true %}{% set x %}<b>{{ '<i>' }}{% endset %}{{ x }}{% endautoescape %}",
    "{{ number is odd }} {{ number is not even }} {{ text is string }} {{ missing is defined }} {{ list is sequence }}",
    "{{ number is divisibleby(7) }} {{ number is divisibleby 3 }} {{ 'a' is in(words) }} {{ text is startingwith('one') }}",
    "{{ nothing is none }} {{ map is mapping }} {{ 1 is eq(1) }} {{ 2 is gt 1 }} {{ 'a' is lower }} {{ 1 is sameas(1) }}",
    "{{ {'a': 1, 'b': list}['b'] }} {{ {}|length }} {{ [] }} {{ [[1], [2, [3]]] }} {{ (1,) }} {{ {number: 1} }}",
    "{{ [1, 2][0] }} {{ 'abc'[1:] }} {{ (list + [9])[3] }} {{ {'k': {'l': 5}}.k.l }} {{ ('a' ~ 'b')|upper }}",
    "{{ 1.0 }} {{ 1e3 }} {{ 0x1f }} {{ 1_000 }} {{ 'x' }} {{ true }} {{ none }} {{ False }}",
    "{{ range(*[1, 4])|list }} {{ dict(**{'x': 1}) }} {{ words|join(**{}) }}",
    "{{ loop }}",
    "{{ missing.deep.er }}",
    "{{ missing }}|{{ missing == 1 }}|{{ missing ~ 'x' }}|{{ missing|upper }}",
    "a\nb\n{{ number + 'x' }}",
    "a\n{{ [1,\n 2,\n number + 'x'] }}",
    "{% for x in list %}\n{{ x }}\n{{ x + 'a' }}{% endfor %}",
    "{{ text|nofilter }}",
    "\n{{ text is notest }}",
    "{{ nofunction(1) }}",
    "{% do namespace(a=1) %}x",
    "{% set x = 'a' if yes else 'b' %}{{ x }}{% set y = not yes %}{{ y }}",
    "{{ not not yes }} {{ not yes == nothing }} {{ (not yes) == nothing }}",
    "{% if yes and number > 3 and list and not nothing %}ok{% endif %}",
    "trailing newline\n",
    "{%- for x in list -%}  {{ x }}  {%- endfor +%}  y",
    "{{- ' x ' -}}   z   {{~ 1 }}",
    "{{ list[1:]|map('string')|join('+') ~ '!' }}{{ words[0] ~ words[-1] }}",
];

#[test]
fn rewritten_template_renders_the_same_as_the_original() {
    for undefined in [UndefinedBehavior::Chainable, UndefinedBehavior::Strict] {
        let plain = environment(undefined);
        let mut bounded = environment(undefined);
        install(&mut bounded);
        for source in SOURCES {
            let expected = render(&plain, source);
            let actual = match rewrite(source, TrailingNewline::Remove) {
                Ok(rewritten) => render(&bounded, &rewritten),
                Err(error) => Err(format!("{:?} {:?}", error.kind(), error.line())),
            };
            assert_eq!(actual, expected, "{undefined:?}: {source}");
        }
    }
}

#[test]
fn rewritten_template_keeps_the_trailing_newline_on_request() {
    assert!(rewrite("a\n", TrailingNewline::Keep).unwrap().contains("a\\n"));
    assert!(!rewrite("a\n", TrailingNewline::Remove).unwrap().contains("a\\n"));
}
