//! Mistakes in profiles of models, and in the settings about models.

use super::{File, Row};

/// Files of profiles.
pub(super) const ROWS: &[Row] = &[
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntttf = '1ms'",
        "models.toml:3: model.x.tttf: unknown key (did you mean `ttft`?)",
    ),
    (
        File::Models,
        "[modle.x]\ninherits = 'steady'",
        "models.toml:1: modle: unknown key (did you mean `model`?)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'stedy'",
        "models.toml:2: model.x.inherits: unknown profile `stedy` (did you mean `steady`?)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'x'",
        "models.toml:2: model.x.inherits: inherits from itself: x (models.toml:1) -> x (models.toml:1)",
    ),
    (
        File::Models,
        "[model.a]\ninherits = 'b'\n[model.b]\ninherits = 'a'",
        "models.toml:2: model.a.inherits: inherits from itself: a (models.toml:1) -> b (models.toml:3) -> a (models.toml:1)",
    ),
    (
        File::Models,
        "[model.x]\nsource = 'me'\nttft = '1ms'",
        "models.toml:1: model.x.itl: this key is required, unless `inherits` names a profile that has it",
    ),
    (
        File::Models,
        "[model.x]\nttft = '1ms'\nitl = '1ms'",
        "models.toml:1: model.x.source: this key is required: it names where the figures come from",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nttft = 250",
        "models.toml:3: model.x.ttft: 250 has no unit; write \"250s\" or \"250ms\" if that is what is meant",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nttft = '-1ms'",
        "models.toml:3: model.x.ttft: -1ms is negative; a duration must not be negative",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nttft = '250 mins'",
        "models.toml:3: model.x.ttft: \"250 mins\": unknown unit \"mins\"; h, m, s, ms, us and ns are known",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nttft = { p50 = '5ms', p95 = '1ms' }",
        "models.toml:3: model.x.ttft.p95: 1ms is less than p50, which is 5ms: expected at least as much",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nttft = { p50 = '5ms' }",
        "models.toml:3: model.x.ttft: 1 of p50, p90, p95 and p99 given: expected exactly two of them",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nitl = { mix = [{ share = 0, constant = '1ms' }] }",
        "models.toml:3: model.x.itl.mix[0].share: 0 is out of range: expected a number above 0 and up to 1000000000",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nitl = { mix = [] }",
        "models.toml:3: model.x.itl.mix: is missing: expected at least one entry",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nitl = { mix = [{ share = -1, constant = '1ms' }] }",
        "models.toml:3: model.x.itl.mix[0].share: -1 is out of range: expected a number above 0 and up to 1000000000",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nitl = { normal = { mean = '1ms', sd = '1ms', min = '9ms' } }",
        "models.toml:3: model.x.itl.normal: less than a tenth of the distribution lies above 9ms: expected a larger mean, a smaller spread or a smaller `min`",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nitl = { speculative = { draft = 4, acceptance = 0.5 } }",
        "models.toml:3: model.x.itl.speculative: unknown key; expected one of `p50`, `p90`, `p95`, `p99`, `mean`, `sd`, `cv`, `constant`, `between`, `normal`, `log_normal`, `gamma`, `exponential`, `pareto`, `mix`, `values`",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nttft_per_uncached_token = 1",
        "models.toml:3: model.x.ttft_per_uncached_token: 1 has no unit; write \"1s\" or \"1ms\" if that is what is meant",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = 0",
        "models.toml:3: model.x.tokens_per_event: expected 1 to 256 tokens on average, found 0",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = -2",
        "models.toml:3: model.x.tokens_per_event: -2 is negative: expected a number of at least 0",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = '4'",
        "models.toml:3: model.x.tokens_per_event: expected a number without quotes, found \"4\"",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = 1000",
        "models.toml:3: model.x.tokens_per_event: expected 1 to 256 tokens on average, found 1000",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 4 } }",
        "models.toml:3: model.x.tokens_per_event.speculative.acceptance: is missing: expected a number",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 0, acceptance = 0.7 } }",
        "models.toml:3: model.x.tokens_per_event.speculative.draft: 0 is out of range: expected a whole number from 1 to 64",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 2.5, acceptance = 0.7 } }",
        "models.toml:3: model.x.tokens_per_event.speculative.draft: 2.5 is out of range: expected a whole number from 1 to 64",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 4, acceptance = 70 } }",
        "models.toml:3: model.x.tokens_per_event.speculative.acceptance: 70 is out of range: expected a number from 0 to 1",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 4, acceptence = 0.7 } }",
        "models.toml:3: model.x.tokens_per_event.speculative.acceptence: unknown key (did you mean `acceptance`?)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nspeed_spread = -1.0",
        "models.toml:3: model.x.speed_spread: expected a coefficient of variation from 0 to 2, found -1",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\noutput_tokens = -5",
        "models.toml:3: model.x.output_tokens: -5 is negative: expected a number of at least 0",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\noutput_tokens = '5ms'",
        "models.toml:3: model.x.output_tokens: expected a number without quotes, found \"5ms\"",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ncontext = 0",
        "models.toml:3: model.x.context: expected a whole number of at least 1, found 0",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ncontext = -1",
        "models.toml:3: model.x.context: expected a whole number from 0 to 4294967295, found -1",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nembedding_dimensions = 100_000",
        "models.toml:3: model.x.embedding_dimensions: expected a whole number from 1 to 8192, found 100000",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nfamilies = ['*']",
        "models.toml:3: model.x.families: expected a pattern such as \"gpt-*\" of at most 100 bytes, found \"*\"",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nfamilies = 'gpt-*'",
        "models.toml:3: model.x.families: expected a list, found the text \"gpt-*\"",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\naliases = ['y']\n[model.y]\ninherits = 'steady'",
        "models.toml:3: model.x.aliases[0]: `y` is already the name of a profile (models.toml:4)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\naliases = ['one']\n[model.y]\ninherits = 'steady'\naliases = ['two', 'one']",
        "models.toml:6: model.y.aliases[1]: `one` is already an alias of `x` (models.toml:3)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\naliases = ['one', 'one']",
        "models.toml:3: model.x.aliases[1]: `one` is already an alias of `x` (models.toml:3)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\naliases = ['']",
        "models.toml:3: model.x.aliases[0]: expected a name of 1 to 256 bytes without `*`, found \"\"; patterns such as \"gpt-*\" belong into `families`",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\naliases = ['gpt-9*']",
        "models.toml:3: model.x.aliases[0]: expected a name of 1 to 256 bytes without `*`, found \"gpt-9*\"; patterns such as \"gpt-*\" belong into `families`",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nestimated = ''",
        "models.toml:3: model.x.estimated: expected a text that names what it was estimated from, found \"\"",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nestimated = true",
        "models.toml:3: model.x.estimated: expected text, found true",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nsays = 'ecco'",
        "models.toml:3: model.x.says: unknown value `ecco` (did you mean `echo`?)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nsays = { script = 'weather' }",
        "models.toml:3: model.x.says.script: unknown script `weather` (did you mean `weather-agent`?)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nprice = { input_per_million = -1, output_per_million = 1 }",
        "models.toml:3: model.x.price.input_per_million: expected a number of at least 0, found -1",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nprice = { input_per_million = 1 }",
        "models.toml:3: model.x.price.output_per_million: this key is required",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nprice = { input_per_million = 1, output_per_million = 1, as_of = '2025' }",
        "models.toml:3: model.x.price.as_of: expected a month such as \"2025-08\", found \"2025\"",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nreasoning = { shown = false }",
        "models.toml:3: model.x.reasoning.tokens: this key is required: the tokens of reasoning with a medium effort",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nreasoning = { tokens = 5, default_effort = 'hihg' }",
        "models.toml:3: model.x.reasoning.default_effort: unknown value `hihg` (did you mean `high`?)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nreasoning = { tokens = 5, factor = { high = -1 } }",
        "models.toml:3: model.x.reasoning.factor.high: expected a number from 0 to 1000, found -1",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nreasoning = { tokens = 5, factor = { hihg = 1 } }",
        "models.toml:3: model.x.reasoning.factor.hihg: unknown key (did you mean `high`?)",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nreasoning = { tokens = '5s' }",
        "models.toml:3: model.x.reasoning.tokens: expected a number without quotes, found \"5s\"",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nttft = '1ms'\nttft = '2ms'",
        "models.toml:4: invalid TOML: duplicate key `ttft`",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nttft = '1ms",
        "models.toml:3: invalid TOML: invalid literal string, expected `'`",
    ),
];

/// Settings of the server.
pub(super) const SETTINGS: &[Row] = &[
    (
        File::Settings,
        "[models]\nunknown = 'acept'",
        "server.toml:2: models.unknown: unknown value `acept` (did you mean `accept`?)",
    ),
    (
        File::Settings,
        "[models]\ndefalt = 'steady'",
        "server.toml:2: models.defalt: unknown key (did you mean `default`?)",
    ),
    (File::Settings, "[models]\ndefault = 5", "server.toml:2: models.default: expected text, found 5"),
];
