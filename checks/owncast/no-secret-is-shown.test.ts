import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { get } from "../../src/viewer/http-client.ts";
import { rehearsalHeader, rehearsalPath } from "../../src/viewer/rehearsal-token.ts";
import { isExhaustive, sample } from "../lib/exhaustive.ts";
import { canaries, writeCanaryInputs, wrongCanaries } from "../lib/owncast/canaries.ts";
import { missedByScan } from "../lib/owncast/planted.ts";
import { type SecretScan, startSecretScan } from "../lib/owncast/secret-scan.ts";
import { deadPort } from "../lib/process/bound-socket.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { type FaultyProxy, startFaultyProxy } from "../lib/site/faulty-proxy.ts";

let scan: SecretScan;
let stand: Stand;
/** Wrong stage files and secrets. Secrets belong in some of them. */
let inputs: string;
/** Passes all requests to Owncast, but refuses each write, and repeats the log-in and the whole body. */
let refusing: FaultyProxy;
/** Responds with 200 without JSON, and repeats the log-in. */
let garbling: FaultyProxy;
const nobodys = deadPort();
beforeAll(async () => {
  expect(await missedByScan({ ...canaries, ...wrongCanaries })).toEqual([]);
  inputs = writeCanaryInputs();
  scan = startSecretScan({ ...canaries, ...wrongCanaries });
  stand = await startStand(join(inputs, "main.yaml"), { given: canaries });
  mkdirSync(join(stand.folder, "tmp"));
  refusing = await startFaultyProxy(stand.owncastUrl);
  refusing.faultOf = (asked, { authorization, body }) => {
    if (!asked.startsWith("POST ")) return "pass";
    const message = `cannot take ${body} of ${authorization}`;
    return { status: 400, body: JSON.stringify({ success: false, message }) };
  };
  garbling = await startFaultyProxy(stand.owncastUrl);
  garbling.faultOf = (_, { authorization }) => ({ status: 200, body: `<h1>you are ${authorization}</h1>` });
});
afterAll(async () => {
  await scan?.watch.stop();
  refusing?.stop();
  garbling?.stop();
  await stand?.stop();
  if (inputs) rmSync(inputs, { recursive: true });
});

const token = (): string => readFileSync(join(stand.folder, "state/tokens/scoreboard"), "utf8").trim();
const logIn = (password: string): Promise<Response> => {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  return fetch(`${stand.owncastUrl}/api/admin/serverconfig`, { headers: { authorization } });
};
/**
 * Secrets belong in their own folder, in Owncast's database, and in the files of the tokens and the last password. The rehearsal
 * token belongs also in the front's file and in what Caddy saves.
 */
const belongs =
  /^(?:secrets|(?:second\/)?state\/tokens)\/|^(?:second\/)?state\/(?:applied-password|data\/owncast\.db(?:-wal|-shm)?)$|^(?:rehearsal|door)\/door\.(?:caddyfile|nginx)$|^caddy\/autosave\.json$/;
const findings = () => scan.findings([stand.folder], belongs);

/** Runs a command as a person does, and records its output. The scan also reads the command's temporary files. */
async function lectern(...args: string[]): Promise<{ code: number; output: string }> {
  return run(lecternCommand(...args));
}
const run = ([program = "", ...args]: readonly string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: join(stand.folder, "tmp") };
    execFile(program, args, { env, timeout: 300_000 }, (error, stdout, stderr) => {
      scan.heard(args.join(" "), stdout + stderr);
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, output: stdout + stderr });
    });
  });

test("the canaries are the secrets in use: they log in, and the server has them", async () => {
  scan.add("access-token", token());
  expect((await logIn(wrongCanaries["wrong-password"])).status).toBe(401);
  const answer = await logIn(canaries["admin-password"]);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    streamKeys: [{ key: canaries["stream-key"] }],
    s3: { accessKey: canaries["s3-access-key"], secret: canaries["s3-secret-key"] },
    notifications: { discord: { webhook: canaries["discord-webhook"] } },
  });
  const said = await fetch(`${stand.owncastUrl}/api/integrations/chat/send`, {
    method: "POST",
    headers: { authorization: `Bearer ${token()}` },
    body: JSON.stringify({ body: "one to nil" }),
  });
  expect(said.status).toBe(200);
  const headers = { [rehearsalHeader]: canaries["rehearsal-token"] };
  expect(await get(`${stand.page}${rehearsalPath}`, { caFile: stand.caFile, headers })).toMatchObject({ status: 204 });
});

interface Case {
  readonly claim: string;
  readonly args: () => string[];
  readonly code: number;
  readonly says?: string;
}
const target = ({ seed = "main.yaml", url = stand.owncastUrl, folder = stand.secretsDir, stateDir = "state" } = {}) => {
  const state = ["--state-dir", join(stand.folder, stateDir)];
  return ["--seed", join(inputs, seed), "--url", url, "--secrets", folder, "--deadline", "5", ...state, "--verbose"];
};
const ofInputs = (name: string): { folder: string } => ({ folder: join(inputs, name) });
const dead = () => ({ url: `http://127.0.0.1:${nobodys}` });
const camera = ({ key = join(stand.secretsDir, "stream-key"), port = stand.ports.rtmp } = {}): string[] => {
  const small = ["--size", "320x180", "--fps", "15", "--duration", "2", "--verbose"];
  return ["publish", "--url", `rtmp://127.0.0.1:${port}/live`, "--stream-key-file", key, ...small];
};
const viewer = (url: string): string[] => {
  const trust = ["--ca", stand.caFile, "--deadline", "2", "--verbose"];
  return ["probe", "--url", url, "--seed", join(inputs, "main.yaml"), ...trust];
};

const door = (secrets: string, ...more: string[]): string[] => {
  const to = join(stand.folder, "door");
  mkdirSync(to, { recursive: true });
  return ["rehearsal-door", "--token-file", join(secrets, "rehearsal-token"), "--to", to, ...more, "--verbose"];
};

/** The cases of a group belong together, in this order. */
const groups: readonly (readonly Case[])[] = [
  [{ claim: "a camera that is taken", args: () => camera(), code: 0 }],
  [{ claim: "a plan in sync", args: () => ["plan", ...target()], code: 0, says: "GET /api/admin/serverconfig 200" }],
  [{ claim: "an apply in sync", args: () => ["apply", ...target()], code: 0 }],
  [{ claim: "a server that is down", args: () => ["apply", ...target(dead())], code: 69, says: "no answer" }],
  [
    { claim: "another admin password", args: () => ["apply", ...target(ofInputs("wrong-password"))], code: 0 },
    {
      claim: "the first one again",
      args: () => ["apply", ...target()],
      code: 0,
      says: "access.adminPassword: changed",
    },
  ],
  [
    {
      claim: "a wrong password",
      args: () => ["apply", ...target({ ...ofInputs("wrong-password"), stateDir: "knows-nothing" })],
      code: 77,
    },
  ],
  [
    { claim: "a door of rehearsals", args: () => door(stand.secretsDir), code: 0 },
    { claim: "a door of rehearsals for nginx", args: () => door(stand.secretsDir, "--for", "nginx"), code: 0 },
  ],
  [{ claim: "a door of rehearsals with a bad token", args: () => door(join(inputs, "guessable")), code: 65 }],
  [{ claim: "a bad stage file", args: () => ["apply", ...target({ seed: "bad.yaml" })], code: 65 }],
  [{ claim: "a shared secret", args: () => ["apply", ...target(ofInputs("shared"))], code: 1 }],
  [{ claim: "garbage for an answer", args: () => ["plan", ...target({ url: garbling.url })], code: 69 }],
  [{ claim: "a secret of two lines", args: () => ["plan", ...target(ofInputs("two-lines"))], code: 1 }],
  [{ claim: "a missing secret", args: () => ["plan", ...target(ofInputs("missing"))], code: 1 }],
  [{ claim: "a camera without a server", args: () => camera({ port: nobodys }), code: 69 }],
  [{ claim: "a viewer of nothing", args: () => viewer(stand.page), code: 2, says: "GET /api/status 200" }],
  [{ claim: "a viewer without a server", args: () => viewer(`https://localhost:${nobodys}`), code: 69 }],
  [{ claim: "a camera with a wrong key", args: () => camera({ key: join(inputs, "wrong-key") }), code: 77 }],
];
const cases = sample("groups of commands that are scanned for secrets", groups, 3).flat();

test.each(cases)("no secret is shown by $claim", async ({ args, code, says = "" }) => {
  const result = await lectern(...args());
  expect(result).toEqual({ code, output: expect.stringContaining(says) });
  expect(findings()).toEqual([]);
});

describe("with every secret changed on the server by hand", () => {
  beforeAll(async () => {
    const authorization = `Basic ${Buffer.from(`admin:${canaries["admin-password"]}`).toString("base64")}`;
    for (const [endpoint, value] of Object.entries({
      streamkeys: [{ key: wrongCanaries["wrong-key"], comment: "" }],
      s3: { enabled: false, accessKey: wrongCanaries["wrong-key"], secret: wrongCanaries["wrong-key"] },
      "notifications/discord": { enabled: false, webhook: wrongCanaries["wrong-key"], goLiveMessage: "" },
    }))
      await fetch(`${stand.owncastUrl}/api/admin/config/${endpoint}`, {
        method: "POST",
        headers: { authorization },
        body: JSON.stringify({ value }),
      });
    const webhooks = `${stand.owncastUrl}/api/admin/webhooks`;
    const [declared] = (await (await fetch(webhooks, { headers: { authorization } })).json()) as { id: number }[];
    for (const [action, body] of Object.entries({
      delete: { id: declared?.id },
      create: { url: `https://127.0.0.1:9/${wrongCanaries["wrong-key"]}`, events: ["CHAT"] },
    }))
      await fetch(`${webhooks}/${action}`, { method: "POST", headers: { authorization }, body: JSON.stringify(body) });
  });

  const planTexts: readonly Case[] = [
    { claim: "a plan", args: () => ["plan", ...target()], code: 2, says: "+ integrations.webhooks (secret webhook): " },
  ];
  test.each<Case>([
    ...(isExhaustive ? planTexts : []),
    { claim: "a plan for machines", args: () => ["plan", ...target(), "--json"], code: 2, says: '"(secret webhook)"' },
    {
      claim: "an apply whose writes are refused with all that was sent",
      args: () => ["apply", ...target({ url: refusing.url })],
      code: 1,
      says: "POST /api/admin/config/s3 400",
    },
    {
      claim: "an apply",
      args: () => ["apply", ...target()],
      code: 0,
      says: "- integrations.webhooks https://127.0.0.1:9/…",
    },
  ])("no secret is shown by $claim", async ({ args, code, says = "" }) => {
    const result = await lectern(...args());
    expect(result).toEqual({ code, output: expect.stringContaining(says) });
    expect(findings()).toEqual([]);
  });
});

describe("bootstrap", () => {
  const bootstrap = (owncast: string, folder = stand.secretsDir) => {
    const files = ["--seed", join(inputs, "main.yaml"), "--secrets", folder, "--verbose"];
    const state = ["--state-dir", join(stand.folder, "second/state"), "--owncast", owncast, "--deadline", "20"];
    return run(stand.network.enter(lecternCommand("bootstrap", ...files, ...state)));
  };

  test("shows no secret; its one-time password stands in argv and logs nobody in", async () => {
    expect(await bootstrap(findProgram("owncast"))).toMatchObject({ code: 0 });
    scan.add("second access-token", readFileSync(join(stand.folder, "second/state/tokens/scoreboard"), "utf8").trim());
    const inArgv = scan.watch.sightings.filter(({ where }) => where === "argv").map(({ bytes }) => `${bytes}`);
    const once = inArgv.flatMap((argv) => /-adminpassword\0([^\0]+)/.exec(argv)?.[1] ?? []);
    expect(once.length).toBeGreaterThan(0);
    for (const password of once) expect((await logIn(password)).status).toBe(401);
    expect(findings()).toEqual([]);
  });

  test("shows no secret when it fails", async () => {
    if (isExhaustive) expect((await bootstrap("/bin/false")).code).toBe(1);
    expect((await bootstrap(findProgram("owncast"), join(inputs, "shared"))).code).toBe(1);
    expect(findings()).toEqual([]);
  });
});

test("the scan saw all processes that use secrets, and looked often", async () => {
  const argv = scan.watch.sightings.filter(({ where }) => where === "argv").map(({ bytes }) => `${bytes}`);
  for (const wanted of [
    /owncast\0-webserverip/,
    /caddy\0run/,
    /ffmpeg\0.*testsrc2/,
    /main\.ts\0apply/,
    /\0bootstrap\0/,
  ])
    expect(argv.filter((one) => wanted.test(one)).length, `${wanted}`).toBeGreaterThan(0);
  expect(scan.watch.sightings.filter(({ where }) => where === "environment").length).toBeGreaterThan(5);
  expect(scan.watch.rounds()).toBeGreaterThan(100);
});
