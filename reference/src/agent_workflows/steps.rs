//! The steps of an agent for a task.

/// A task with more words is planned, executed and reviewed; one with fewer is answered directly.
const SIMPLE_WORDS_MAX: usize = 15;

/// One step of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A model call, with the number of output tokens.
    Ask { what: &'static str, tokens: u32 },
    /// A tool call.
    Use { tool: &'a str },
}

/// Returns the steps for `task` with `tools`. The token numbers result in a quarter to a third of a
/// second with the profile `fast`.
pub(super) fn steps<'a>(task: &str, tools: &'a [String]) -> Vec<Step<'a>> {
    let ask = |what, tokens| Step::Ask { what, tokens };
    let simple = task.split_whitespace().count() <= SIMPLE_WORDS_MAX;
    let (before, after) = if simple {
        (vec![], vec![ask("answer", 40)])
    } else {
        (vec![ask("plan", 8)], vec![ask("work", 10), ask("review", 6)])
    };
    let uses = tools.iter().map(|tool| Step::Use { tool });
    before.into_iter().chain(uses).chain(after).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step_names(words: usize, tools: &[&str]) -> String {
        let tools: Vec<_> = tools.iter().map(|tool| (*tool).to_owned()).collect();
        let steps = steps(&"word ".repeat(words), &tools);
        let names = steps.iter().map(|step| match step {
            Step::Ask { what, .. } => (*what).to_owned(),
            Step::Use { tool } => format!("({tool})"),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn steps_of_long_tasks_with_tools_are_more() {
        assert_eq!(step_names(1, &[]), "answer");
        assert_eq!(step_names(SIMPLE_WORDS_MAX, &["search"]), "(search) answer");
        assert_eq!(step_names(SIMPLE_WORDS_MAX + 1, &[]), "plan work review");
        assert_eq!(step_names(100, &["search", "lint"]), "plan (search) (lint) work review");
    }
}
