//! The body of a request, in pieces: some the same for each request, some made afresh.

use weir_pace::Amount;

use super::text::{Rendering, push_json_string};
use super::{Conversation, Prompt, TemplateError, Text};

/// What is sent, from its first byte to its last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Body {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Literal(String),
    /// It holds templates.
    Text(Text),
    /// A number that is drawn.
    Count(Amount),
    /// The prompt, as a JSON string.
    Prompt(Prompt),
    /// The messages of a conversation so far, and the prompt as the message of a user, if it is the next turn's.
    Messages(Prompt),
}

impl From<Text> for Body {
    fn from(text: Text) -> Self {
        let mut body = Self::default();
        body.push_text(text);
        body
    }
}

impl Body {
    pub(crate) fn push_literal(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(before)) => before.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    pub(crate) fn push_text(&mut self, text: Text) {
        match text.fixed() {
            Some(fixed) => self.push_literal(&fixed),
            None => self.pieces.push(Piece::Text(text)),
        }
    }

    pub(crate) fn push_count(&mut self, count: Amount) {
        match count.fixed() {
            Some(fixed) => self.push_literal(&fixed.to_string()),
            None => self.pieces.push(Piece::Count(count)),
        }
    }

    pub(crate) fn push_prompt(&mut self, prompt: Prompt) {
        self.pieces.push(Piece::Prompt(prompt));
    }

    /// The messages of a conversation so far, and the prompt as the message of a user.
    pub(crate) fn push_messages(&mut self, prompt: Prompt) {
        self.pieces.push(Piece::Messages(prompt));
    }

    /// Whether a conversation can be carried on by it.
    pub(crate) fn can_converse(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Messages(_)))
    }

    /// The body itself, where it is the same for each request that is no turn of a conversation.
    pub(crate) fn fixed(&self) -> Option<String> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Prompt(prompt) => push_json_string(&mut out, &prompt.fixed()?),
                Piece::Messages(prompt) => push_user_message(&mut out, &prompt.fixed()?),
                Piece::Text(_) | Piece::Count(_) => return None,
            }
        }
        Some(out)
    }

    /// Renders the body of one request, which may be the next turn of a conversation.
    ///
    /// # Errors
    ///
    /// A template does not render.
    pub(crate) fn render(
        &self,
        rendering: &Rendering<'_>,
        mut conversation: Option<&mut Conversation>,
    ) -> Result<String, TemplateError> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Text(text) => out.push_str(&text.render(rendering)?),
                // Nobody means to draw an answer of no length.
                Piece::Count(count) => {
                    let drawn = rendering.draw(|rng| count.sample(rng)).max(1);
                    out.push_str(&drawn.to_string());
                }
                Piece::Prompt(prompt) => push_json_string(&mut out, &prompt.render(rendering)?),
                Piece::Messages(prompt) => {
                    if let Some(conversation) = conversation.as_deref() {
                        conversation.write_earlier(&mut out);
                        if conversation.is_in_turn() {
                            // The results of tools are the last messages: without the comma behind them.
                            out.pop();
                            continue;
                        }
                    }
                    let asked = prompt.render(rendering)?;
                    push_user_message(&mut out, &asked);
                    if let Some(conversation) = conversation.as_deref_mut() {
                        conversation.ask(&asked);
                    }
                }
            }
        }
        Ok(out)
    }
}

/// All APIs with conversations write a message of a user like this.
fn push_user_message(out: &mut String, text: &str) {
    out.push_str("{\"role\":\"user\",\"content\":");
    push_json_string(out, text);
    out.push('}');
}

#[cfg(test)]
mod tests {
    use weir_pace::Seed;

    use super::*;
    use crate::task::text::at_turn;
    use crate::task::{PromptText, Templates};

    fn body(text: PromptText, count: Amount) -> Body {
        let mut body = Body::default();
        body.push_literal("{\"max_tokens\":");
        body.push_count(count);
        body.push_literal(",\"messages\":[");
        body.push_messages(Prompt::new(text, 0));
        body.push_literal("]}");
        body
    }

    fn written(text: &str, templates: &mut Templates) -> PromptText {
        PromptText::Text(Text::parse(text, "prompt", templates).unwrap())
    }

    #[test]
    fn fixed_constant_body_is_some() {
        let mut templates = Templates::default();
        let same = body(written("say \"x\"", &mut templates), Amount::constant(5));
        insta::assert_snapshot!(same.fixed().unwrap(), @r#"{"max_tokens":5,"messages":[{"role":"user","content":"say \"x\""}]}"#);
        assert!(same.can_converse());
        assert_eq!(body(written("{{ n }}", &mut templates), Amount::constant(5)).fixed(), None);
        assert_eq!(body(PromptText::Tokens(Amount::constant(3)), Amount::constant(5)).fixed(), None);
    }

    #[test]
    fn render_templates_and_counts_differ_by_request() {
        let mut templates = Templates::default();
        let drawn: Amount =
            toml::from_str::<std::collections::BTreeMap<String, Amount>>("a = { between = [1, 999] }")
                .unwrap()
                .remove("a")
                .unwrap();
        let body = body(written("{{ n }}/{{ turn }}", &mut templates), drawn);
        let mut rng = Seed::new(1).rng();
        let mut render = |number| {
            let body =
                at_turn(&templates, (number, 1), &mut rng, |rendering| body.render(rendering, None)).unwrap();
            serde_json::from_str::<serde_json::Value>(&body).unwrap()
        };
        let (first, second) = (render(7), render(8));
        assert_eq!(
            (&first["messages"][0]["content"], &second["messages"][0]["content"]),
            (&"7/1".into(), &"8/1".into())
        );
        assert_ne!(first["max_tokens"], second["max_tokens"]);
    }
}
