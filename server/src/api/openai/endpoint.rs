//! What OpenAI's API offers.

use axum::response::Response;

use super::{
    chat, completions,
    embeddings::embeddings,
    models::{delete, list, retrieve},
};
use crate::api::{
    Call, Dialect, Problem, Route,
    anthropic::{list_models, retrieve_model},
};

const CHATS: &str = "/v1/chat/completions";
const CHAT: &str = "/v1/chat/completions/{completion_id}";
const CHAT_MESSAGES: &str = "/v1/chat/completions/{completion_id}/messages";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    ChatCompletions,
    StoredChats,
    StoredChat,
    UpdateStoredChat,
    DeleteStoredChat,
    StoredChatMessages,
    Completions,
    Embeddings,
    Models,
    Model,
    DeleteModel,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 11] = [
        Self::ChatCompletions,
        Self::StoredChats,
        Self::StoredChat,
        Self::UpdateStoredChat,
        Self::DeleteStoredChat,
        Self::StoredChatMessages,
        Self::Completions,
        Self::Embeddings,
        Self::Models,
        Self::Model,
        Self::DeleteModel,
    ];

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::ChatCompletions => Route::post(CHATS, Dialect::OpenAi).guarded(),
            Self::StoredChats => Route::get(CHATS, Dialect::OpenAi).guarded(),
            Self::StoredChat => Route::get(CHAT, Dialect::OpenAi).guarded(),
            Self::UpdateStoredChat => Route::post(CHAT, Dialect::OpenAi).guarded(),
            Self::DeleteStoredChat => Route::delete(CHAT, Dialect::OpenAi).guarded(),
            Self::StoredChatMessages => Route::get(CHAT_MESSAGES, Dialect::OpenAi).guarded(),
            Self::Completions => Route::post("/v1/completions", Dialect::OpenAi).guarded(),
            Self::Embeddings => Route::post("/v1/embeddings", Dialect::OpenAi).guarded(),
            Self::Models => Route::get("/v1/models", Dialect::OpenAiOrAnthropic),
            // The names of open models have slashes.
            Self::Model => Route::get("/v1/models/{*model}", Dialect::OpenAiOrAnthropic),
            Self::DeleteModel => Route::delete("/v1/models/{*model}", Dialect::OpenAi),
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
            Self::Embeddings => Box::pin(embeddings(call)).await,
            Self::Models if call.dialect() == Dialect::Anthropic => Box::pin(list_models(call)).await,
            Self::Models => list(call),
            Self::Model if call.dialect() == Dialect::Anthropic => Box::pin(retrieve_model(call)).await,
            Self::Model => Box::pin(retrieve(call)).await,
            Self::DeleteModel => Box::pin(delete(call)).await,
        }
    }
}
