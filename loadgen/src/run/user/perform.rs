//! Performs a task once: one request, or the requests of a conversation.

use std::time::Instant;

use weir_pace::{Rng, instant_after};
use weir_wire::Request;

use crate::record::{FailureKind, Problem, Verdict};
use crate::run::context::{WaitOutcome, WorkerContext};
use crate::run::exchange::{Call, Connection, Transport, exchange, unsent};
use crate::run::plan::TaskPlan;
use crate::scenario::Session;
use crate::task::{Conversation, Reply, TemplateContext};

use super::attempts::Attempts;
use super::virtual_user::VirtualUser;

/// What a user must know of a request.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestOutcome {
    Completed,
    /// It failed, or was rate limited.
    Refused,
    /// No connection could be opened: the user must wait before it tries again.
    Unreachable,
}

/// Performs a task once. The caller has been admitted for its first request, which should start at `intended`; the later
/// turns of a conversation are admitted here.
pub(crate) async fn perform<T: Transport>(
    worker: &WorkerContext<T>,
    connection: &mut impl Connection,
    task: usize,
    intended: Instant,
    user: &VirtualUser,
    rng: &mut Rng,
) -> RequestOutcome {
    match worker.plan.tasks.get(task).and_then(|plan| plan.session.as_ref()) {
        None => request(worker, connection, task, intended, user, rng, None).await,
        // Boxed, so that the futures of users without conversations are smaller.
        Some(session) => Box::pin(converse(worker, connection, task, session, intended, user, rng)).await,
    }
}

/// Sends turn after turn until the conversation has its drawn length, a turn fails, or no more requests may start.
async fn converse<T: Transport>(
    worker: &WorkerContext<T>,
    connection: &mut impl Connection,
    task: usize,
    session: &Session,
    mut intended: Instant,
    user: &VirtualUser,
    rng: &mut Rng,
) -> RequestOutcome {
    let turns = session.turns.sample(rng);
    let mut conversation = Conversation::default();
    loop {
        let (turn, reach, began) = (conversation.turn(), conversation.reach(), worker.clock.now());
        // An agent goes on until the model answers without calling tools, or a request fails.
        let outcome = loop {
            let outcome =
                request(worker, connection, task, intended, user, rng, Some(&mut conversation)).await;
            if outcome != RequestOutcome::Completed || !conversation.is_in_turn() || !worker.admit() {
                break outcome;
            }
            intended = worker.clock.now();
        };
        if conversation.reach() != reach {
            worker.recorder.borrow_mut().record_shortened();
        }
        let was_answered = conversation.turn() > turn;
        if was_answered {
            let took = worker.clock.now().saturating_duration_since(began);
            worker.recorder.borrow_mut().record_turn(task, began, took, &conversation.last_turn());
        }
        let is_over = !was_answered || u64::from(turn) >= turns;
        if is_over || !wait_for_turn(worker, session, &mut intended, rng).await {
            return outcome;
        }
    }
}

/// Waits for the pause between two turns, and sets the intended start of the next; `false` if there is none.
async fn wait_for_turn<T>(
    worker: &WorkerContext<T>,
    session: &Session,
    intended: &mut Instant,
    rng: &mut Rng,
) -> bool {
    let pause = session.pause.sample(rng);
    *intended = instant_after(worker.clock.now(), pause);
    if !pause.is_zero() {
        if worker.wait(*intended).await == WaitOutcome::Closed {
            return false;
        }
        worker.record_lateness(*intended);
    }
    worker.admit()
}

/// Sends one request of a task, reads its answer and records it.
async fn request<T: Transport>(
    worker: &WorkerContext<T>,
    connection: &mut impl Connection,
    task: usize,
    intended: Instant,
    user: &VirtualUser,
    rng: &mut Rng,
    mut conversation: Option<&mut Conversation>,
) -> RequestOutcome {
    #[expect(clippy::expect_used, reason = "a request that is not sent must not count as completed")]
    let plan = worker.plan.tasks.get(task).expect("the plan numbers its tasks");
    worker.request_started(intended);
    let mut gaps = worker.take_gaps();
    let rendered = render(worker, plan, user, rng, conversation.as_deref_mut());
    let (sample, captured) = match &rendered {
        Ok(request) => {
            let mut reply = conversation.is_some().then(Reply::default);
            let call = Call { task: plan, request, intended, reply: reply.as_mut() };
            let sent = match &plan.retry {
                None => Some(exchange(connection, call, &worker.clock, &worker.body_budget, &mut gaps).await),
                // Boxed, so that the futures of users without retries are smaller.
                Some(policy) => {
                    let attempts = Attempts { policy, task, rng };
                    Box::pin(attempts.exchange(worker, connection, call, &mut gaps)).await
                }
            };
            let Some((mut sample, captured)) = sent else {
                // The load ended during the wait for the next attempt: the request is unfinished.
                worker.return_gaps(gaps);
                return RequestOutcome::Refused;
            };
            if sample.verdict == Verdict::Completed {
                match plan.check.durations(&sample) {
                    Err(problem) => sample.verdict = Verdict::Failed(problem),
                    Ok(()) => add_to_history(plan, conversation, reply),
                }
            }
            (sample, captured)
        }
        Err(problem) => (unsent(intended, worker.clock.now(), problem.clone()), Vec::new()),
    };
    worker.request_ended(intended);

    let outcome = match &sample.verdict {
        Verdict::Failed(problem) => {
            if problem.kind.is_unreachable() || problem.kind == FailureKind::Generator {
                RequestOutcome::Unreachable
            } else {
                RequestOutcome::Refused
            }
        }
        Verdict::Completed => {
            user.variables.borrow_mut().keep(captured);
            RequestOutcome::Completed
        }
        Verdict::RateLimited => RequestOutcome::Refused,
    };
    let redaction = worker.plan.redaction(plan, rendered.as_ref().ok());
    worker.record(task, &sample, &gaps, redaction);
    worker.return_gaps(gaps);
    outcome
}

/// Adds an answer to its conversation, if it is part of one.
fn add_to_history(plan: &TaskPlan, conversation: Option<&mut Conversation>, reply: Option<Reply>) {
    let tools = plan.session.as_ref().and_then(|session| session.tools.as_ref());
    if let (Some(conversation), Some(history)) = (conversation, plan.reading.history()) {
        conversation.answer(reply.unwrap_or_default(), history, tools);
    }
}

/// Renders the request of a task for its user.
fn render<T>(
    worker: &WorkerContext<T>,
    plan: &TaskPlan,
    user: &VirtualUser,
    rng: &mut Rng,
    conversation: Option<&mut Conversation>,
) -> Result<Request, Problem> {
    let (number, variables) = (worker.take_number(), &user.variables.borrow());
    let turn = conversation.as_deref().map_or(1, Conversation::turn);
    let mut context =
        TemplateContext { number, user: user.number, turn, variables, cursors: &worker.cursors, rng };
    plan.prepared.request(&worker.plan.templates, &mut context, conversation)
}
