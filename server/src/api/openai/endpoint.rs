//! What OpenAI's API offers.

use axum::response::Response;

use super::{
    chat, completions,
    dialect::{dialect, dialect_of_shared},
    embeddings::embeddings,
    models::{delete, list, retrieve},
    responses,
};
use crate::api::{
    Call, Description, Problem, Route,
    anthropic::{is_spoken, list_models, retrieve_model},
};

const CHATS: &str = "/v1/chat/completions";
const CHAT: &str = "/v1/chat/completions/{completion_id}";
const CHAT_MESSAGES: &str = "/v1/chat/completions/{completion_id}/messages";
const RESPONSE: &str = "/v1/responses/{id}";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    ChatCompletions,
    StoredChats,
    StoredChat,
    UpdateStoredChat,
    DeleteStoredChat,
    StoredChatMessages,
    Completions,
    CreateResponse,
    CompactResponse,
    InputTokens,
    Response,
    DeleteResponse,
    CancelResponse,
    InputItems,
    Embeddings,
    Models,
    Model,
    DeleteModel,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 18] = [
        Self::ChatCompletions,
        Self::StoredChats,
        Self::StoredChat,
        Self::UpdateStoredChat,
        Self::DeleteStoredChat,
        Self::StoredChatMessages,
        Self::Completions,
        Self::CreateResponse,
        Self::CompactResponse,
        Self::InputTokens,
        Self::Response,
        Self::DeleteResponse,
        Self::CancelResponse,
        Self::InputItems,
        Self::Embeddings,
        Self::Models,
        Self::Model,
        Self::DeleteModel,
    ];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::ChatCompletions => Route::post(CHATS, dialect).guarded(),
            Self::StoredChats => Route::get(CHATS, dialect).guarded(),
            Self::StoredChat => Route::get(CHAT, dialect).guarded(),
            Self::UpdateStoredChat => Route::post(CHAT, dialect).guarded(),
            Self::DeleteStoredChat => Route::delete(CHAT, dialect).guarded(),
            Self::StoredChatMessages => Route::get(CHAT_MESSAGES, dialect).guarded(),
            Self::Completions => Route::post("/v1/completions", dialect).guarded(),
            Self::CreateResponse => Route::post("/v1/responses", dialect).guarded(),
            Self::CompactResponse => Route::post("/v1/responses/compact", dialect).guarded(),
            Self::InputTokens => Route::post("/v1/responses/input_tokens", dialect).guarded(),
            Self::Response => Route::get(RESPONSE, dialect).guarded(),
            Self::DeleteResponse => Route::delete(RESPONSE, dialect).guarded(),
            Self::CancelResponse => Route::post("/v1/responses/{id}/cancel", dialect).guarded(),
            Self::InputItems => Route::get("/v1/responses/{id}/input_items", dialect).guarded(),
            Self::Embeddings => Route::post("/v1/embeddings", dialect).guarded(),
            Self::Models => Route::get("/v1/models", dialect_of_shared),
            // The names of open models have slashes.
            Self::Model => Route::get("/v1/models/{*model}", dialect_of_shared),
            Self::DeleteModel => Route::delete("/v1/models/{*model}", dialect),
        }
    }

    /// Answers one request. What is not on the hot path is boxed: its futures would make that of every request larger.
    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::ChatCompletions => chat::create(call).await,
            Self::StoredChats => Box::pin(chat::list(call)).await,
            Self::StoredChat => Box::pin(chat::retrieve(call)).await,
            Self::UpdateStoredChat => Box::pin(chat::update(call)).await,
            Self::DeleteStoredChat => Box::pin(chat::delete(call)).await,
            Self::StoredChatMessages => Box::pin(chat::messages(call)).await,
            Self::Completions => Box::pin(completions::create(call)).await,
            Self::CreateResponse => Box::pin(responses::create(call)).await,
            Self::CompactResponse => Box::pin(responses::compact(call)).await,
            Self::InputTokens => Box::pin(responses::input_tokens(call)).await,
            Self::Response => Box::pin(responses::retrieve(call)).await,
            Self::DeleteResponse => Box::pin(responses::delete(call)).await,
            Self::CancelResponse => Box::pin(responses::cancel(call)).await,
            Self::InputItems => Box::pin(responses::input_items(call)).await,
            Self::Embeddings => Box::pin(embeddings(call)).await,
            Self::Models if is_spoken(&call.parts.headers) => Box::pin(list_models(call)).await,
            Self::Models => list(call),
            Self::Model if is_spoken(&call.parts.headers) => Box::pin(retrieve_model(call)).await,
            Self::Model => Box::pin(retrieve(call)).await,
            Self::DeleteModel => Box::pin(delete(call)).await,
        }
    }
}
