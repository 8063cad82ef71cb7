import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import Anthropic from "@anthropic-ai/sdk";

import { serve } from "./server.mjs";

const messages = [{ role: "user", content: "How deep is the river?" }];
const tools = [
  {
    name: "depth",
    input_schema: { type: "object", properties: { unit: { enum: ["m", "ft"] } }, required: ["unit"] },
  },
];

let server, paced, client;
const clientOf = (url, maxRetries = 0) => new Anthropic({ baseURL: url, apiKey: "sk-any", maxRetries });
const ask = (more) => client.messages.create({ model: "fast", max_tokens: 20, messages, ...more });

before(async () => {
  server = await serve();
  paced = await serve('[admission]\nrequests = "1/s"\n');
  client = clientOf(server.url);
});
after(() => [server, paced].forEach((one) => one?.close()));

test("a stream", async () => {
  let text = "";
  const stream = client.messages.stream({ model: "fast", max_tokens: 9, messages });
  stream.on("text", (delta) => (text += delta));
  const answer = await stream.finalMessage();
  assert.equal(answer.content[0].text, text);
  assert.deepEqual([answer.stop_reason, answer.usage.output_tokens], ["max_tokens", 9]);
});

test("a tool is called, and its result is answered", async () => {
  const first = await ask({ tools, max_tokens: 200 });
  assert.equal(first.stop_reason, "tool_use");
  const [use] = first.content;
  assert.ok(["m", "ft"].includes(use.input.unit));
  const result = [{ type: "tool_result", tool_use_id: use.id, content: "4" }];
  const history = [...messages, { role: "assistant", content: first.content }, { role: "user", content: result }];
  const second = await ask({ tools, messages: history });
  assert.equal(second.content[0].type, "text");
});

test("structured output", async () => {
  const schema = { ...tools[0].input_schema, additionalProperties: false };
  const answer = await ask({ max_tokens: 200, output_config: { format: { type: "json_schema", schema } } });
  assert.ok(["m", "ft"].includes(JSON.parse(answer.content[0].text).unit));
});

test("errors have their classes", async () => {
  await assert.rejects(ask({ model: "claude-17" }), Anthropic.NotFoundError);
  await assert.rejects(ask({ messages: [] }), Anthropic.BadRequestError);
});

test("a refusal with 429 is tried again, and without retries it is an error", async () => {
  const of = (maxRetries) =>
    clientOf(paced.url, maxRetries).messages.create({ model: "instant", max_tokens: 1, messages });
  await of(0);
  await assert.rejects(of(0), Anthropic.RateLimitError);
  assert.ok((await of(2)).content[0]);
});
