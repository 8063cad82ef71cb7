//! Mistakes and their messages, with the line, the key, the problem and a suggestion.

mod table;

use super::*;
use table::MISTAKES;
pub(in crate::scenario) use table::UNKNOWN_KEYS;

/// Returns a valid scenario with one mistake at one of its places.
pub(in crate::scenario) fn scenario(place: &str, mistake: &str) -> String {
    let at = |here: &str| if here == place { mistake.to_owned() } else { String::new() };
    let or = |here: &str, valid: &str| if here == place { mistake.to_owned() } else { valid.to_owned() };
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
fn parse_each_mistake_has_its_message_on_one_line() {
    parse(&scenario("nowhere", "")).unwrap();
    let message = |place, mistake| error_of(&scenario(place, mistake));
    let all = || UNKNOWN_KEYS.into_iter().chain(MISTAKES);
    let wrong: Vec<String> = all()
        .map(|(place, mistake, expected)| (mistake, message(place, mistake), format!("mine.toml{expected}")))
        .filter(|(_, message, expected)| message != expected)
        .map(|(mistake, message, expected)| {
            format!("{mistake}\n    {message}\n    instead of\n    {expected}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all().all(|(.., expected)| expected.lines().count() == 1));
}
