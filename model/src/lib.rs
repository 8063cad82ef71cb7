//! What a simulated LLM says and when: profiles, text and tokens, engines.
