//! Mistakes and their messages.

/// A place of a scenario, the text there, and the message.
type Mistake = (&'static str, &'static str, &'static str);

/// A misspelt key of every table.
pub(in crate::scenario) const UNKNOWN_KEYS: [Mistake; 14] = [
    ("top", "urll = \"http://h\"", ":1: urll: unknown key (did you mean `url`?)"),
    ("load", "[load]\nuser = 2\nrun_time = \"9s\"", ":3: load.user: unknown key (did you mean `users`?)"),
    (
        "timeouts",
        "[timeouts]\nconect = \"1s\"",
        ":10: timeouts.conect: unknown key (did you mean `connect`?)",
    ),
    ("feed", "[feed.text]\nrow = [\"a\"]", ":6: feed.text.row: unknown key (did you mean `rows`?)"),
    ("class", "thnk = \"1s\"", ":11: user.u.thnk: unknown key (did you mean `think`?)"),
    (
        "class",
        "[[user.u.on_strat]]\nrequest = { kind = \"http\", path = \"/\" }",
        ":11: user.u.on_strat: unknown key (did you mean `on_start`?)",
    ),
    ("task", "wieght = 2", ":15: user.u.task[0].wieght: unknown key (did you mean `weight`?)"),
    (
        "task",
        "check = { statsu = 200 }",
        ":15: user.u.task[0].check.statsu: unknown key (did you mean `status`?)",
    ),
    (
        "task",
        "check.json = { \"/a\" = { exits = true } }",
        ":15: user.u.task[0].check.json./a.exits: unknown key (did you mean `exists`?)",
    ),
    (
        "capture",
        "capture.token = { jsn = \"/token\" }",
        ":14: user.u.task[0].capture.token.jsn: unknown key (did you mean `json`?)",
    ),
    (
        "request",
        "request = { kind = \"http\", path = \"/\", methd = \"get\" }",
        ":13: user.u.task[0].request.methd: unknown key (did you mean `method`?)",
    ),
    (
        "request",
        "request = { kind = \"openai.chat\", model = \"m\", promt = \"p\" }",
        ":13: user.u.task[0].request.promt: unknown key (did you mean `prompt`?)",
    ),
    (
        "request",
        "request = { kind = \"chain\", chain = \"c\", paralel = true }",
        ":13: user.u.task[0].request.paralel: unknown key (did you mean `parallel`?)",
    ),
    (
        "class",
        "[[user.u.on_start]]\nweight = 1\nrequest = { kind = \"http\", path = \"/\" }",
        ":12: user.u.on_start[0].weight: unknown key; expected one of `name`, `request`, `check`, `capture`",
    ),
];

/// All other mistakes.
pub(super) const MISTAKES: [Mistake; 72] = [
    // Not TOML.
    ("top", "about = \"no end", r#":1: invalid TOML: invalid basic string, expected `"`"#),
    ("top", "about", ":1: invalid TOML: key with no value, expected `=`"),
    ("top", "about = \"a\"\nabout = \"b\"", ":2: invalid TOML: duplicate key `about`"),
    ("last", "[load]", ":16: invalid TOML: duplicate key `load`"),
    // Types.
    (
        "load",
        "[load]\nusers = \"ten\"\nrun_time = \"9s\"",
        r#":3: load.users: expected a whole number, found the text "ten""#,
    ),
    (
        "load",
        "[load]\nusers = -1\nrun_time = \"9s\"",
        ":3: load.users: expected a whole number of at least 0, found -1",
    ),
    ("load", "load = 3", ":2: load: expected a table, found 3"),
    ("top", "about = 3", ":1: about: expected text, found 3"),
    ("top", "headers = { x-a = 1 }", ":1: headers.x-a: expected text, found 1"),
    ("feed", "[feed.text]\nrows = \"a\"", r#":6: feed.text.rows: expected a list, found the text "a""#),
    ("class", "weight = 1.5", ":11: user.u.weight: expected a whole number, found 1.5"),
    ("class", "[user.u.task]", ":12: invalid TOML: duplicate key `task`"),
    (
        "task",
        "expect_429 = \"yes\"",
        r#":15: user.u.task[0].expect_429: expected true or false, found the text "yes""#,
    ),
    (
        "task",
        "check = { status = \"ok\" }",
        r#":15: user.u.task[0].check.status: expected a status such as 200, or a list of them, found the text "ok""#,
    ),
    (
        "task",
        "check.json = { \"/a\" = { exists = 1 } }",
        ":15: user.u.task[0].check.json./a.exists: expected true or false, found 1",
    ),
    ("request", "request = \"/\"", r#":13: user.u.task[0].request: expected a table, found the text "/""#),
    (
        "request",
        "request = { kind = 1 }",
        ":13: user.u.task[0].request.kind: expected one of `openai.chat`, `openai.completions`, `openai.responses`, `openai.embeddings`, `anthropic.messages`, `chain`, `chain_stream`, `http`, found 1",
    ),
    (
        "request",
        "request = { kind = \"openai.chat\", model = \"m\", prompt = \"p\", max_tokens = \"many\" }",
        r#":13: user.u.task[0].request.max_tokens: expected a number without quotes, found "many""#,
    ),
    // Durations, rates and distributions.
    (
        "load",
        "[load]\nusers = 2\nrun_time = 9",
        r#":4: load.run_time: 9 has no unit; write "9s" or "9ms" if that is what is meant"#,
    ),
    (
        "load",
        "[load]\nusers = 2\nrun_time = \"9 secs\"",
        r#":4: load.run_time: "9 secs": unknown unit "secs"; h, m, s, ms, us and ns are known"#,
    ),
    (
        "load",
        "[load]\nrate = 5\nrun_time = \"9s\"",
        r#":3: load.rate: "5" has no period; write "5/s" or "5/min" if that is what is meant"#,
    ),
    (
        "load",
        "[load]\nrate = \"5/week\"\nrun_time = \"9s\"",
        r#":3: load.rate: "5/week": unknown period "week"; s, min, h and day are known"#,
    ),
    (
        "class",
        "think = 1",
        r#":11: user.u.think: 1 has no unit; write "1s" or "1ms" if that is what is meant"#,
    ),
    (
        "class",
        "think = { p50 = \"1s\" }",
        ":11: user.u.think: 1 of p50, p90, p95 and p99 given: expected exactly two of them",
    ),
    (
        "task",
        "think = { betwen = [\"1s\", \"2s\"] }",
        ":15: user.u.task[0].think.betwen: unknown key (did you mean `between`?)",
    ),
    (
        "task",
        "check = { over = \"soon\" }",
        r#":15: user.u.task[0].check.over: "soon" is not a valid duration; write a number with a unit, such as "250ms" or "1m30s""#,
    ),
    (
        "timeouts",
        "[timeouts]\nidle = \"0s\"",
        ":10: timeouts.idle: 0s is out of range; expected a duration of more than zero",
    ),
    // Missing keys.
    ("load", "", ": load: this key is required"),
    (
        "load",
        "[load]\nrun_time = \"9s\"",
        r#":2: load.users: missing: `users` for a closed loop (users = 100), `rate` for an open one (rate = "50/s"), `concurrency` for users without pauses, `stages` for a load that changes, or `search` for the highest one"#,
    ),
    (
        "load",
        "[load]\nusers = 2",
        r#":2: load.run_time: missing: `run_time` (run_time = "60s") or `requests` (requests = 1000)"#,
    ),
    ("class", "[user.v]", ":11: user.v.task: missing: at least one task ([[user.NAME.task]])"),
    ("request", "", ":12: user.u.task[0].request: this key is required"),
    (
        "request",
        "request = { path = \"/\" }",
        r#":13: user.u.task[0].request.kind: missing: one of "openai.chat", "openai.completions", "openai.responses", "openai.embeddings", "anthropic.messages", "chain", "chain_stream", "http""#,
    ),
    ("request", "request = { kind = \"http\" }", ":13: user.u.task[0].request.path: this key is required"),
    (
        "feed",
        "[feed.text]",
        ":5: feed.text: missing: `rows` (a list) or `file` (a path that ends in .csv or .jsonl)",
    ),
    ("feed", "[feed.text]\nrows = []", ":5: feed.text: missing: at least one row"),
    (
        "capture",
        "capture.token = {}",
        r#":14: user.u.task[0].capture.token: missing: `json` (a pointer, json = "/access_token") or `header` (a name)"#,
    ),
    // Ranges.
    (
        "load",
        "[load]\nusers = 0\nrun_time = \"9s\"",
        ":3: load.users: 0 is out of range; expected a number of 1 or more",
    ),
    ("task", "weight = 0", ":15: user.u.task[0].weight: 0 is out of range; expected a number of 1 or more"),
    (
        "task",
        "check = { status = [\n200,\n99] }",
        ":15: user.u.task[0].check.status: 99 is out of range; expected a final HTTP status (200 to 599)",
    ),
    // Conflicts.
    (
        "load",
        "[load]\nusers = 2\nrate = \"1/s\"\nrun_time = \"9s\"",
        ":3: load.users: conflicts with `rate`: a load has only one of `users`, `concurrency`, `rate`, `stages` and `search`",
    ),
    (
        "load",
        "[load]\nusers = 2\nsearch = {}",
        ":3: load.users: conflicts with `search`: a search sets the level and the length of the load",
    ),
    (
        "capture",
        "capture.token = { json = \"/a\", header = \"b\" }",
        ":14: user.u.task[0].capture.token.json: conflicts with `header`: a value is captured from either the body or a header",
    ),
    (
        "request",
        "request = { kind = \"openai.chat\", model = \"m\", prompt = \"p\", stream = true }",
        ":14: user.u.task[0].capture.token.json: conflicts with `request.stream`: the body of a stream is not kept",
    ),
    (
        "request",
        "request = { kind = \"chain_stream\", chain = \"c\" }",
        ":14: user.u.task[0].capture.token.json: conflicts with `request.kind`: the body of a stream is not kept",
    ),
    (
        "top",
        "headers = { x-a = \"{{ n }}\" }",
        ":1: headers.x-a: a template is not allowed here; use `headers` of a request",
    ),
    (
        "users",
        "[feed.users]\nrows = [\"a\"]\norder = \"unique\"",
        ":7: feed.users: 1 is out of range; expected at least 2 rows, one for each user",
    ),
    (
        "load",
        "[load]\nrate = \"1/s\"\nrun_time = \"9s\"\n[feed.f]\nrows = [\"a\"]\norder = \"unique\"",
        ":7: feed.f.order: conflicts with `load.rate`: arrivals at a rate have no users who keep a row; use `users` or another order",
    ),
    // Unknown values.
    (
        "request",
        "request = { kind = \"openai.caht\" }",
        ":13: user.u.task[0].request.kind: unknown value `openai.caht` (did you mean `openai.chat`?)",
    ),
    (
        "feed",
        "[feed.text]\nrows = [\"a\"]\norder = \"rand\"",
        ":7: feed.text.order: unknown value `rand` (did you mean `random`?)",
    ),
    // Templates.
    (
        "request",
        "request = { kind = \"http\", path = \"/{{ tokn }}\" }",
        ":13: user.u.task[0].request.path: invalid template: unknown name `tokn` (did you mean `token`?)",
    ),
    (
        "request",
        "request = { kind = \"http\", path = \"/{{ feed.txt }}\" }",
        ":13: user.u.task[0].request.path: invalid template: unknown name `feed.txt` (did you mean `feed.text`?)",
    ),
    (
        "request",
        "request = { kind = \"http\", path = \"/{{ feed.users.nam }}\" }",
        ":13: user.u.task[0].request.path: invalid template: unknown name `feed.users.nam` (did you mean `feed.users.name`?)",
    ),
    (
        "request",
        "request = { kind = \"http\", path = \"/{{ env.NOBODY }}\" }",
        ":13: user.u.task[0].request.path: the environment variable `NOBODY` is not set",
    ),
    (
        "request",
        "request = { kind = \"http\", path = \"/\", body = { a = [1, '''\n\n{{ n | }}'''] } }",
        ":13: user.u.task[0].request.body.a[1]: invalid template: syntax error: unexpected end of variable block, expected identifier (line 2 of the template)",
    ),
    (
        "request",
        "request = { kind = \"http\", path = \"/\", headers = { x-a = \"{{ nn }}\" } }",
        ":13: user.u.task[0].request.headers.x-a: invalid template: unknown name `nn` (did you mean `n`?)",
    ),
    // Names, pointers, headers, URLs, files.
    (
        "capture",
        "capture.user = { json = \"/a\" }",
        ":14: user.u.task[0].capture.user: `user` is not a valid name: templates refer to it by this name; use letters, digits and _, without a digit at the start, and no name that templates already have",
    ),
    (
        "capture",
        "capture.token = { json = \"token\" }",
        r#":14: user.u.task[0].capture.token.json: `token` is not a JSON pointer: it must begin with a slash, as in "/choices/0/text""#,
    ),
    (
        "task",
        "check.json = { \"a\" = 1 }",
        r#":15: user.u.task[0].check.json.a: `a` is not a JSON pointer: it must begin with a slash, as in "/choices/0/text""#,
    ),
    (
        "capture",
        "capture.token = { header = \"x y\" }",
        ":14: user.u.task[0].capture.token.header: `x y` is not valid in a request: invalid HTTP header name",
    ),
    (
        "top",
        "headers_env = { x-a = \"NOBODY\" }",
        ":1: headers_env.x-a: the environment variable `NOBODY` is not set",
    ),
    ("top", "url = \"localhost:8000\"", ":1: url: `localhost:8000` must begin with http:// or https://"),
    (
        "request",
        "request = { kind = \"http\", path = \"health\" }",
        ":13: user.u.task[0].request.path: `health` is not valid in a request: a path begins with a slash",
    ),
    (
        "feed",
        "[feed.text]\nfile = \"no/such.csv\"",
        ":6: feed.text.file: no/such.csv: cannot be read: No such file or directory (os error 2)",
    ),
    (
        "task",
        "[[user.u.on_stop]]\nname = \"GET /\"\nrequest = { kind = \"http\", path = \"/\" }",
        ":16: user.u.on_stop[0].name: duplicate name `GET /`; names must be unique",
    ),
    (
        "task",
        "retry = { on = [429, \"conect\"] }",
        ":15: user.u.task[0].retry.on[1]: unknown kind of failure `conect` (did you mean `connect`?)",
    ),
    (
        "task",
        "retry = { on = [200] }",
        ":15: user.u.task[0].retry.on[0]: 200 is out of range; expected an HTTP status that is no success (300 to 599)",
    ),
    (
        "task",
        "retry = { attempts = 1 }",
        ":15: user.u.task[0].retry.attempts: 1 is out of range; expected a number of attempts from 2 to 100, the first included",
    ),
    (
        "task",
        "retry = { on = [] }",
        ":15: user.u.task[0].retry.on: missing: a status or a kind of failure (on = [429, \"connect\"])",
    ),
    (
        "task",
        "retry = { delay = \"5s\", max_delay = \"1s\" }",
        ":15: user.u.task[0].retry.max_delay: 1s is out of range; expected a wait of `delay` or more",
    ),
    (
        "task",
        "max_loops = 3",
        ":15: user.u.task[0].max_loops: missing: `tools` (tools = { get_weather = \"18 degrees\" }), without which `max_loops` has no effect",
    ),
    (
        "task",
        "tools = { a = \"b\" }\nmax_loops = 0",
        ":16: user.u.task[0].max_loops: 0 is out of range; expected a number of requests from 1 to 1000",
    ),
];
