// The Vercel AI SDK with schemas of zod.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

import { serve } from "./server.mjs";

const prompt = "How deep is the river?";
// Its JSON Schema has a look-ahead, a negation and alternatives.
const inputSchema = z.object({
  river: z.string(),
  code: z.string().regex(/^(?=.*[A-Z]).{4,}$/),
  unit: z.union([z.literal("m"), z.literal("ft")]),
  never: z.never().optional(),
});

let server, models;

before(async () => {
  server = await serve();
  const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: "sk-any" });
  const anthropic = createAnthropic({ baseURL: `${server.url}/v1`, apiKey: "sk-any" });
  models = {
    responses: openai.responses("gpt-5-mini"),
    chat: openai.chat("gpt-4o"),
    messages: anthropic("claude-sonnet-4-5"),
  };
});
after(() => server?.close());

for (const name of ["responses", "chat", "messages"]) {
  test(`${name}: text is generated and streamed alike`, async () => {
    // The limit of a reasoning model includes its reasoning.
    const providerOptions = name === "responses" ? { openai: { reasoningEffort: "minimal" } } : {};
    const options = { model: models[name], prompt, maxOutputTokens: 400, maxRetries: 0, providerOptions };
    const plain = await generateText(options);
    assert.ok(plain.text);
    const streamed = streamText(options);
    let text = "";
    for await (const part of streamed.textStream) text += part;
    assert.equal(text, plain.text);
    assert.ok((await streamed.usage).outputTokens > 0);
  });

  test(`${name}: an agent calls its tool and ends with text`, async () => {
    let calls = 0;
    const depth = tool({
      description: "The depth of a river",
      inputSchema: z.object({ river: z.string(), unit: z.enum(["m", "ft"]), never: z.never().optional() }),
      execute: async ({ unit }) => {
        calls += 1;
        assert.ok(["m", "ft"].includes(unit));
        return "4";
      },
    });
    const { text, steps } = await generateText({
      model: models[name],
      prompt,
      tools: { depth },
      stopWhen: stepCountIs(4),
      maxRetries: 0,
    });
    assert.ok(text);
    assert.equal(calls, 1);
    assert.equal(steps.length, 2);
  });

  test(`${name}: a tool whose schema cannot be honoured in full is called`, async () => {
    const { toolCalls } = await generateText({
      model: models[name],
      prompt,
      tools: { depth: tool({ description: "The depth of a river", inputSchema }) },
      toolChoice: "required",
      maxRetries: 0,
    });
    assert.equal(toolCalls.length, 1);
    assert.ok(["m", "ft"].includes(toolCalls[0].input.unit), JSON.stringify(toolCalls));
    assert.equal("never" in toolCalls[0].input, false);
  });

  test(`${name}: structured output matches its schema`, async () => {
    const schema = z.object({ river: z.string(), depths: z.array(z.number()), unit: z.enum(["m", "ft"]) });
    const { output } = await generateText({
      model: models[name],
      prompt,
      output: Output.object({ schema }),
      maxRetries: 0,
    });
    assert.ok(schema.safeParse(output).success, JSON.stringify(output));
  });
}
