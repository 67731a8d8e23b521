import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { verb as apply } from "../../src/commands/apply.ts";
import { verb as exportVerb } from "../../src/commands/export.ts";
import { verb as plan } from "../../src/commands/plan.ts";
import { verb as probe } from "../../src/commands/probe.ts";
import { verb as status } from "../../src/commands/status.ts";
import { sample } from "../lib/exhaustive.ts";
import { type TestHost, writeTestHost } from "../lib/process/installed-host.ts";
import { runVerb, type VerbOutcome } from "../lib/process/run-verb.ts";

/** A fake Owncast's responses: a text for each path; `*` is for all others. */
type Garbage = Readonly<Record<string, string>>;

const nested = (depth: number, inner: string): string => "[".repeat(depth) + inner + "]".repeat(depth);
const config = (parts: object): Garbage => ({ "*": JSON.stringify(parts) });
const garbage: readonly (readonly [string, Garbage])[] = [
  ["a page", { "*": "<!doctype html><title>Hello</title>" }],
  ["nothing", { "*": "" }],
  ["null", { "*": "null" }],
  ["a list", { "*": "[]" }],
  ["a list of null", { "*": "[null]" }],
  ["a text", { "*": '"x"' }],
  ["a number", { "*": "5" }],
  ["an empty object", { "*": "{}" }],
  ["half of an object", { "*": '{"instanceDetails":{"name":' }],
  ["bytes", { "*": "\u0000\u0001\u00ff" }],
  ["a list nested 200,000 deep", { "*": nested(200_000, "1") }],
  ["objects nested 200,000 deep", { "*": `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}` }],
  ["stream keys that are a text", config({ streamKeys: "x" })],
  ["stream keys that are numbers", config({ streamKeys: [5, null] })],
  ["a ladder that is a number", config({ videoSettings: { videoQualityVariants: 7, latencyLevel: "x" } })],
  ["a ladder of null", config({ videoSettings: { videoQualityVariants: [null], latencyLevel: null } })],
  ["texts that are objects", config({ instanceDetails: { name: { a: 1 }, tags: 5, extraPageContent: null } })],
  ["tags nested 200,000 deep", { "*": `{"instanceDetails":{"tags":${nested(200_000, "1")}}}` }],
  ["a configuration where lists should be", config({ s3: 7, federation: null, chat: 9, notifications: 4, yp: 3 })],
];

let folder: string;
let host: TestHost;
let server: Server;
let answers: Garbage = {};
let url: string;

beforeAll(async () => {
  server = createServer(({ url: path = "" }, response) => response.end(answers[path] ?? answers["*"]));
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = mkdtempSync(join(tmpdir(), "lectern-garbage-"));
  const stage = {
    instance: { name: "Named", tags: ["one"], pageText: "Text" },
    video: { latency: "low", ladder: "lecture" },
    chat: { emoji: { list: [] } },
    integrations: { webhooks: { list: [] }, accessTokens: { list: [] } },
  };
  host = writeTestHost(folder, {
    ...{ stage, owncastUrl: url },
    secrets: { "admin-password": "a-password", "stream-key": "a-key" },
  });
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "secrets/admin-password"), "a-password\n");
  process.env.LECTERN_STAGES = host.file;
});
afterEach(() => {
  answers = {};
});
afterAll(() => {
  delete process.env.LECTERN_STAGES;
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true });
});

const commands: readonly (readonly [string, () => Promise<VerbOutcome>])[] = [
  ["plan", () => runVerb(plan, ["main", "--deadline", "1"])],
  ["apply", () => runVerb(apply, ["main", "--deadline", "1"])],
  ["status", () => runVerb(status, ["main", "--deadline", "1"])],
  ["export", () => runVerb(exportVerb, [...exported(), "--force", "--all", "--deadline", "1"])],
  ["probe", () => runVerb(probe, ["--url", url, "--deadline", "1"])],
];

test.each(commands)("%s says what is wrong with each response that is not Owncast's", async (_, run) => {
  for (const [what, garbled] of sample("answers that are not Owncast's", garbage, 5)) {
    answers = garbled;
    const outcome = await run().catch((error: Error) => ({ code: -1, stderr: `${error.stack}`, stdout: "" }));
    expect({ what, ...outcome, stdout: "" }).toMatchObject({ what, code: expect.toBeOneOf([1, 2, 69]) });
    expect(`${what}: ${outcome.stdout}${outcome.stderr}`).not.toMatch(/\n\s+at |TypeError|is not a function|undefined/);
  }
});

const exported = (): string[] => [
  ...["--url", url, "--secrets", join(folder, "secrets"), "--output", join(folder, "x.yaml")],
];
