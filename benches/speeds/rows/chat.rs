//! Chat without simulated delay, compared with the bare axum server.

use anyhow::Result;

use super::BenchContext;
use crate::{
    client,
    comparison::{Side, compare},
    server::Server,
    table::{Row, Verdict},
};

const TOKENS: u32 = 64;

/// Responses without streaming.
pub(super) fn plain(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let (ours, ceiling) = measure(context, false)?;
    let ratio = ours.per_second() / ceiling.per_second();
    Ok(vec![Row {
        name: "plain chat, no delay".to_owned(),
        measured: format!("{:.0} req/s", ours.per_second()),
        beside: format!("{:.0} req/s", ceiling.per_second()),
        ratio: Some(ratio),
        needed: "≥ 0.6, aim 0.8".to_owned(),
        verdict: Verdict::of(ratio >= 0.6),
        note: Some(note(&ours, &ceiling)),
    }])
}

/// Streamed responses.
pub(super) fn streamed(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let (ours, ceiling) = measure(context, true)?;
    let ratio = ours.per_second() / ceiling.per_second();
    let tokens = |side: &Side| side.per_second() * f64::from(TOKENS) / 1e6;
    Ok(vec![Row {
        name: format!("streamed chat, no delay, {TOKENS} tokens"),
        measured: format!("{:.2} M tokens/s", tokens(&ours)),
        beside: format!("{:.2} M tokens/s", tokens(&ceiling)),
        ratio: Some(ratio),
        needed: "≥ 1.0, aim 4 M".to_owned(),
        verdict: Verdict::of(ratio >= 1.0),
        note: Some(note(&ours, &ceiling)),
    }])
}

fn measure(context: &BenchContext<'_>, stream: bool) -> Result<(Side, Side)> {
    let request = client::chat("instant", TOKENS, stream);
    let mut ours = Side::new(Server::weir(context.machine, &[])?, request.clone());
    let mut ceiling = Side::new(Server::ceiling(context.machine)?, request);
    compare(context, &mut ours, &mut ceiling)?;
    Ok((ours, ceiling))
}

fn note(ours: &Side, ceiling: &Side) -> String {
    // The better measure if the client, or other load on the machine, kept the servers from being busy.
    let ratio = ceiling.cpu_us() / ours.cpu_us();
    format!("by processor time the ratio is {ratio:.2}; weir {}; ceiling {}", ours.note(), ceiling.note())
}
