//! One mistake, one message: with the line, the key, what is wrong and what would be right.

use super::*;

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
    let mut told = Vec::new();
    for (place, mistake) in UNKNOWN_KEYS.into_iter().chain(MISTAKES) {
        let message = refusal(&scenario(place, mistake));
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.starts_with("mine.toml:"), "{message}");
        told.push(format!(
            "{}\n    {}",
            mistake.replace('\n', " ⏎ "),
            message.trim_start_matches("mine.toml")
        ));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    urll = "http://h"
        :1: urll: unknown key (did you mean `url`?)
    [load] ⏎ user = 2 ⏎ run_time = "9s"
        :3: load.user: unknown key (did you mean `users`?)
    [timeouts] ⏎ conect = "1s"
        :10: timeouts.conect: unknown key (did you mean `connect`?)
    [feed.text] ⏎ row = ["a"]
        :6: feed.text.row: unknown key (did you mean `rows`?)
    thnk = "1s"
        :11: user.u.thnk: unknown key (did you mean `think`?)
    [[user.u.on_strat]] ⏎ request = { kind = "http", path = "/" }
        :11: user.u.on_strat: unknown key (did you mean `on_start`?)
    wieght = 2
        :15: user.u.task[0].wieght: unknown key (did you mean `weight`?)
    check = { statsu = 200 }
        :15: user.u.task[0].check.statsu: unknown key (did you mean `status`?)
    check.json = { "/a" = { exits = true } }
        :15: user.u.task[0].check.json./a.exits: unknown key (did you mean `exists`?)
    capture.token = { jsn = "/token" }
        :14: user.u.task[0].capture.token.jsn: unknown key (did you mean `json`?)
    request = { kind = "http", path = "/", methd = "get" }
        :13: user.u.task[0].request.methd: unknown key (did you mean `method`?)
    request = { kind = "openai.chat", model = "m", promt = "p" }
        :13: user.u.task[0].request.promt: unknown key (did you mean `prompt`?)
    request = { kind = "chain", chain = "c", paralel = true }
        :13: user.u.task[0].request.paralel: unknown key (did you mean `parallel`?)
    [[user.u.on_start]] ⏎ weight = 1 ⏎ request = { kind = "http", path = "/" }
        :12: user.u.on_start[0].weight: unknown key; known here: name, request, check, capture
    about = "no end
        :1: not TOML: invalid basic string, expected `"`
    about
        :1: not TOML: key with no value, expected `=`
    about = "a" ⏎ about = "b"
        :2: not TOML: `about` is there already
    [load]
        :16: not TOML: `load` is there already
    [load] ⏎ users = "ten" ⏎ run_time = "9s"
        :3: load.users: the text "ten" where a whole number of zero or more is needed
    [load] ⏎ users = -1 ⏎ run_time = "9s"
        :3: load.users: -1 where a whole number of zero or more is needed
    load = 3
        :2: load: 3 where a table is needed
    about = 3
        :1: about: 3 where text is needed
    headers = { x-a = 1 }
        :1: headers.x-a: 1 where text is needed
    [feed.text] ⏎ rows = "a"
        :6: feed.text.rows: the text "a" where a list is needed
    weight = 1.5
        :11: user.u.weight: 1.5 where a whole number from 0 to 4294967295 is needed
    [user.u.task]
        :12: not TOML: `task` is there already
    expect_429 = "yes"
        :15: user.u.task[0].expect_429: the text "yes" where true or false is needed
    check = { status = "ok" }
        :15: user.u.task[0].check.status: the text "ok" where a status such as 200, or a list of them is needed
    check.json = { "/a" = { exists = 1 } }
        :15: user.u.task[0].check.json./a.exists: 1 where true or false is needed
    request = "/"
        :13: user.u.task[0].request: the text "/" where a table is needed
    request = { kind = 1 }
        :13: user.u.task[0].request.kind: 1 where text is needed: openai.chat, openai.completions, openai.responses, openai.embeddings, anthropic.messages, chain, chain_stream, http
    request = { kind = "openai.chat", model = "m", prompt = "p", max_tokens = "many" }
        :13: user.u.task[0].request.max_tokens: "many" is given; a number without quotes is needed
    [load] ⏎ users = 2 ⏎ run_time = 9
        :4: load.run_time: 9 has no unit; write "9s" or "9ms" if that is what is meant
    [load] ⏎ users = 2 ⏎ run_time = "9 secs"
        :4: load.run_time: "9 secs": unknown unit "secs"; h, m, s, ms, us and ns are known
    [load] ⏎ rate = 5 ⏎ run_time = "9s"
        :3: load.rate: "5" has no period; write "5/s" or "5/min" if that is what is meant
    [load] ⏎ rate = "5/week" ⏎ run_time = "9s"
        :3: load.rate: "5/week": unknown period "week"; s, min, h and day are known
    think = 1
        :11: user.u.think: 1 has no unit; write "1s" or "1ms" if that is what is meant
    think = { p50 = "1s" }
        :11: user.u.think: 1 of p50, p90, p95 and p99 given; exactly two of them are needed
    think = { betwen = ["1s", "2s"] }
        :15: user.u.task[0].think.betwen: unknown key (did you mean `between`?)
    check = { over = "soon" }
        :15: user.u.task[0].check.over: "soon" is no duration; write a number with a unit, such as "250ms" or "1m30s"
    [timeouts] ⏎ idle = "0s"
        :10: timeouts.idle: 0s is out of range; a duration of more than zero is needed

        : load: missing: this key is needed
    [load] ⏎ run_time = "9s"
        :2: load.users: missing: `users` for a closed loop (users = 100), `rate` for an open one (rate = "50/s"), `concurrency` for users without pauses, `stages` for a load that changes, or `search` for the highest one
    [load] ⏎ users = 2
        :2: load.run_time: missing: `run_time` (run_time = "60s") or `requests` (requests = 1000) says when to stop
    [user.v]
        :11: user.v.task: missing: a class needs a task ([[user.NAME.task]])

        :12: user.u.task[0].request: missing: this key is needed
    request = { path = "/" }
        :13: user.u.task[0].request.kind: missing: one of "openai.chat", "openai.completions", "openai.responses", "openai.embeddings", "anthropic.messages", "chain", "chain_stream", "http"
    request = { kind = "http" }
        :13: user.u.task[0].request.path: missing: this key is needed
    [feed.text]
        :5: feed.text: missing: `rows` (a list) or `file` (a path that ends in .csv or .jsonl)
    [feed.text] ⏎ rows = []
        :5: feed.text: missing: at least one row
    capture.token = {}
        :14: user.u.task[0].capture.token: missing: `json` (a pointer, json = "/access_token") or `header` (a name)
    [load] ⏎ users = 0 ⏎ run_time = "9s"
        :3: load.users: 0 is out of range; a number of 1 or more is needed
    weight = 0
        :15: user.u.task[0].weight: 0 is out of range; a number of 1 or more is needed
    check = { status = [ ⏎ 200, ⏎ 99] }
        :15: user.u.task[0].check.status: 99 is out of range; a final HTTP status (200 to 599) is needed
    [load] ⏎ users = 2 ⏎ rate = "1/s" ⏎ run_time = "9s"
        :3: load.users: cannot stand beside `rate`: a load has one of `users`, `concurrency`, `rate`, `stages` and `search`
    [load] ⏎ rate = "1/s" ⏎ run_time = "9s" ⏎ [user.v] ⏎ think = "1s"
        :5: user.v.task: missing: a class needs a task ([[user.NAME.task]])
    capture.token = { json = "/a", header = "b" }
        :14: user.u.task[0].capture.token.json: cannot stand beside `header`: a value is captured from one place
    request = { kind = "openai.chat", model = "m", prompt = "p", stream = true }
        :14: user.u.task[0].capture.token.json: cannot stand beside `request.stream`: a stream is read as it comes and not kept
    request = { kind = "chain_stream", chain = "c" }
        :14: user.u.task[0].capture.token.json: cannot stand beside `request.kind`: a stream is read as it comes and not kept
    headers = { x-a = "{{ n }}" }
        :1: headers.x-a: a template where fixed text is needed; a request may have `headers` of its own
    [feed.users] ⏎ rows = ["a"] ⏎ order = "unique"
        :7: feed.users: 1 is out of range; a number of rows of at least 2, one for each user, is needed
    [load] ⏎ rate = "1/s" ⏎ run_time = "9s" ⏎ [feed.f] ⏎ rows = ["a"] ⏎ order = "unique"
        :7: feed.f.order: cannot stand beside `load.rate`: nobody keeps a row where arrivals come at a rate; give `users`, or another order
    request = { kind = "openai.caht" }
        :13: user.u.task[0].request.kind: `openai.caht` is unknown (did you mean `openai.chat`?)
    [feed.text] ⏎ rows = ["a"] ⏎ order = "rand"
        :7: feed.text.order: `rand` is unknown (did you mean `random`?)
    request = { kind = "http", path = "/{{ tokn }}" }
        :13: user.u.task[0].request.path: bad template: `tokn` is unknown (did you mean `token`?)
    request = { kind = "http", path = "/{{ feed.txt }}" }
        :13: user.u.task[0].request.path: bad template: `feed.txt` is unknown (did you mean `feed.text`?)
    request = { kind = "http", path = "/{{ feed.users.nam }}" }
        :13: user.u.task[0].request.path: bad template: `feed.users.nam` is unknown (did you mean `feed.users.name`?)
    request = { kind = "http", path = "/{{ env.NOBODY }}" }
        :13: user.u.task[0].request.path: the environment variable `NOBODY` is not set
    request = { kind = "http", path = "/", body = { a = [1, ''' ⏎  ⏎ {{ n | }}'''] } }
        :13: user.u.task[0].request.body.a[1]: bad template: syntax error: unexpected end of variable block, expected identifier (line 2 of the template)
    request = { kind = "http", path = "/", headers = { x-a = "{{ nn }}" } }
        :13: user.u.task[0].request.headers.x-a: bad template: `nn` is unknown (did you mean `n`?)
    capture.user = { json = "/a" }
        :14: user.u.task[0].capture.user: `user` cannot be a name: templates mention it by this name: letters, digits and _ are needed, no digit first, and nothing that templates know already
    capture.token = { json = "token" }
        :14: user.u.task[0].capture.token.json: `token` is no JSON pointer: it begins with a slash, as in "/choices/0/text"
    check.json = { "a" = 1 }
        :15: user.u.task[0].check.json.a: `a` is no JSON pointer: it begins with a slash, as in "/choices/0/text"
    capture.token = { header = "x y" }
        :14: user.u.task[0].capture.token.header: `x y` cannot stand in a request: invalid HTTP header name
    headers_env = { x-a = "NOBODY" }
        :1: headers_env.x-a: the environment variable `NOBODY` is not set
    url = "localhost:8000"
        :1: url: `localhost:8000` must begin with http:// or https://
    request = { kind = "http", path = "health" }
        :13: user.u.task[0].request.path: `health` cannot stand in a request: a path begins with a slash
    [feed.text] ⏎ file = "no/such.csv"
        :6: feed.text.file: no/such.csv: cannot be read: No such file or directory (os error 2)
    [[user.u.on_stop]] ⏎ name = "GET /" ⏎ request = { kind = "http", path = "/" }
        :16: user.u.on_stop[0].name: `GET /` is there twice; each needs a name of its own
    "#);
}

/// Of the keys of every table one that is misspelt.
pub(in crate::scenario) const UNKNOWN_KEYS: [(&str, &str); 14] = [
    ("top", "urll = \"http://h\""),
    ("load", "[load]\nuser = 2\nrun_time = \"9s\""),
    ("timeouts", "[timeouts]\nconect = \"1s\""),
    ("feed", "[feed.text]\nrow = [\"a\"]"),
    ("class", "thnk = \"1s\""),
    ("class", "[[user.u.on_strat]]\nrequest = { kind = \"http\", path = \"/\" }"),
    ("task", "wieght = 2"),
    ("task", "check = { statsu = 200 }"),
    ("task", "check.json = { \"/a\" = { exits = true } }"),
    ("capture", "capture.token = { jsn = \"/token\" }"),
    ("request", "request = { kind = \"http\", path = \"/\", methd = \"get\" }"),
    ("request", "request = { kind = \"openai.chat\", model = \"m\", promt = \"p\" }"),
    ("request", "request = { kind = \"chain\", chain = \"c\", paralel = true }"),
    ("class", "[[user.u.on_start]]\nweight = 1\nrequest = { kind = \"http\", path = \"/\" }"),
];

const MISTAKES: [(&str, &str); 65] = [
    // What is no TOML at all.
    ("top", "about = \"no end"),
    ("top", "about"),
    ("top", "about = \"a\"\nabout = \"b\""),
    ("last", "[load]"),
    // Types.
    ("load", "[load]\nusers = \"ten\"\nrun_time = \"9s\""),
    ("load", "[load]\nusers = -1\nrun_time = \"9s\""),
    ("load", "load = 3"),
    ("top", "about = 3"),
    ("top", "headers = { x-a = 1 }"),
    ("feed", "[feed.text]\nrows = \"a\""),
    ("class", "weight = 1.5"),
    ("class", "[user.u.task]"),
    ("task", "expect_429 = \"yes\""),
    ("task", "check = { status = \"ok\" }"),
    ("task", "check.json = { \"/a\" = { exists = 1 } }"),
    ("request", "request = \"/\""),
    ("request", "request = { kind = 1 }"),
    ("request", "request = { kind = \"openai.chat\", model = \"m\", prompt = \"p\", max_tokens = \"many\" }"),
    // Durations, rates and distributions.
    ("load", "[load]\nusers = 2\nrun_time = 9"),
    ("load", "[load]\nusers = 2\nrun_time = \"9 secs\""),
    ("load", "[load]\nrate = 5\nrun_time = \"9s\""),
    ("load", "[load]\nrate = \"5/week\"\nrun_time = \"9s\""),
    ("class", "think = 1"),
    ("class", "think = { p50 = \"1s\" }"),
    ("task", "think = { betwen = [\"1s\", \"2s\"] }"),
    ("task", "check = { over = \"soon\" }"),
    ("timeouts", "[timeouts]\nidle = \"0s\""),
    // What is missing.
    ("load", ""),
    ("load", "[load]\nrun_time = \"9s\""),
    ("load", "[load]\nusers = 2"),
    ("class", "[user.v]"),
    ("request", ""),
    ("request", "request = { path = \"/\" }"),
    ("request", "request = { kind = \"http\" }"),
    ("feed", "[feed.text]"),
    ("feed", "[feed.text]\nrows = []"),
    ("capture", "capture.token = {}"),
    // Ranges.
    ("load", "[load]\nusers = 0\nrun_time = \"9s\""),
    ("task", "weight = 0"),
    ("task", "check = { status = [\n200,\n99] }"),
    // Conflicts.
    ("load", "[load]\nusers = 2\nrate = \"1/s\"\nrun_time = \"9s\""),
    ("load", "[load]\nrate = \"1/s\"\nrun_time = \"9s\"\n[user.v]\nthink = \"1s\""),
    ("capture", "capture.token = { json = \"/a\", header = \"b\" }"),
    ("request", "request = { kind = \"openai.chat\", model = \"m\", prompt = \"p\", stream = true }"),
    ("request", "request = { kind = \"chain_stream\", chain = \"c\" }"),
    ("top", "headers = { x-a = \"{{ n }}\" }"),
    ("users", "[feed.users]\nrows = [\"a\"]\norder = \"unique\""),
    ("load", "[load]\nrate = \"1/s\"\nrun_time = \"9s\"\n[feed.f]\nrows = [\"a\"]\norder = \"unique\""),
    // Words that stand for nothing.
    ("request", "request = { kind = \"openai.caht\" }"),
    ("feed", "[feed.text]\nrows = [\"a\"]\norder = \"rand\""),
    // Templates.
    ("request", "request = { kind = \"http\", path = \"/{{ tokn }}\" }"),
    ("request", "request = { kind = \"http\", path = \"/{{ feed.txt }}\" }"),
    ("request", "request = { kind = \"http\", path = \"/{{ feed.users.nam }}\" }"),
    ("request", "request = { kind = \"http\", path = \"/{{ env.NOBODY }}\" }"),
    ("request", "request = { kind = \"http\", path = \"/\", body = { a = [1, '''\n\n{{ n | }}'''] } }"),
    ("request", "request = { kind = \"http\", path = \"/\", headers = { x-a = \"{{ nn }}\" } }"),
    // Names, pointers, headers, URLs, files.
    ("capture", "capture.user = { json = \"/a\" }"),
    ("capture", "capture.token = { json = \"token\" }"),
    ("task", "check.json = { \"a\" = 1 }"),
    ("capture", "capture.token = { header = \"x y\" }"),
    ("top", "headers_env = { x-a = \"NOBODY\" }"),
    ("top", "url = \"localhost:8000\""),
    ("request", "request = { kind = \"http\", path = \"health\" }"),
    ("feed", "[feed.text]\nfile = \"no/such.csv\""),
    ("task", "[[user.u.on_stop]]\nname = \"GET /\"\nrequest = { kind = \"http\", path = \"/\" }"),
];
