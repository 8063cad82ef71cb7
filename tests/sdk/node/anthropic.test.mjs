import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import Anthropic from "@anthropic-ai/sdk";

import { limits, serve } from "./server.mjs";

const messages = [{ role: "user", content: "How deep is the river?" }];
const tools = [
  {
    name: "depth",
    input_schema: { type: "object", properties: { unit: { enum: ["m", "ft"] } }, required: ["unit"] },
  },
];

let server, limited, client;
const clientOf = (url, apiKey = "sk-any", maxRetries = 0) => new Anthropic({ baseURL: url, apiKey, maxRetries });
const ask = (more) => client.messages.create({ model: "fast", max_tokens: 20, messages, ...more });

before(async () => {
  server = await serve();
  limited = await serve(limits);
  client = clientOf(server.url);
});
after(() => [server, limited].forEach((one) => one?.close()));

test("stream yields the response", async () => {
  let text = "";
  const stream = client.messages.stream({ model: "fast", max_tokens: 9, messages });
  stream.on("text", (delta) => (text += delta));
  const answer = await stream.finalMessage();
  assert.equal(answer.content[0].text, text);
  assert.deepEqual([answer.stop_reason, answer.usage.output_tokens], ["max_tokens", 9]);
});

test("tool result yields a text response", async () => {
  const first = await ask({ tools, max_tokens: 200 });
  assert.equal(first.stop_reason, "tool_use");
  const [use] = first.content;
  assert.ok(["m", "ft"].includes(use.input.unit));
  const result = [{ type: "tool_result", tool_use_id: use.id, content: "4" }];
  const history = [...messages, { role: "assistant", content: first.content }, { role: "user", content: result }];
  const second = await ask({ tools, messages: history });
  assert.equal(second.content[0].type, "text");
});

test("structured output matches its schema", async () => {
  const schema = { ...tools[0].input_schema, additionalProperties: false };
  const answer = await ask({ max_tokens: 200, output_config: { format: { type: "json_schema", schema } } });
  assert.ok(["m", "ft"].includes(JSON.parse(answer.content[0].text).unit));
});

test("error statuses map to error classes", async () => {
  assert.equal((await ask({ model: "claude-17" })).model, "claude-17");
  await assert.rejects(ask({ messages: [] }), Anthropic.BadRequestError);
});

test("status 429 throws RateLimitError", async () => {
  const client = clientOf(limited.url, "sk-hour");
  const ask = () => client.messages.create({ model: "instant", max_tokens: 1, messages });
  assert.ok((await ask()).content[0]);
  await assert.rejects(ask(), Anthropic.RateLimitError);
});

test("retry after 429 waits for retry-after", async () => {
  const client = clientOf(limited.url, "sk-any", 2);
  const start = performance.now();
  for (let request = 0; request < 3; request += 1) {
    const answer = await client.messages.create({ model: "instant", max_tokens: 1, messages });
    assert.ok(answer.content[0]);
  }
  // One request a second: the second and the third were refused first.
  assert.ok(performance.now() - start > 1_000);
});
