//! The graph of a chain in Mermaid's language.

use std::fmt::Write as _;

use super::{expectation::Expectation, show::works};

/// A graph from left to right; the critical path has thick borders.
pub(super) fn graph(expected: &Expectation<'_>) -> String {
    let mut text = String::from("graph LR\n");
    let critical = expected.critical_path().steps;
    let mut on_path = Vec::new();
    // Steps are numbered, because names such as `end` are Mermaid keywords. Writing to a string cannot fail.
    for (step, took) in expected.steps() {
        let (index, name) = (step.index(), escaped(step.name()));
        let _ = writeln!(text, "    s{index}[\"{name}<br/>{}\"]", escaped(&works(step, took)));
        if critical.contains(step.name()) {
            on_path.push(format!("s{index}"));
        }
    }
    for (step, _) in expected.steps() {
        for need in step.needs() {
            let _ = writeln!(text, "    s{need} --> s{}", step.index());
        }
    }
    let _ = writeln!(text, "    classDef critical stroke-width:4px");
    let _ = writeln!(text, "    class {} critical", on_path.join(","));
    text
}

/// Escapes names of models, which may contain any character.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '"' | '#' | '&' | '<' | '>' | '`' | '\n' | '\r' => {
                let _ = write!(escaped, "#{};", u32::from(letter));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use weir_chains::Catalog;

    use super::*;

    #[test]
    fn graph_has_boxes_and_arrows() {
        let source = "
            [chain.c.step.docs]
            tool = { takes = '200ms' }
            [chain.c.step.web]
            tool = { takes = '300ms' }
            [chain.c.step.end]
            needs = ['docs', 'web']
            llm = { model = '\"#1\"', prompt = 'p', total = '1s' }";
        let chains = Catalog::parse(source, "mine.toml").unwrap();
        let expected = Expectation::new(chains.get("c").unwrap(), &weir_model::Catalog::default()).unwrap();
        insta::assert_snapshot!(graph(&expected), @r##"
        graph LR
            s0["docs<br/>tool, 200 ms"]
            s1["web<br/>tool, 300 ms"]
            s2["end<br/>llm #34;#35;1#34;, 1.00 s"]
            s0 --> s2
            s1 --> s2
            classDef critical stroke-width:4px
            class s1,s2 critical
        "##);
    }
}
