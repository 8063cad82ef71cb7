mod criteria;
pub(super) mod mistakes;
mod overrides;
mod secrets;
mod source;
mod tasks;
mod variants;

use super::*;

const TASK: &str = "[[user.u.task]]\nrequest = { kind = \"http\", path = \"/health\" }\n";
const LOAD: &str = "[load]\nusers = 10\nrun_time = \"10s\"\n";

fn env(name: &str) -> Option<String> {
    match name {
        "KEY" => Some("sk-secret\n".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse("mine", "mine.toml", text, &env)
}

fn error_of(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

fn with_request(request: &str) -> String {
    format!("{LOAD}[[user.u.task]]\nrequest = {{ {request} }}\n")
}
