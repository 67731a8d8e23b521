import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { type PlainOwncast, startSettingsOwncast } from "../lib/owncast/plain-owncast.ts";
import { eventually } from "../lib/process/demo-process.ts";
import { type LecternProcess, startLectern } from "../lib/process/lectern-process.ts";
import { runLectern, type VerbOutcome } from "../lib/process/run-verb.ts";
import { type FaultyProxy, startFaultyProxy } from "../lib/site/faulty-proxy.ts";

const bothWrites = ["POST /api/admin/config/name", "POST /api/admin/config/serversummary"];
const password = "the-password-of-this-test";
const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;

let folder: string;
let owncast: PlainOwncast;
let proxy: FaultyProxy;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-turns-"));
  mkdirSync(at("secrets"));
  vi.stubEnv("XDG_RUNTIME_DIR", folder);
  for (const [name, value] of Object.entries({ "admin-password": password, "stream-key": "the-key-of-this-test" }))
    writeFileSync(at(`secrets/${name}`), `${value}\n`);
  owncast = await startSettingsOwncast(password);
  proxy = await startFaultyProxy(owncast.url);
});
afterAll(async () => {
  proxy?.stop();
  await owncast?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

const started: LecternProcess[] = [];
beforeEach(async () => {
  proxy.faultOf = () => "pass";
  expect(await runLectern(wordsFor("Before"))).toMatchObject({ code: 0 });
  proxy.requests.length = 0;
});
afterEach(() => {
  for (const one of started.splice(0)) one.kill();
});

/** The arguments of an apply of a stage with the name and summary `word`. */
function wordsFor(word: string, { url = proxy.url, deadline = "500" } = {}): string[] {
  writeFileSync(at(`${word}.yaml`), stringify({ instance: { name: word, summary: word } }));
  const target = ["--seed", at(`${word}.yaml`), "--url", url, "--secrets", at("secrets"), "--deadline", deadline];
  return ["apply", ...target];
}

/** Applies it in a process of its own. */
function start(word: string): LecternProcess {
  const process = startLectern(wordsFor(word));
  started.push(process);
  return process;
}

/** Starts an apply and holds its two parallel writes until `goOn` is called. */
async function startHeld(word: string): Promise<{ readonly first: LecternProcess; goOn(): void }> {
  let goOn = () => {};
  const released = new Promise<"pass">((resolve) => {
    goOn = () => resolve("pass");
  });
  const held = new Set(bothWrites);
  proxy.faultOf = (asked) => (held.delete(asked) ? released : "pass");
  const first = start(word);
  expect(await eventually(() => held.size === 0)).toBe(true);
  return { first, goOn };
}

/** Starts an apply in this process. Resolves when it waits for the first one, to its words and the promise of its end. */
async function startWaiting(word: string, url = proxy.url): Promise<{ said: string; ended: Promise<VerbOutcome> }> {
  let said = "";
  const ended = runLectern(wordsFor(word, { url }), (text) => {
    said += text;
  });
  expect(await eventually(() => said.includes("waiting for another apply on"))).toBe(true);
  return { said, ended };
}

async function running(): Promise<[name: string, summary: string]> {
  const answer = await fetch(`${owncast.url}/api/admin/serverconfig`, { headers: { authorization } });
  const { instanceDetails } = (await answer.json()) as { instanceDetails: { name: string; summary: string } };
  return [instanceDetails.name, instanceDetails.summary];
}

const writes = () => proxy.requests.filter((asked) => asked.startsWith("POST ")).toSorted();

test("of two with the same seed, the second names the process that it waits for, and finds nothing to change; localhost is 127.0.0.1", async () => {
  const { first, goOn } = await startHeld("Same");
  // Another one waits until its deadline: it writes nothing, and names the lock.
  const late = await runLectern(wordsFor("Late", { deadline: "1" }));
  expect(late).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/nothing was written \(lock .*\/127\.0\.0\.1-\d+\.lock\)/),
  });
  const second = await startWaiting("Same", proxy.url.replace("127.0.0.1", "localhost"));
  expect(second.said).toContain(`(pid ${first.pid})`);
  goOn();
  expect(await first.ended).toMatchObject({ code: 0 });
  expect(await second.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("no changes") });
  expect(writes()).toEqual(bothWrites);
});

test("of two that contradict each other, the server gets the whole seed of the second", async () => {
  const { first, goOn } = await startHeld("One");
  const second = await startWaiting("Two");
  goOn();
  // The first read its own values back: the second wrote nothing meanwhile.
  expect(await first.ended).toMatchObject({ code: 0 });
  expect(await second.ended).toMatchObject({ code: 0 });
  expect(await running()).toEqual(["Two", "Two"]);
});

test("the lock of a killed apply is free at once", async () => {
  const { first } = await startHeld("Killed");
  const second = await startWaiting("Next");
  first.kill();
  expect(await second.ended).toMatchObject({ code: 0 });
  expect(await running()).toEqual(["Next", "Next"]);
});
