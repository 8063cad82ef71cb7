//! One mistake, one message: with the line, the key, what is wrong and what would be right.

mod table;

use super::*;
use table::MISTAKES;
pub(in crate::scenario) use table::UNKNOWN_KEYS;

/// A scenario that is right but for what stands at one place of it.
pub(in crate::scenario) fn scenario(place: &str, mistake: &str) -> String {
    let at = |here: &str| if here == place { mistake.to_owned() } else { String::new() };
    let or = |here: &str, right: &str| if here == place { mistake.to_owned() } else { right.to_owned() };
    [
        at("top"),
        or("load", "[load]\nusers = 2\nrun_time = \"9s\""),
        or("feed", "[feed.text]\nrows = [\"a\", \"b\"]"),
        or("users", "[feed.users]\nrows = [{ name = \"a\", id = 1 }]"),
        at("timeouts"),
        "[user.u]".to_owned(),
        at("class"),
        "[[user.u.task]]".to_owned(),
        or("request", "request = { kind = \"http\", path = \"/\" }"),
        or("capture", "capture.token = { json = \"/token\" }"),
        at("task"),
        at("last"),
    ]
    .join("\n")
}

#[test]
fn every_mistake_is_told_in_one_line() {
    parse(&scenario("nowhere", "")).unwrap();
    let told = |place, mistake| refusal(&scenario(place, mistake));
    let all = || UNKNOWN_KEYS.into_iter().chain(MISTAKES);
    let wrong: Vec<String> = all()
        .map(|(place, mistake, expected)| (mistake, told(place, mistake), format!("mine.toml{expected}")))
        .filter(|(_, told, expected)| told != expected)
        .map(|(mistake, told, expected)| format!("{mistake}\n    {told}\n    instead of\n    {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all().all(|(.., expected)| expected.lines().count() == 1));
}
