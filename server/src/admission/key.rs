//! The limits of one key and their usage.

use std::{
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use super::{
    limit::{LimitExceeded, LimitKind, Meter, RateExceeded, RateView, take_all},
    quota::Quota,
    tokens::TokenCost,
};
use crate::{
    config::{Limit, Limits},
    telemetry::KeyCounters,
};

/// The current usage of one key's limits.
#[derive(Debug)]
pub(super) struct KeyState {
    /// `None` without any limit per time.
    rates: Option<Mutex<Rates>>,
    concurrent_max: Option<NonZeroU32>,
    concurrent: Arc<AtomicU32>,
    pub(super) counters: Arc<KeyCounters>,
}

/// The usage of all limits per time.
#[derive(Debug)]
struct Rates {
    requests: RequestRates,
    tokens: Vec<Meter>,
}

/// The limits of requests.
#[derive(Debug)]
enum RequestRates {
    /// A single plain bucket.
    Quota(Limit, Quota),
    /// Any others.
    Meters(Vec<Meter>),
}

/// A call that counts against its key until it is dropped.
#[derive(Debug)]
pub(crate) struct ConcurrencyPermit(Arc<AtomicU32>);

impl Drop for ConcurrencyPermit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Why a request exceeds its key's limits.
#[derive(Debug)]
pub(super) enum Exhausted {
    Rate(Box<RateExceeded>),
    Concurrent { max: u32 },
}

impl KeyState {
    pub(super) fn new(limits: &Limits, now: Instant, counters: Arc<KeyCounters>) -> Self {
        let tokens = [
            (LimitKind::Tokens, &limits.tokens),
            (LimitKind::InputTokens, &limits.input_tokens),
            (LimitKind::OutputTokens, &limits.output_tokens),
        ];
        let meters = |(kind, limits): (LimitKind, &Vec<Limit>)| {
            limits.iter().map(|limit| Meter::new(kind, *limit)).collect::<Vec<_>>()
        };
        let quota = match &*limits.requests {
            [limit] => Quota::new(*limit, now).map(|quota| RequestRates::Quota(*limit, quota)),
            _ => None,
        };
        let requests =
            quota.unwrap_or_else(|| RequestRates::Meters(meters((LimitKind::Requests, &limits.requests))));
        let rates = Rates { requests, tokens: tokens.into_iter().flat_map(meters).collect() };
        Self {
            rates: (!rates.is_empty()).then(|| Mutex::new(rates)),
            concurrent_max: limits.concurrent,
            concurrent: Arc::default(),
            counters,
        }
    }

    /// Takes a concurrency permit and a request of each limit. A refused call takes neither.
    pub(super) fn enter(&self, now: Instant) -> Result<(Option<ConcurrencyPermit>, RateView), Exhausted> {
        let slot = self.take_slot()?;
        let Some(mut rates) = self.rates() else { return Ok((slot, RateView::default())) };
        let taken = rates.take_request(now);
        drop(rates);
        match taken {
            (view, Ok(())) => Ok((slot, view)),
            (view, Err(exceeded)) => Err(Exhausted::Rate(Box::new(RateExceeded { view, exceeded }))),
        }
    }

    /// Takes the tokens that a request may cost. A refused request takes none. `view` has the states after it.
    pub(super) fn reserve(
        &self,
        now: Instant,
        cost: TokenCost,
        view: &mut RateView,
    ) -> Result<(), LimitExceeded> {
        let Some(mut rates) = self.rates() else { return Ok(()) };
        let taken = take_all(&mut rates.tokens, now, |kind| cost.of(kind));
        rates.view_tokens(now, view);
        taken
    }

    /// Replaces the tokens that were reserved at `taken` by those that the request did cost.
    pub(super) fn settle(&self, now: Instant, taken: Instant, reserved: TokenCost, actual: TokenCost) {
        let Some(mut rates) = self.rates() else { return };
        for meter in &mut rates.tokens {
            meter.settle(now, taken, reserved.of(meter.kind), actual.of(meter.kind));
        }
    }

    fn rates(&self) -> Option<MutexGuard<'_, Rates>> {
        self.rates.as_ref().map(|rates| rates.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take_slot(&self) -> Result<Option<ConcurrencyPermit>, Exhausted> {
        let Some(max) = self.concurrent_max.map(NonZeroU32::get) else { return Ok(None) };
        self.concurrent
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |open| (open < max).then_some(open + 1))
            .map(|_| Some(ConcurrencyPermit(Arc::clone(&self.concurrent))))
            .map_err(|_| Exhausted::Concurrent { max })
    }
}

impl Rates {
    fn is_empty(&self) -> bool {
        let has_requests = match &self.requests {
            RequestRates::Quota(..) => true,
            RequestRates::Meters(meters) => !meters.is_empty(),
        };
        !has_requests && self.tokens.is_empty()
    }

    /// Takes a request of all limits, or of none.
    fn take_request(&mut self, now: Instant) -> (RateView, Result<(), LimitExceeded>) {
        let mut view = RateView::default();
        let taken = match &mut self.requests {
            RequestRates::Quota(limit, quota) => {
                let (state, taken) = quota.take(now);
                view.requests = Some(state);
                taken.map_err(|wait| LimitExceeded::new(LimitKind::Requests, *limit, state, 1, Some(wait)))
            }
            RequestRates::Meters(meters) => {
                let taken = take_all(meters, now, |_| 1);
                meters.iter_mut().for_each(|meter| view.add(meter.kind, meter.view(now)));
                taken
            }
        };
        self.view_tokens(now, &mut view);
        (view, taken)
    }

    fn view_tokens(&mut self, now: Instant, view: &mut RateView) {
        for kind in [LimitKind::Tokens, LimitKind::InputTokens, LimitKind::OutputTokens] {
            *view.of(kind) = None;
        }
        self.tokens.iter_mut().for_each(|meter| view.add(meter.kind, meter.view(now)));
    }
}

#[cfg(test)]
mod recount;
#[cfg(test)]
mod tests;
