// `weir serve` on a free port, for the tests of this folder.

import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Limits of requests: the key `sk-hour` has one an hour, every other key one a second. */
export const limits = `
[admission]
requests = "1/s"

[[key]]
name     = "hour"
secret   = "sk-hour"
requests = "1/h"
`;

/** A server with these settings; it ends with this process, whose end of its stdin it watches. */
export async function serve(settings = "") {
  const file = join(mkdtempSync(join(tmpdir(), "weir-")), "weir.toml");
  writeFileSync(file, settings);
  const flags = ["serve", "--port", "0", "--time-scale", "0.1", "--until-stdin-closes", "--config", file];
  // Settings of the caller's own would be settings of the server.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("WEIR_")));
  const program = spawn(process.env.WEIR_BIN, flags, { env, stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: program.stdout })) {
    const url = line.replace("listening on ", "");
    return { url, close: () => program.stdin.end() };
  }
  throw new Error("the server did not start");
}
