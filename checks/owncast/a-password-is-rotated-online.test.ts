import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { sample } from "../lib/exhaustive.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { eventually } from "../lib/process/demo-process.ts";
import { type LecternProcess, startLectern } from "../lib/process/lectern-process.ts";
import { runLectern } from "../lib/process/run-verb.ts";
import { type Fault, type FaultyProxy, startFaultyProxy } from "../lib/site/faulty-proxy.ts";

const read = "GET /api/admin/serverconfig";
const passwordWrite = "POST /api/admin/config/adminpass";
let folder: string;
let owncast: PlainOwncast;
let proxy: FaultyProxy;
const at = (name: string) => join(folder, name);
const memory = () => readFileSync(at("state/applied-password"), "utf8");
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-rotated-"));
  for (const name of ["secrets", "state"]) mkdirSync(at(name));
  vi.stubEnv("XDG_RUNTIME_DIR", folder);
  writeFileSync(at("secrets/stream-key"), "the-key-of-this-test\n");
  writeFileSync(at("main.yaml"), "instance: { name: Rotated }\n");
  owncast = await startPlainOwncast();
  proxy = await startFaultyProxy(owncast.url);
});
afterAll(async () => {
  proxy?.stop();
  await owncast?.stop();
  if (folder) rmSync(folder, { recursive: true });
});
let cut: LecternProcess | undefined;
beforeEach(async () => {
  expect(await applyPassword(next())).toMatchObject({ code: 0 });
});
afterEach(() => cut?.kill());

let made = 0;
const next = (): string => `password-${++made}-of-this-test`;

/** The arguments of an apply that sets this password. From then on, the proxy passes all requests. */
function wordsFor(password: string, options: readonly string[] = ["--state-dir", at("state")]): string[] {
  proxy.requests.length = 0;
  proxy.faultOf = () => "pass";
  writeFileSync(at("secrets/admin-password"), `${password}\n`);
  const target = ["--seed", at("main.yaml"), "--url", proxy.url, "--secrets", at("secrets"), "--deadline", "300"];
  return ["apply", ...target, ...options];
}

async function applyPassword(password: string, options?: readonly string[]) {
  const { code, stdout, stderr } = await runLectern(wordsFor(password, options));
  return { code, output: stdout + stderr };
}

async function accepts(password: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  const { status } = await fetch(`${owncast.url}/api/admin/serverconfig`, { headers: { authorization } });
  return status === 200;
}

test("apply replaces the old password, which it knows from the state folder, and prints neither", async () => {
  const old = memory().trim();
  const wanted = next();
  const { code, output } = await applyPassword(wanted);
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining("access.adminPassword") });
  expect([await accepts(old), await accepts(wanted)]).toEqual([false, true]);
  expect(memory()).toBe(`${wanted}\n`);
  expect(statSync(at("state/applied-password")).mode & 0o777).toBe(0o600);
  expect(output).not.toContain("of-this-test");
  expect(existsSync(at("state/applied-password.new"))).toBe(false);
});

test("the first apply with a state folder remembers a password that was applied without one", async () => {
  const wanted = memory();
  rmSync(at("state/applied-password"));
  expect(await applyPassword(wanted.trim())).toMatchObject({
    code: 0,
    output: expect.stringContaining("no changes"),
  });
  expect(memory()).toBe(wanted);
  expect(proxy.requests).toEqual([read]);
});

test("without a state folder apply cannot know the old password: exit 77, with a remedy", async () => {
  const old = memory().trim();
  const { code, output } = await applyPassword(next(), []);
  expect(code).toBe(77);
  expect(output).toMatch(/restart the stage.*--state-dir/s);
  expect(output).not.toContain("of-this-test");
  expect(await accepts(old)).toBe(true);
});

/** The request at which the apply is held and killed. `from` is the first of its kind that counts. */
const moments: [moment: string, { readonly asked: string; readonly after?: string; readonly fault: Fault }][] = [
  ["before it knows which password the server has", { asked: read, fault: "hold" }],
  ["when both passwords are written down and the server has heard nothing", { asked: passwordWrite, fault: "hold" }],
  ["when the server has the new one and did not say so", { asked: passwordWrite, fault: "hold when saved" }],
  ["when the server said so and nobody has logged in yet", { asked: read, after: passwordWrite, fault: "hold" }],
  [
    "when it has logged in, before that is written down",
    { asked: read, after: passwordWrite, fault: "hold when saved" },
  ],
];

test.each(sample("moments to kill an apply at", moments, 2))(
  "killed %s, the next apply sets yet another password",
  async (_, { asked, after, fault }) => {
    cut = startLectern(wordsFor(next()));
    let held = false;
    proxy.faultOf = (one) => {
      if (one !== asked || (after !== undefined && !proxy.requests.includes(after))) return "pass";
      held = true;
      return fault;
    };
    expect(await eventually(() => held)).toBe(true);
    // The proxy must save this request before it holds it.
    if (fault === "hold when saved" && asked === passwordWrite)
      await expect.poll(() => accepts(`password-${made}-of-this-test`), { timeout: 60_000 }).toBe(true);
    cut.kill();
    expect((await cut.ended).code).toBeNull();
    // The state after a kill while it writes the file.
    writeFileSync(at("state/applied-password.new"), "half a pass");
    const wanted = next();
    expect(await applyPassword(wanted)).toMatchObject({ code: 0 });
    expect(await accepts(wanted)).toBe(true);
    expect(memory()).toBe(`${wanted}\n`);
  },
);
