//! Requests of each kind, and how their answers are read.

mod bodies;
mod deltas;
mod streams;
mod whole_streams;

use weir_pace::Seed;

use super::any_events::AnyEvents;
use super::*;
use crate::task::{Auth, Body, Reading, at_turn};

/// A request from one line of TOML.
fn request(toml: &str) -> Result<(Request, Templates), Invalid> {
    let mut templates = Templates::default();
    let table: toml::Table = toml::from_str(&format!("r = {{ {toml} }}")).unwrap();
    let toml::Value::Table(table) = table["r"].clone() else { panic!("{toml}") };
    check(table, "request", &mut templates).map(|request| (request, templates))
}

/// The title, method, path, key, reading, model and body of a request.
fn described(toml: &str) -> String {
    let (Request { title, blueprint }, templates) = request(toml).unwrap();
    let rng = &mut Seed::new(1).rng();
    let path = at_turn(&templates, (7, 1), rng, |rendering| blueprint.path.render(rendering)).unwrap();
    let render =
        |body: Body| at_turn(&templates, (7, 1), rng, |rendering| body.render(rendering, None)).unwrap();
    let body = blueprint.body.map(render);
    let body = body.unwrap_or_default();
    assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok(), "{body}");
    format!(
        "{title}: {} {path}\n{:?} {:?} model {:?}\n{body}",
        blueprint.method,
        blueprint.auth,
        blueprint.reading,
        blueprint.model.unwrap_or_default()
    )
}

fn refusal(toml: &str) -> String {
    let Err(Invalid { key, problem }) = request(toml) else { panic!("{toml} passes") };
    format!("{key}: {problem}")
}

#[test]
fn check_chat_writes_its_body() {
    insta::assert_snapshot!(described("kind = 'openai.chat', model = 'm', prompt = 'Hi \"you\"'"), @r#"
    chat: POST /v1/chat/completions
    Bearer Plain(OpenaiChat) model "m"
    {"model":"m","messages":[{"role":"user","content":"Hi \"you\""}]}
    "#);
    insta::assert_snapshot!(described("kind = 'openai.chat', model = 'm-{{ n }}', system = 'Be brief.', messages = [{ role = 'user', content = 'Hi {{ n }}' }], max_tokens = 64, temperature = 0.5, stream = true, tools = [{ type = 'function', function = { name = 'f' } }], extra = { seed = 3, stop = ['x'], reasoning_effort = 'low' }"), @r#"
    chat stream: POST /v1/chat/completions
    Bearer Stream { events: OpenaiChat, key: "request.stream" } model ""
    {"model":"m-7","messages":[{"content":"Be brief.","role":"system"},{"content":"Hi 7","role":"user"}],"max_tokens":64,"temperature":0.5,"tools":[{"function":{"name":"f"},"type":"function"}],"stream":true,"stream_options":{"include_usage":true},"reasoning_effort":"low","seed":3,"stop":["x"]}
    "#);
}

#[test]
fn check_other_kinds_write_their_bodies() {
    insta::assert_snapshot!(described("kind = 'openai.completions', model = 'm', prompt = 'Once', max_tokens = 9, stream = true"), @r#"
    completions stream: POST /v1/completions
    Bearer Stream { events: OpenaiCompletions, key: "request.stream" } model "m"
    {"model":"m","prompt":"Once","max_tokens":9,"stream":true,"stream_options":{"include_usage":true}}
    "#);
    insta::assert_snapshot!(described("kind = 'openai.responses', model = 'm', system = 'Be brief.', prompt = 'Hi', max_tokens = 9, stream = true"), @r#"
    responses stream: POST /v1/responses
    Bearer Stream { events: OpenaiResponses, key: "request.stream" } model "m"
    {"model":"m","instructions":"Be brief.","input":[{"role":"user","content":"Hi"}],"max_output_tokens":9,"stream":true}
    "#);
    insta::assert_snapshot!(described("kind = 'openai.embeddings', model = 'm', input = ['a', 'b {{ n }}'], extra = { dimensions = 256 }"), @r#"
    embeddings: POST /v1/embeddings
    Bearer Plain(OpenaiEmbeddings) model "m"
    {"model":"m","input":["a","b 7"],"dimensions":256}
    "#);
    insta::assert_snapshot!(described("kind = 'anthropic.messages', model = 'm', system = 'Be brief.', prompt = 'Hi', max_tokens = 9, stream = true"), @r#"
    messages stream: POST /v1/messages
    ApiKey Stream { events: AnthropicMessages, key: "request.stream" } model "m"
    {"model":"m","system":"Be brief.","messages":[{"role":"user","content":"Hi"}],"max_tokens":9,"stream":true}
    "#);
}

#[test]
fn check_messages_sets_version_header() {
    let version = |headers: &str| {
        let toml = format!("kind = 'anthropic.messages', model = 'm', prompt = 'p', max_tokens = 1{headers}");
        request(&toml).unwrap().0.blueprint.headers.fixed["anthropic-version"].clone()
    };
    assert_eq!(version(""), "2023-06-01");
    assert_eq!(version(", headers = { Anthropic-Version = '2026-10-21' }"), "2026-10-21");
}

#[test]
fn check_distributions_draw_per_request() {
    let of = |kind: &str| {
        let toml = format!(
            "kind = '{kind}', model = 'm', prompt_tokens = {{ between = [20, 60] }}, shared_prefix_tokens = 5, \
             max_tokens = {{ between = [1, 900] }}"
        );
        let (request, templates) = request(&toml).unwrap();
        let body = request.blueprint.body.unwrap();
        assert_eq!(body.fixed(), None);
        let mut rng = Seed::new(1).rng();
        let mut render = || {
            let body =
                at_turn(&templates, (0, 1), &mut rng, |rendering| body.render(rendering, None)).unwrap();
            serde_json::from_str::<serde_json::Value>(&body).unwrap()
        };
        (render(), render())
    };
    for (kind, prompt, limit) in [
        ("openai.chat", "/messages/0/content", "/max_tokens"),
        ("openai.completions", "/prompt", "/max_tokens"),
        ("openai.responses", "/input/0/content", "/max_output_tokens"),
        ("anthropic.messages", "/messages/0/content", "/max_tokens"),
    ] {
        let (one, other) = of(kind);
        for pointer in [prompt, limit] {
            assert_ne!(one.pointer(pointer).unwrap(), other.pointer(pointer).unwrap(), "{kind} {pointer}");
        }
        let words = one.pointer(prompt).unwrap().as_str().unwrap().split_ascii_whitespace().count();
        assert!((25..=65).contains(&words), "{kind}: {words} words");
    }
}

#[test]
fn check_http_with_events_reads_a_stream() {
    let reading = |keys: &str| request(&format!("kind = 'http', path = '/s'{keys}")).unwrap().0.blueprint;
    let plain = reading("");
    assert!(matches!((plain.reading, plain.auth), (Reading::Opaque, Auth::Bearer)));
    let stream = reading(", events = 'anthropic.messages', body = { a = 1 }, headers = { Accept = 'x/y' }");
    assert_eq!(
        format!("{:?}", stream.reading),
        r#"Stream { events: AnthropicMessages, key: "request.events" }"#
    );
    assert_eq!(
        (&stream.headers.fixed["accept"], &stream.headers.fixed["te"]),
        (&"x/y".parse().unwrap(), &"trailers".parse().unwrap())
    );
    let posted = reading(", events = 'chain', body = { a = 1 }");
    assert_eq!(posted.headers.fixed["accept"], "text/event-stream");
    let any = reading(", events = 'any', content = '/text'");
    assert!(format!("{:?}", any.reading).starts_with("Stream { events: AnyEvents { content: Some("));
    assert_eq!(any.headers.fixed["accept"], "text/event-stream");
    let stream = reading(", stream = true, event = ['token', 'text'], body = { a = 1 }");
    assert!(format!("{:?}", stream.reading).contains(r#"names: ["token", "text"]"#), "{:?}", stream.reading);
    assert_eq!(stream.headers.fixed["accept"], "text/event-stream");
    let auto = reading(", events = 'auto', content = '/text'");
    assert!(matches!(auto.reading, Reading::ByContentType(_)) && auto.headers.fixed.is_empty());
    assert!(matches!(reading(", stream = false").reading, Reading::Opaque));
}

#[test]
fn check_contradictory_keys_fails() {
    let chat = |rest: &str| refusal(&format!("kind = 'openai.chat', model = 'm'{rest}"));
    insta::assert_snapshot!(chat(", prompt = 'p', messages = []"), @"request.prompt: conflicts with `messages`: a prompt is a conversation of one message");
    insta::assert_snapshot!(chat(", prompt = 'p', prompt_tokens = 5"), @"request.prompt: conflicts with `prompt_tokens`: a prompt is either written or made up");
    insta::assert_snapshot!(chat(", messages = 'p'"), @r#"request.messages: expected a list of messages, found the text "p""#);
    insta::assert_snapshot!(chat(", shared_prefix_tokens = 5"), @"request.shared_prefix_tokens: missing: `prompt` or `prompt_tokens`, which the prefix precedes");
    insta::assert_snapshot!(chat(", prompt_tokens = 5_000_000"), @"request.prompt_tokens: 5000000 is out of range; expected a number of at most 4000000 tokens");
    insta::assert_snapshot!(chat(", prompt = 'p', shared_prefix_tokens = 5_000_000"), @"request.shared_prefix_tokens: 5000000 is out of range; expected a number of at most 4000000 tokens");
    insta::assert_snapshot!(chat(", prompt = 'p', extra = { model = 'x' }"), @"request.extra.model: conflicts with `model`: the request sets it already");
    insta::assert_snapshot!(chat(", prompt = 'p', extra = { stream = true }"), @"request.extra.stream: conflicts with `stream`: the request sets it already");
    insta::assert_snapshot!(chat(", prompt = '{{ x }}'"), @"request.prompt: invalid template: unknown name `x`; expected one of `n`, `turn`, `user`, `env.NAME`, `pick`, `random`, `uuid`");
    insta::assert_snapshot!(refusal("kind = 'openai.completions', model = 'm'"), @"request.prompt: missing: `prompt` (text) or `prompt_tokens` (how many)");
    insta::assert_snapshot!(refusal("kind = 'openai.responses', model = 'm'"), @"request.prompt: missing: `prompt` (text), `prompt_tokens` (how many) or `input` (a list of items)");
    insta::assert_snapshot!(refusal("kind = 'openai.embeddings', model = 'm'"), @"request.input: missing: `input` (a text, or a list of them) or `prompt_tokens` (how many)");
    insta::assert_snapshot!(refusal("kind = 'openai.embeddings', model = 'm', input = 5"), @"request.input: expected a text or a list of texts, found 5");
    insta::assert_snapshot!(refusal("kind = 'openai.embeddings', model = 'm', input = 'a', prompt_tokens = 5"), @"request.input: conflicts with `prompt_tokens`: the input is either written or made up");
    insta::assert_snapshot!(refusal("kind = 'anthropic.messages', model = 'm', prompt = 'p'"), @"request.max_tokens: missing: the API refuses requests without it (max_tokens = 1024)");
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', events = 'openai.chats'"), @"request.events: unknown value `openai.chats` (did you mean `openai.chat`?)");
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', content = '/x'"), @r#"request.events: missing: `events = "any"`, to whose events `content` and `event` refer"#);
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', events = 'chain', content = '/x'"), @"request.content: conflicts with `events`: the place of the content in these events is fixed; only those of `any` and `auto` need it");
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', events = 'chain', event = 'x'"), @"request.event: conflicts with `events`: the place of the content in these events is fixed; only those of `any` and `auto` need it");
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', event = ['x']"), @r#"request.events: missing: `events = "any"`, to whose events `content` and `event` refer"#);
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', event = 5"), @r#"request.event: expected a type of events such as "token", or a list of them, found 5"#);
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', stream = false, events = 'any'"), @"request.stream: conflicts with `events`: the answer is a stream or it is not");
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', stream = true, events = 'auto'"), @r#"request.stream: conflicts with `events`: `events = "auto"` reads streams and other answers"#);
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', stream = false, content = '/x'"), @r#"request.events: missing: `events = "any"`, to whose events `content` and `event` refer"#);
    insta::assert_snapshot!(refusal("kind = 'http', path = '/', events = 'any', content = 'x'"), @r#"request.content: `x` is not a JSON pointer: it must begin with a slash, as in "/choices/0/text""#);
}
