//! All figures of one model.

use std::fmt::Write as _;

use weir_model::{Effort, NameMatch, Profile, ReasoningPhase, ReasoningVisibility};
use weir_results::units;

use super::list::speed;

/// The prompts for which the saturation of shared replicas is shown.
pub(super) const SATURATION_PROMPT_TOKENS: u32 = 512;

/// The figures of the model that answers to `name`, a line each.
pub(super) fn text(profile: &Profile, name: &str, name_match: NameMatch<'_>) -> String {
    let mut text = format!("{}{}\n\n", profile.name, matched(name, name_match));
    for (label, value) in rows(profile) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {label:<18}  {value}");
    }
    text
}

/// How the name leads to the profile, unless it is the profile's.
fn matched(name: &str, name_match: NameMatch<'_>) -> String {
    match name_match {
        NameMatch::Name => String::new(),
        NameMatch::Alias(alias) => format!(": `{alias}` is an alias"),
        NameMatch::Family(pattern) => format!(": `{name}` is of its family `{pattern}`"),
    }
}

fn rows(profile: &Profile) -> Vec<(&'static str, String)> {
    let ttft = [0.5, 0.95, 0.99].map(|share| units::duration(profile.ttft.quantile(share)));
    let itl = [0.5, 0.95, 0.99].map(|share| units::duration(profile.itl.quantile(share)));
    let mut rows = vec![
        (
            "expected TTFT",
            format!("{} (p50, first visible token)", units::duration(profile.median_visible_ttft())),
        ),
        ("tokens/s", speed(profile)),
        ("TTFT", format!("{} / {} / {} (p50 / p95 / p99)", ttft[0], ttft[1], ttft[2])),
        ("per uncached token", units::duration(profile.ttft_per_uncached_token)),
        (
            "ITL",
            format!(
                "{} / {} / {} (p50 / p95 / p99), mean {}",
                itl[0],
                itl[1],
                itl[2],
                units::duration(profile.itl.mean())
            ),
        ),
        ("tokens per event", format!("{} on average", units::figure(profile.tokens_per_event.mean()))),
        (
            "speed spread",
            format!("{} between answers (coefficient of variation)", units::percent(profile.speed_spread)),
        ),
        ("output tokens", format!("{} on average", units::figure(profile.output_tokens.mean()))),
        ("context", format!("{} tokens", units::count(profile.context.into()))),
    ];
    rows.extend(profile.saturation(SATURATION_PROMPT_TOKENS).map(|saturation| {
        let [tokens, requests] =
            [saturation.tokens_per_second, saturation.requests_per_second].map(units::figure);
        let text = format!(
            "{tokens} tokens/s, {requests} requests/s with prompts of {SATURATION_PROMPT_TOKENS} tokens"
        );
        ("saturates at", text)
    }));
    rows.extend(profile.reasoning.as_ref().map(|phase| ("reasoning", reasoning(phase))));
    rows.extend(profile.price.map(|price| {
        let as_of = price.as_of.map(|month| format!(", as of {month}")).unwrap_or_default();
        let [input, output] = [price.input_per_million, price.output_per_million].map(units::dollars);
        ("price", format!("{input} in, {output} out per million tokens{as_of}"))
    }));
    rows.push(("owned by", profile.owned_by.clone()));
    rows.push(("source", profile.source.clone()));
    rows.extend(profile.estimated.clone().map(|from| ("estimated", from)));
    let lists = [
        ("inherits", " -> ", &profile.inherits),
        ("aliases", ", ", &profile.aliases),
        ("families", ", ", &profile.families),
    ];
    let lists = lists.into_iter().filter(|(_, _, items)| !items.is_empty());
    rows.extend(lists.map(|(label, separator, items)| (label, items.join(separator))));
    rows
}

fn reasoning(phase: &ReasoningPhase) -> String {
    let tokens =
        [Effort::Low, Effort::Medium, Effort::High].map(|effort| units::figure(phase.mean(Some(effort))));
    let visibility = match phase.visibility {
        ReasoningVisibility::Shown => "shown",
        ReasoningVisibility::Hidden => "hidden",
    };
    let [low, medium, high] = tokens;
    format!(
        "{low} / {medium} / {high} tokens on average (low / medium / high), {visibility}, default effort {}",
        phase.default_effort
    )
}

#[cfg(test)]
mod tests {
    use weir_model::Catalog;

    use super::*;

    fn shown(name: &str) -> String {
        let models = Catalog::embedded().unwrap();
        let (profile, name_match) = models.find(name).unwrap();
        text(profile, name, name_match)
    }

    #[test]
    fn text_has_every_figure_and_how_the_name_matched() {
        insta::assert_snapshot!(shown("openai/o3-2025-04-16"), @"
        o3: `o3-2025-04-16` is an alias

          expected TTFT       9.87 s (p50, first visible token)
          tokens/s            81.0
          TTFT                390 ms / 660 ms / 821 ms (p50 / p95 / p99)
          per uncached token  0 µs
          ITL                 11.1 ms / 14.9 ms / 78.0 ms (p50 / p95 / p99), mean 12.3 ms
          tokens per event    1.00 on average
          speed spread        8.00 % between answers (coefficient of variation)
          output tokens       173 on average
          context             200 000 tokens
          reasoning           274 / 1 095 / 4 382 tokens on average (low / medium / high), hidden, default effort medium
          price               $2.00 in, $8.00 out per million tokens, as of 2025-06
          owned by            openai
          source              estimated: figures of gpt-4o: none are published for this model; the length of reasoning is assumed
          estimated           figures of gpt-4o: none are published for this model; the length of reasoning is assumed
          inherits            gpt-4o
          aliases             o3-2025-04-16
        ");
        let batching = shown("llama-3.3-70b-tp4");
        let rows: Vec<&str> =
            batching.lines().filter(|line| line.contains("tokens/s") || line.contains("TTFT")).collect();
        insta::assert_snapshot!(rows.join("\n"), @"
          expected TTFT       41.8 ms (p50, first visible token)
          tokens/s            23.8
          TTFT                41.8 ms / 41.8 ms / 41.8 ms (p50 / p95 / p99)
          saturates at        1 232 tokens/s, 6.24 requests/s with prompts of 512 tokens
          source              fitted to vLLM, TP4 on NC96ads A100, ShareGPT (public gists of surajssd): at 1 request/s TTFT 128/377 ms (p50/p99), TPOT 44.6/58.0, ITL 43.9/132; at 4 requests/s 220/607, 73.8/129, 55.5/-
        ");
        insta::assert_snapshot!(shown("gpt-9").lines().next().unwrap(), @"gpt-4o-mini: `gpt-9` is of its family `gpt-*`");
    }
}
