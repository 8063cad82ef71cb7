//! A request: the client's JSON → a [`GenerationRequest`].

mod block;
mod block_path;
mod options;
mod prompt_counter;
mod raw;
mod thread;
mod tools;
mod transcript;
mod turns;

use std::borrow::Cow;

use weir_model::{Format, GenerationRequest, Schemas, TokenCounter};

use self::{
    block::{Block, Part, ttl},
    block_path::{BlockParent, BlockPath},
    options::{ThoughtBlocks, check_sampling, stop_sequences},
    prompt_counter::{Caching, PromptCounter},
    raw::RawRequest,
    tools::Tools,
    transcript::transcript,
    turns::{Message, check_thought, messages, parts},
};
pub(super) use self::{options::Thinking, prompt_counter::Measured, raw::Display};
use super::{
    body::{read, wrong},
    cache::Ttl,
    version::Version,
};
use crate::request::{Problem, json::Object};

/// Maximum cache breakpoints of one request.
const BREAKPOINTS_MAX: usize = 4;

/// A request, checked.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) model: Cow<'a, str>,
    /// Set in requests for an answer.
    pub(super) max_tokens: Option<u32>,
    pub(super) delivery: DeliveryKind,
    pub(super) thinking: Thinking,
    pub(super) stop: Vec<Cow<'a, str>>,
    system: Vec<Part<'a>>,
    messages: Vec<Message<'a>>,
    tools: Tools<'a>,
    /// The JSON Schema that the answer's text must satisfy.
    schema: Option<&'a str>,
    /// The cache control of the last block.
    cache: Option<Ttl>,
    /// The reasons for which the conversation cannot be a thread, if it is to be one.
    thread: Option<Vec<&'static str>>,
}

/// How the answer is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryKind {
    Plain,
    Stream,
}

impl<'a> Request<'a> {
    /// Reads and checks a body.
    pub(super) fn read(version: Version, body: &'a [u8]) -> Result<Self, Problem> {
        let mut raw: RawRequest<'a> = read(body)?;
        check_sampling(&raw, version)?;
        let tools = Tools::check(raw.tools.take().unwrap_or_default(), raw.tool_choice.take())?;
        let thinking = Thinking::check(&raw, tools.is_forced())?;
        let thread = raw.thread.is_some().then(|| thread::unsupported(&raw));
        let format = raw.output_config.and_then(|Object(config)| config.format).or(raw.output_format);
        let schema = format.map(|format| format.schema.get());
        if schema.is_some_and(|schema| !schema.starts_with('{')) {
            return Err(wrong("output_config.format.schema", "Input should be a valid dictionary"));
        }
        let request = Self {
            model: raw.model,
            max_tokens: raw.max_tokens,
            delivery: match raw.stream {
                Some(true) => DeliveryKind::Stream,
                Some(false) | None => DeliveryKind::Plain,
            },
            thinking,
            stop: stop_sequences(raw.stop_sequences)?,
            system: raw.system.map_or(Ok(Vec::new()), system)?,
            messages: messages(raw.messages)?,
            tools,
            schema,
            cache: raw.cache_control.as_deref().map(ttl),
            thread,
        };
        request.check_thought()?;
        request.check_breakpoints()?;
        Ok(request)
    }

    /// Refuses a thread, a conversation that the server keeps: clients then send the whole conversation.
    pub(super) fn refuse_thread(&self) -> Result<(), Problem> {
        self.thread.as_deref().map_or(Ok(()), |reasons| Err(thread::problem(reasons)))
    }

    /// Checks that the last answer begins with its reasoning if it called tools whose results follow, as the provider
    /// requires with a thinking budget.
    fn check_thought(&self) -> Result<(), Problem> {
        match self.thinking.blocks {
            ThoughtBlocks::Required => check_thought(&self.messages),
            ThoughtBlocks::Optional => Ok(()),
        }
    }

    /// Checks that the requested schemas can be satisfied.
    pub(super) fn check_schemas(&self, schemas: &Schemas) -> Result<(), Problem> {
        self.tools.check_schemas(schemas)?;
        let Some(schema) = self.schema else { return Ok(()) };
        let checked = schemas.get(schema);
        checked.map(|_| ()).map_err(|error| wrong("output_config.format.schema", &error.to_string()))
    }

    /// Counts the prompt's tokens.
    pub(super) fn measure(&self, counter: &TokenCounter) -> Measured {
        let caching = if self.breakpoints().next().is_some() { Caching::Wanted } else { Caching::NotWanted };
        let mut prompt_counter = PromptCounter::new(counter, caching, &self.model);
        for tool in &self.tools.definitions {
            let texts = [Some(&*tool.name), tool.description.as_deref(), tool.schema];
            texts.into_iter().flatten().for_each(|text| prompt_counter.text(text));
            prompt_counter.end_block(tool.cache);
        }
        self.system.iter().for_each(|part| prompt_counter.part(part));
        for message in &self.messages {
            prompt_counter.message(message.role);
            message.parts.iter().for_each(|part| prompt_counter.part(part));
        }
        prompt_counter.end(self.cache)
    }

    /// Returns the request to the model.
    pub(super) fn generation_request(&self, prompt_tokens: u32, schemas: &Schemas) -> GenerationRequest<'_> {
        GenerationRequest {
            prompt_tokens,
            max_tokens: self.max_tokens,
            stop: self.stop.iter().map(|sequence| Cow::Borrowed(&**sequence)).collect(),
            transcript: transcript(&self.messages),
            tools: self.tools.callable(schemas),
            tool_choice: self.tools.choice.clone(),
            tool_calls: self.tools.calls,
            format: self.schema.map_or(Format::Text, |schema| Format::Schema(schema.into())),
            reasoning: self.thinking.reasoning,
            effort: self.thinking.effort,
            ..GenerationRequest::default()
        }
    }

    /// The lifetimes of the cache breakpoints, in the order of the prompt.
    fn breakpoints(&self) -> impl Iterator<Item = Ttl> {
        let tools = self.tools.definitions.iter().map(|tool| tool.cache);
        let system = self.system.iter().map(|part| part.cache);
        let messages = self.messages.iter().flat_map(|message| &message.parts).map(|part| part.cache);
        tools.chain(system).chain(messages).chain([self.cache]).flatten()
    }

    fn check_breakpoints(&self) -> Result<(), Problem> {
        let count = self.breakpoints().count();
        if count > BREAKPOINTS_MAX {
            let message = format!(
                "A maximum of {BREAKPOINTS_MAX} blocks with cache_control may be provided. Found {count}."
            );
            return Err(Problem::invalid(None, message));
        }
        let mut lifetimes = self.breakpoints().skip_while(|ttl| *ttl == Ttl::OneHour);
        if lifetimes.any(|ttl| ttl == Ttl::OneHour) {
            let message = "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block";
            return Err(wrong("cache_control.ttl", message));
        }
        Ok(())
    }
}

/// The text parts of the system prompt.
fn system(raw: raw::RawContent<'_>) -> Result<Vec<Part<'_>>, Problem> {
    let is_list = matches!(raw, raw::RawContent::Blocks(_));
    let parts = parts(BlockParent::System, raw)?;
    let is_blank = |part: &Part<'_>| matches!(&part.block, Block::Text(text) if text.trim().is_empty());
    if is_list && parts.iter().any(is_blank) {
        return Err(wrong("system", "text content blocks must contain non-whitespace text"));
    }
    match parts.iter().position(|part| !matches!(part.block, Block::Text(_))) {
        Some(block) => Err(BlockPath { of: BlockParent::System, block, inner: None }
            .wrong_field("type", "Input should be 'text'")),
        None => Ok(parts),
    }
}

#[cfg(test)]
mod tests;
