//! Mistakes in profiles of models, and in the settings about models.

use super::{File, Row};

/// Files of profiles.
pub(super) const ROWS: &[Row] = &[
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntttf = '1ms'",
        "models.toml:3: model.x.tttf: unknown key (did you mean `ttft`?)",
    ),
    (File::Models, "[modle.x]\ninherits = 'steady'", "?"),
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
    (File::Models, "[model.x]\ninherits = 'steady'\nttft = 250", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nttft = '-1ms'", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nttft = '250 mins'", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nttft = { p50 = '5ms', p95 = '1ms' }", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nttft = { p50 = '5ms' }", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nitl = { mix = [{ share = 0, constant = '1ms' }] }", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nitl = { mix = [] }", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nitl = { mix = [{ share = -1, constant = '1ms' }] }", "?"),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nitl = { normal = { mean = '1ms', sd = '1ms', min = '9ms' } }",
        "?",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nitl = { speculative = { draft = 4, acceptance = 0.5 } }",
        "?",
    ),
    (File::Models, "[model.x]\ninherits = 'steady'\nttft_per_uncached_token = 1", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\ntokens_per_event = 0", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\ntokens_per_event = -2", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\ntokens_per_event = '4'", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\ntokens_per_event = 1000", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 4 } }", "?"),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 0, acceptance = 0.7 } }",
        "?",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 2.5, acceptance = 0.7 } }",
        "?",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 4, acceptance = 70 } }",
        "?",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ntokens_per_event = { speculative = { draft = 4, acceptence = 0.7 } }",
        "?",
    ),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nspeed_spread = -1.0",
        "models.toml:3: model.x.speed_spread: expected a coefficient of variation from 0 to 2, found -1",
    ),
    (File::Models, "[model.x]\ninherits = 'steady'\noutput_tokens = -5", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\noutput_tokens = '5ms'", "?"),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\ncontext = 0",
        "models.toml:3: model.x.context: expected a whole number of at least 1, found 0",
    ),
    (File::Models, "[model.x]\ninherits = 'steady'\ncontext = -1", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nembedding_dimensions = 100_000", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nfamilies = ['*']", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nfamilies = 'gpt-*'", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\naliases = ['gpt-4o-mini']", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\naliases = ['y']\n[model.y]\ninherits = 'steady'", "?"),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\naliases = ['one']\n[model.y]\ninherits = 'steady'\naliases = ['two', 'one']",
        "?",
    ),
    (File::Models, "[model.x]\ninherits = 'steady'\naliases = ['one', 'one']", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\naliases = ['']", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\naliases = ['gpt-9*']", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nestimated = ''", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nestimated = true", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nsays = 'ecco'", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nsays = { script = 'weather' }", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nengine = 'batch'", "?"),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nprice = { input_per_million = -1, output_per_million = 1 }",
        "?",
    ),
    (File::Models, "[model.x]\ninherits = 'steady'\nprice = { input_per_million = 1 }", "?"),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nprice = { input_per_million = 1, output_per_million = 1, as_of = '2025' }",
        "?",
    ),
    (File::Models, "[model.x]\ninherits = 'steady'\nreasoning = { shown = false }", "?"),
    (
        File::Models,
        "[model.x]\ninherits = 'steady'\nreasoning = { tokens = 5, default_effort = 'hihg' }",
        "?",
    ),
    (File::Models, "[model.x]\ninherits = 'steady'\nreasoning = { tokens = 5, factor = { high = -1 } }", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nreasoning = { tokens = 5, factor = { hihg = 1 } }", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nreasoning = { tokens = '5s' }", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nttft = '1ms'\nttft = '2ms'", "?"),
    (File::Models, "[model.x]\ninherits = 'steady'\nttft = '1ms", "?"),
];

/// Settings of the server.
pub(super) const SETTINGS: &[Row] = &[
    (File::Settings, "[models]\ndefault = 'gpt-4o-mni'", "?"),
    (File::Settings, "[models]\nunknown = 'acept'", "?"),
    (File::Settings, "[models]\ndefalt = 'steady'", "?"),
    (File::Settings, "[models]\ndefault = 5", "?"),
];
