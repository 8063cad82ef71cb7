//! The blocks of a message: raw → checked.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    block_path::BlockPath,
    raw::{BlockKind, RawBlock, RawCacheControl, RawContent, RawSource, RawTtl, SourceKind},
};
use crate::{
    api::anthropic::{body::read_part, cache::Ttl},
    request::{Problem, json::Object},
};

/// A block, and whether the prefix up to its end is to be cached.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) block: Block<'a>,
    pub(super) cache: Option<Ttl>,
}

/// A block, as far as an answer depends on it.
#[derive(Debug)]
pub(super) enum Block<'a> {
    Text(Cow<'a, str>),
    ToolUse {
        id: Cow<'a, str>,
        name: Cow<'a, str>,
        /// In JSON.
        input: &'a str,
    },
    ToolResult {
        id: Cow<'a, str>,
        texts: Vec<Cow<'a, str>>,
    },
    /// The reasoning of an earlier answer, which the model does not read again.
    Thought,
    /// The texts of any other block: a document, a search result, a server tool. Images have none.
    Other(Vec<Cow<'a, str>>),
}

/// Checks a block.
pub(super) fn part(Object(raw): Object<RawBlock<'_>>, at: BlockPath) -> Result<Part<'_>, Problem> {
    let cache = raw.cache_control.as_deref().map(ttl);
    Ok(Part { block: block(raw, at)?, cache })
}

/// The requested lifetime of a cached prefix.
pub(super) fn ttl(raw: &RawCacheControl) -> Ttl {
    match raw.ttl {
        Some(RawTtl::OneHour) => Ttl::OneHour,
        Some(RawTtl::FiveMinutes) | None => Ttl::FiveMinutes,
    }
}

fn block(raw: RawBlock<'_>, at: BlockPath) -> Result<Block<'_>, Problem> {
    match raw.kind {
        BlockKind::Text => at.given("text.text", raw.text).map(Block::Text),
        BlockKind::Image => {
            let source = source(at, "image.source", raw.source)?;
            source_texts(at, "image.source", source).map(|_| Block::Other(Vec::new()))
        }
        BlockKind::Document => {
            let source = source(at, "document.source", raw.source)?;
            let mut texts = source_texts(at, "document.source", source)?;
            texts.extend(raw.title);
            Ok(Block::Other(texts))
        }
        BlockKind::SearchResult => {
            let content = at.given("search_result.content", raw.content)?;
            let mut texts = texts(&format!("{at}.search_result.content"), content)?;
            texts.push(at.given("search_result.title", raw.title)?);
            Ok(Block::Other(texts))
        }
        BlockKind::Thinking => {
            at.given("thinking.thinking", raw.thinking)?;
            at.given("thinking.signature", raw.signature)?;
            Ok(Block::Thought)
        }
        BlockKind::RedactedThinking => {
            at.given("redacted_thinking.data", raw.data)?;
            Ok(Block::Thought)
        }
        BlockKind::ToolUse => {
            let input = at.given("tool_use.input", raw.input)?.get();
            if !input.starts_with('{') {
                return Err(at.wrong_field("tool_use.input", "Input should be a valid dictionary"));
            }
            Ok(Block::ToolUse {
                id: at.given("tool_use.id", raw.id)?,
                name: at.given("tool_use.name", raw.name)?,
                input,
            })
        }
        BlockKind::ToolResult => Ok(Block::ToolResult {
            id: at.given("tool_result.tool_use_id", raw.tool_use_id)?,
            texts: raw.content.map_or(Ok(Vec::new()), |content| result_texts(at, content))?,
        }),
        BlockKind::ServerToolUse
        | BlockKind::WebSearchToolResult
        | BlockKind::WebFetchToolResult
        | BlockKind::AdvisorToolResult
        | BlockKind::CodeExecutionToolResult
        | BlockKind::BashCodeExecutionToolResult
        | BlockKind::TextEditorCodeExecutionToolResult
        | BlockKind::ToolSearchToolResult
        | BlockKind::ToolReference
        | BlockKind::ToolAddition
        | BlockKind::ToolRemoval
        | BlockKind::McpToolUse
        | BlockKind::McpToolResult
        | BlockKind::McpToolListing
        | BlockKind::BrowserState
        | BlockKind::ContainerUpload
        | BlockKind::Compaction
        | BlockKind::Fallback => {
            let json = [raw.input, raw.content].into_iter().flatten().map(|json| Cow::Borrowed(json.get()));
            Ok(Block::Other(raw.name.into_iter().chain(json).collect()))
        }
    }
}

/// The texts of a tool result.
fn result_texts<'a>(at: BlockPath, content: &'a RawValue) -> Result<Vec<Cow<'a, str>>, Problem> {
    let blocks = match read_part(&format!("{at}.tool_result.content"), content.get())? {
        RawContent::Text(text) => return Ok(vec![text]),
        RawContent::Blocks(blocks) => blocks,
    };
    let mut texts = Vec::new();
    for (index, Object(raw)) in blocks.into_iter().enumerate() {
        let inner = BlockPath { inner: Some(index), ..at };
        match block(raw, inner)? {
            Block::Text(text) => texts.push(text),
            Block::Other(others) => texts.extend(others),
            Block::ToolUse { .. } | Block::ToolResult { .. } | Block::Thought => {
                return Err(inner.wrong("Input should be a block of the type 'text', 'image', 'search_result', 'document', 'tool_reference' or 'browser_state'"));
            }
        }
    }
    Ok(texts)
}

fn source<'a>(at: BlockPath, field: &str, source: Option<&'a RawValue>) -> Result<RawSource<'a>, Problem> {
    let source = at.given(field, source)?;
    read_part(&format!("{at}.{field}"), source.get()).map(|Object(source)| source)
}

/// The texts of a source, if it has any.
fn source_texts<'a>(at: BlockPath, field: &str, source: RawSource<'a>) -> Result<Vec<Cow<'a, str>>, Problem> {
    let needs =
        |name: &str, value: Option<&RawValue>| at.given(&format!("{field}.{name}"), value).map(|_| ());
    match source.kind {
        SourceKind::Base64 => {
            at.given(&format!("{field}.base64.media_type"), source.media_type)?;
            needs("base64.data", source.data).map(|()| Vec::new())
        }
        SourceKind::Url => needs("url.url", source.url).map(|()| Vec::new()),
        SourceKind::File => needs("file.file_id", source.file_id).map(|()| Vec::new()),
        SourceKind::Text => {
            let path = format!("{field}.text.data");
            let data = at.given(&path, source.data)?;
            read_part::<Cow<'a, str>>(&format!("{at}.{path}"), data.get()).map(|text| vec![text])
        }
        SourceKind::Content => Ok(match source.content {
            Some(RawContent::Text(text)) => vec![text],
            Some(RawContent::Blocks(blocks)) => {
                blocks.into_iter().filter_map(|Object(block)| block.text).collect()
            }
            None => return Err(at.wrong_field(&format!("{field}.content.content"), "Field required")),
        }),
    }
}

/// The texts of a list of text blocks.
fn texts<'a>(path: &str, content: &'a RawValue) -> Result<Vec<Cow<'a, str>>, Problem> {
    let blocks: Vec<Object<RawBlock<'a>>> = read_part(path, content.get())?;
    Ok(blocks.into_iter().filter_map(|Object(block)| block.text).collect())
}
