import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import OpenAI from "openai";

import { limits, serve } from "./server.mjs";

const messages = [{ role: "user", content: "How deep is the river?" }];
const parameters = {
  type: "object",
  properties: { river: { type: "string" }, unit: { enum: ["m", "ft"] } },
  required: ["river", "unit"],
  additionalProperties: false,
};

let server, limited, client;
const clientOf = (url, apiKey = "sk-any", maxRetries = 0) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries });

before(async () => {
  server = await serve();
  limited = await serve(limits);
  client = clientOf(server.url);
});
after(() => [server, limited].forEach((one) => one?.close()));

test("stream yields the response", async () => {
  const stream = await client.chat.completions.create({ model: "fast", messages, stream: true, max_tokens: 9 });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(chunks[0].choices[0].delta.role, "assistant");
  assert.equal(chunks.filter((chunk) => chunk.choices[0].delta.content).length, 9);
  assert.equal(chunks.at(-1).choices[0].finish_reason, "length");
});

test("tool runner of the SDK calls the tool", async () => {
  let calls = 0;
  const tool = {
    type: "function",
    function: {
      name: "depth",
      parameters,
      parse: JSON.parse,
      function: ({ unit }) => {
        calls += 1;
        assert.ok(["m", "ft"].includes(unit));
        return "4";
      },
    },
  };
  const runner = client.chat.completions.runTools({ model: "fast", messages, tools: [tool] });
  assert.ok(await runner.finalContent());
  assert.equal(calls, 1);
});

test("structured output matches its schema", async () => {
  const json_schema = { name: "river", schema: parameters, strict: true };
  const answer = await client.chat.completions.parse({
    model: "fast",
    messages,
    response_format: { type: "json_schema", json_schema },
  });
  assert.deepEqual(Object.keys(JSON.parse(answer.choices[0].message.content)).sort(), ["river", "unit"]);
});

test("responses stream yields the response", async () => {
  const stream = client.responses.stream({ model: "fast", input: "How deep is the river?" });
  let text = "";
  stream.on("response.output_text.delta", (event) => (text += event.delta));
  const response = await stream.finalResponse();
  assert.equal(response.status, "completed");
  assert.equal(response.output_text, text);
});

test("error statuses map to error classes", async () => {
  const ask = (more) => client.chat.completions.create({ model: "fast", messages, ...more });
  assert.equal((await ask({ model: "gpt-17" })).model, "gpt-17");
  await assert.rejects(ask({ temperature: 5 }), OpenAI.BadRequestError);
  await assert.rejects(ask({ messages: [] }), OpenAI.BadRequestError);
});

test("status 429 throws RateLimitError", async () => {
  const client = clientOf(limited.url, "sk-hour");
  const ask = () => client.chat.completions.create({ model: "instant", messages, max_tokens: 1 });
  assert.ok((await ask()).choices[0]);
  await assert.rejects(ask(), OpenAI.RateLimitError);
});

test("retry after 429 waits for retry-after", async () => {
  const client = clientOf(limited.url, "sk-any", 2);
  const start = performance.now();
  for (let request = 0; request < 3; request += 1) {
    const answer = await client.chat.completions.create({ model: "instant", messages, max_tokens: 1 });
    assert.ok(answer.choices[0]);
  }
  // One request a second: the second and the third were refused first.
  assert.ok(performance.now() - start > 1_000);
});
