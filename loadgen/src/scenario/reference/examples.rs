//! An example of each key, as it is written in a scenario.

/// Examples by the table of the key. Requests of several kinds share some.
const EXAMPLES: [(&str, &[&str]); 23] = [
    (
        "",
        &[
            "about = \"Mostly chat\"",
            "api_key_env = \"OPENAI_API_KEY\"",
            "bands = { \"e2e.p95\" = [\"1s\", \"5s\"], errors = [\"1%\", \"5%\"] }",
            "ca_file = \"company-ca.pem\"",
            "classes = [\"reader\"]",
            "feed = { question = { rows = [\"Why?\", \"How?\"] } }",
            "goodput = [\"ttft < 500ms, tpot < 30ms\"]",
            "headers = { X-Team = \"search\" }",
            "headers_env = { X-API-Key = \"MY_KEY\" }",
            "load = { users = 20, run_time = \"1m\" }",
            "price = { \"gpt-4o*\" = { input_per_million = 2.5, output_per_million = 10.0 } }",
            "thresholds = { all = [\"errors < 1%\", \"e2e.p95 < 2s\"] }",
            "timeouts = { headers = \"30s\" }",
            "url = \"http://127.0.0.1:8000\"",
            "user = { reader = { task = [{ request = { kind = \"http\", path = \"/\" } }] } }",
            "variant = { surge = { load = { users = 200, run_time = \"1m\" } } }",
        ],
    ),
    (
        "RawLoad",
        &[
            "arrivals = \"poisson\"",
            "burstiness = 0.5",
            "concurrency = 50",
            "cool_down = \"5s\"",
            "cv = 2.0",
            "grace = \"30s\"",
            "max_in_flight = 2000",
            "rate = \"100/s\"",
            "requests = 1000",
            "run_time = \"5m\"",
            "search = { from = 10, to = 500, limits = [\"e2e.p95 < 2s\"] }",
            "spawn_rate = \"10/s\"",
            "stages = [{ for = \"30s\", users = 50 }, { for = \"10s\", users = 0 }]",
            "users = 20",
            "warm_up = \"10s\"",
        ],
    ),
    ("RawStage", &["for = \"30s\"", "jump = true", "rate = \"50/s\"", "users = 50"]),
    (
        "RawSearch",
        &[
            "confirm = 1",
            "from = 10",
            "limits = [\"e2e.p95 < 2s\"]",
            "over = \"rate\"",
            "precision = 0.1",
            "settle = \"10s\"",
            "step = 1.5",
            "step_time = \"30s\"",
            "to = 500",
        ],
    ),
    (
        "RawUser",
        &[
            "on_start = [{ request = { kind = \"http\", path = \"/login\" } }]",
            "on_stop = [{ request = { kind = \"http\", path = \"/logout\" } }]",
            "task = [{ request = { kind = \"http\", path = \"/\" } }]",
            "think = { between = [\"1s\", \"3s\"] }",
            "weight = 4",
        ],
    ),
    (
        "RawTask",
        &[
            "capture = { id = { json = \"/id\" } }",
            "check = { status = 200, over = \"5s\" }",
            "expect_429 = true",
            "max_loops = 5",
            "name = \"ask\"",
            "pause = \"2s\"",
            "request = { kind = \"http\", path = \"/ask\", body = { q = \"Why?\" } }",
            "retry = { on = [429, 503], attempts = 3, honour_retry_after = true }",
            "think = \"500ms\"",
            "tools = { get_weather = \"18 degrees\" }",
            "turns = 5",
            "weight = 4",
        ],
    ),
    (
        "RawRetry",
        &[
            "attempts = 5",
            "delay = \"250ms\"",
            "honour_retry_after = false",
            "jitter = false",
            "max_delay = \"10s\"",
            "on = [429, 503, \"connect\"]",
        ],
    ),
    (
        "RawHook",
        &[
            "capture = { token = { json = \"/access_token\" } }",
            "check = { status = 201 }",
            "name = \"sign in\"",
            "request = { kind = \"http\", path = \"/login\", body = { user = \"{{ user }}\" } }",
        ],
    ),
    (
        "RawCheck",
        &[
            "body_contains = \"ok\"",
            "json = { \"/status\" = \"ok\", \"/data/id\" = { exists = true } }",
            "limits = \"ttft < 500ms, tpot < 30ms\"",
            "over = \"5s\"",
            "status = [200, 201]",
        ],
    ),
    ("RawCapture", &["header = \"location\"", "json = \"/access_token\""]),
    (
        "RawTimeouts",
        &["connect = \"2s\"", "headers = \"30s\"", "idle = \"10s\"", "tls = \"2s\"", "total = \"1m\""],
    ),
    ("RawFeed", &["file = \"accounts.csv\"", "order = \"random\"", "rows = [\"Why?\", \"How?\"]"]),
    ("ModelPrice", &["input_per_million = 0.15", "output_per_million = 0.60"]),
    ("LimitTable", &["abort = true", "after = \"30s\"", "limit = \"errors < 20%\""]),
    (
        "RawVariant",
        &[
            "about = \"a short surge\"",
            "classes = [\"reader\"]",
            "load = { users = 200, run_time = \"1m\" }",
            "thresholds = { all = \"errors < 5%\" }",
        ],
    ),
    ("openai.chat", &["kind = \"openai.chat\"", "extra = { top_p = 0.9 }"]),
    ("openai.completions", &["kind = \"openai.completions\"", "extra = { top_p = 0.9 }"]),
    ("openai.responses", &["kind = \"openai.responses\"", "extra = { store = false }"]),
    (
        "openai.embeddings",
        &[
            "kind = \"openai.embeddings\"",
            "model = \"text-embedding-3-small\"",
            "extra = { dimensions = 256 }",
        ],
    ),
    (
        "anthropic.messages",
        &["kind = \"anthropic.messages\"", "model = \"claude-3-5-haiku\"", "extra = { top_k = 5 }"],
    ),
    ("chain", &["kind = \"chain\""]),
    ("chain_stream", &["kind = \"chain_stream\""]),
    ("http", &["kind = \"http\"", "body = { question = \"Why?\" }"]),
];

/// Examples of keys of requests, for the kinds without one of their own.
const OF_REQUESTS: [&str; 20] = [
    "body = { text = \"Why?\" }",
    "chain = \"summarize_text\"",
    "content = \"/delta\"",
    "event = [\"token\", \"reasoning\"]",
    "events = \"any\"",
    "headers = { X-Request = \"{{ n }}\" }",
    "input = \"Why?\"",
    "max_tokens = 200",
    "messages = [{ role = \"user\", content = \"Why?\" }]",
    "method = \"PUT\"",
    "model = \"gpt-4o-mini\"",
    "parallel = true",
    "path = \"/ask?lang=en\"",
    "prompt = \"Question {{ n }}\"",
    "prompt_tokens = { p50 = 200, p95 = 2000 }",
    "shared_prefix_tokens = 1000",
    "stream = true",
    "system = \"Answer briefly.\"",
    "temperature = 0.7",
    "tools = [{ type = \"function\", function = { name = \"get_time\" } }]",
];

/// Returns the example of a key in a table.
pub(super) fn example(table: &str, key: &str) -> Option<&'static str> {
    let of_key = |example: &&str| example.split(" = ").next() == Some(key);
    let own =
        EXAMPLES.iter().filter(|(name, _)| *name == table).flat_map(|(_, examples)| examples.iter().copied());
    let is_request = table.chars().next().is_some_and(char::is_lowercase);
    let shared = OF_REQUESTS.into_iter().filter(|_| is_request);
    own.chain(shared).find(|example| of_key(example))
}
