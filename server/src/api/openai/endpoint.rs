//! Endpoints of OpenAI's API.

use axum::response::Response;

use super::{
    chat, completions,
    dialect::{dialect, dialect_of_shared},
    embeddings::embeddings,
    models::{delete, list, retrieve},
    moderations::moderations,
    responses,
    state::OpenAi,
};
use crate::{
    api::anthropic::{is_spoken, list_models, retrieve_model},
    backend::{Api, Description},
    request::{Origins, Problem, RequestContext, Route},
};

const CHATS: &str = "/v1/chat/completions";
const CHAT: &str = "/v1/chat/completions/{completion_id}";
const CHAT_MESSAGES: &str = "/v1/chat/completions/{completion_id}/messages";
const RESPONSE: &str = "/v1/responses/{id}";
const CONVERSATION: &str = "/v1/conversations/{id}";
const ITEMS: &str = "/v1/conversations/{id}/items";
const ITEM: &str = "/v1/conversations/{id}/items/{item_id}";

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
    CreateConversation,
    Conversation,
    UpdateConversation,
    DeleteConversation,
    AddItems,
    Items,
    Item,
    DeleteItem,
    Moderations,
    Embeddings,
    Models,
    Model,
    DeleteModel,
}

impl Api for OpenAi {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] = &[
        Endpoint::ChatCompletions,
        Endpoint::StoredChats,
        Endpoint::StoredChat,
        Endpoint::UpdateStoredChat,
        Endpoint::DeleteStoredChat,
        Endpoint::StoredChatMessages,
        Endpoint::Completions,
        Endpoint::CreateResponse,
        Endpoint::CompactResponse,
        Endpoint::InputTokens,
        Endpoint::Response,
        Endpoint::DeleteResponse,
        Endpoint::CancelResponse,
        Endpoint::InputItems,
        Endpoint::CreateConversation,
        Endpoint::Conversation,
        Endpoint::UpdateConversation,
        Endpoint::DeleteConversation,
        Endpoint::AddItems,
        Endpoint::Items,
        Endpoint::Item,
        Endpoint::DeleteItem,
        Endpoint::Moderations,
        Endpoint::Embeddings,
        Endpoint::Models,
        Endpoint::Model,
        Endpoint::DeleteModel,
    ];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    const ORIGINS: Origins = Origins::Configured;

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::ChatCompletions => Route::post(CHATS, dialect).rate_limited(),
            Endpoint::StoredChats => Route::get(CHATS, dialect).rate_limited(),
            Endpoint::StoredChat => Route::get(CHAT, dialect).rate_limited(),
            Endpoint::UpdateStoredChat => Route::post(CHAT, dialect).rate_limited(),
            Endpoint::DeleteStoredChat => Route::delete(CHAT, dialect).rate_limited(),
            Endpoint::StoredChatMessages => Route::get(CHAT_MESSAGES, dialect).rate_limited(),
            Endpoint::Completions => Route::post("/v1/completions", dialect).rate_limited(),
            Endpoint::CreateResponse => Route::post("/v1/responses", dialect).rate_limited(),
            Endpoint::CompactResponse => Route::post("/v1/responses/compact", dialect).rate_limited(),
            Endpoint::InputTokens => Route::post("/v1/responses/input_tokens", dialect).rate_limited(),
            Endpoint::Response => Route::get(RESPONSE, dialect).rate_limited(),
            Endpoint::DeleteResponse => Route::delete(RESPONSE, dialect).rate_limited(),
            Endpoint::CancelResponse => Route::post("/v1/responses/{id}/cancel", dialect).rate_limited(),
            Endpoint::InputItems => Route::get("/v1/responses/{id}/input_items", dialect).rate_limited(),
            Endpoint::CreateConversation => Route::post("/v1/conversations", dialect).rate_limited(),
            Endpoint::Conversation => Route::get(CONVERSATION, dialect).rate_limited(),
            Endpoint::UpdateConversation => Route::post(CONVERSATION, dialect).rate_limited(),
            Endpoint::DeleteConversation => Route::delete(CONVERSATION, dialect).rate_limited(),
            Endpoint::AddItems => Route::post(ITEMS, dialect).rate_limited(),
            Endpoint::Items => Route::get(ITEMS, dialect).rate_limited(),
            Endpoint::Item => Route::get(ITEM, dialect).rate_limited(),
            Endpoint::DeleteItem => Route::delete(ITEM, dialect).rate_limited(),
            Endpoint::Moderations => Route::post("/v1/moderations", dialect).rate_limited(),
            Endpoint::Embeddings => Route::post("/v1/embeddings", dialect).rate_limited(),
            Endpoint::Models => Route::get("/v1/models", dialect_of_shared),
            // The names of open models have slashes.
            Endpoint::Model => Route::get("/v1/models/{*model}", dialect_of_shared),
            Endpoint::DeleteModel => Route::delete("/v1/models/{*model}", dialect),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        match endpoint {
            Endpoint::ChatCompletions => chat::create(call, &self.chats, &self.cache).await,
            Endpoint::StoredChats => Box::pin(chat::list(call, &self.chats)).await,
            Endpoint::StoredChat => Box::pin(chat::retrieve(call, &self.chats)).await,
            Endpoint::UpdateStoredChat => Box::pin(chat::update(call, &self.chats)).await,
            Endpoint::DeleteStoredChat => Box::pin(chat::delete(call, &self.chats)).await,
            Endpoint::StoredChatMessages => Box::pin(chat::messages(call, &self.chats)).await,
            Endpoint::Completions => Box::pin(completions::create(call)).await,
            Endpoint::CreateResponse => Box::pin(responses::create(call, self.stores(), &self.cache)).await,
            Endpoint::CompactResponse => Box::pin(responses::compact(call, &self.responses)).await,
            Endpoint::InputTokens => Box::pin(responses::input_tokens(call, self.stores())).await,
            Endpoint::Response => Box::pin(responses::retrieve(call, &self.responses)).await,
            Endpoint::DeleteResponse => Box::pin(responses::delete(call, &self.responses)).await,
            Endpoint::CancelResponse => Box::pin(responses::cancel(call, &self.responses)).await,
            Endpoint::InputItems => Box::pin(responses::input_items(call, &self.responses)).await,
            Endpoint::CreateConversation => {
                Box::pin(responses::create_conversation(call, &self.conversations)).await
            }
            Endpoint::Conversation => {
                Box::pin(responses::retrieve_conversation(call, &self.conversations)).await
            }
            Endpoint::UpdateConversation => {
                Box::pin(responses::update_conversation(call, &self.conversations)).await
            }
            Endpoint::DeleteConversation => {
                Box::pin(responses::delete_conversation(call, &self.conversations)).await
            }
            Endpoint::AddItems => Box::pin(responses::add_items(call, &self.conversations)).await,
            Endpoint::Items => Box::pin(responses::list_items(call, &self.conversations)).await,
            Endpoint::Item => Box::pin(responses::retrieve_item(call, &self.conversations)).await,
            Endpoint::DeleteItem => Box::pin(responses::delete_item(call, &self.conversations)).await,
            Endpoint::Moderations => Box::pin(moderations(call)).await,
            Endpoint::Embeddings => Box::pin(embeddings(call)).await,
            Endpoint::Models if is_spoken(&call.parts.headers) => Box::pin(list_models(call)).await,
            Endpoint::Models => list(call),
            Endpoint::Model if is_spoken(&call.parts.headers) => Box::pin(retrieve_model(call)).await,
            Endpoint::Model => Box::pin(retrieve(call)).await,
            Endpoint::DeleteModel => Box::pin(delete(call)).await,
        }
    }
}
