import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as proxied } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isExhaustive } from "../../checks/lib/exhaustive.ts";
import { lecternCommand } from "../../checks/lib/process/lectern-command.ts";
import { runLectern } from "../../checks/lib/process/run-verb.ts";
import { freePort } from "../lib/free-port.ts";
import { type CaptionsServer, startPushServer } from "../services/captions/push-server.ts";
import type { PushResult } from "../services/captions/push-source.ts";
import { cookieName, viewersAuthorization } from "../viewer/viewer-credentials.ts";
import { partsOf } from "./captioner-session.ts";

const token = "a captioner's tökén";
let folder: string;
let port: number;
let server: CaptionsServer | undefined;
let shown: string[];
let state: Omit<PushResult, "accepted">;
const children: ChildProcessWithoutNullStreams[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-captioner-"));
  writeFileSync(join(folder, "captions-token-de"), `${token}\n`);
  writeFileSync(join(folder, "wrong"), "wrong\n");
  port = await freePort();
  [shown, state] = [[], { waitingSeconds: 0, live: true, full: false }];
  await serve();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(): Promise<void> {
  const inbox = {
    put(lines: readonly string[]) {
      if (state.live && !state.full) shown.push(...lines);
      return { ...state, accepted: lines.length };
    },
  };
  const inboxes = new Map([["de", inbox]]);
  server = await startPushServer({ address: `127.0.0.1:${port}`, inboxes, secrets: folder, say: () => {} });
}

const words = (file = "captions-token-de", language = "de") => [
  ...["captioner", "--url", `http://127.0.0.1:${port}`, "--language", language, "--token-file", join(folder, file)],
];

/** The command in a process of its own, with what it has printed so far. */
function start(...more: string[]) {
  const [program = "", ...args] = lecternCommand(...words(), ...more);
  const child = spawn(program, args);
  children.push(child);
  const printed = { out: "", err: "" };
  child.stdout.on("data", (text) => {
    printed.out += text;
  });
  child.stderr.on("data", (text) => {
    printed.err += text;
  });
  return { child, printed, ended: once(child, "close").then(([code]) => code as number | null) };
}

async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++, await sleep(20)) if (looks > 1500) throw new Error("it does not come about");
}

describe("a captioner at work", () => {
  it("sends each line as it ends, sees what became of it, and ends with its input", async () => {
    const { child, printed, ended } = start();
    await until(() => printed.err.includes("connected: the stage is on air"));
    child.stdin.write("Guten Tag\n\nWir be");
    await until(() => shown.length === 1);
    child.stdin.end("ginnen \u001b[2J.");
    expect(await ended).toBe(0);
    expect(shown).toEqual(["Guten Tag", "Wir beginnen \u001b[2J."]);
    expect(printed.out).toBe("✓ Guten Tag\n✓ Wir beginnen ·[2J.\n");
  });

  it.runIf(isExhaustive)("goes on when the server is back, and is told so", async () => {
    const { child, printed, ended } = start("--json");
    await until(() => printed.err.includes("connected"));
    await server?.stop();
    child.stdin.write("in der Lücke\n");
    await until(() => printed.err.includes("connection lost"));
    await serve();
    await until(() => shown.includes("in der Lücke"));
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(printed.err).toContain("connected again");
    expect(JSON.parse(printed.out)).toEqual({ lines: ["in der Lücke"], shown: true, waitingSeconds: 0 });
    expect(printed.out + printed.err).not.toContain(token);
  });

  it.runIf(isExhaustive)("is told that nobody is on air, and its text is not sent again", async () => {
    state = { ...state, live: false };
    const { child, printed, ended } = start();
    child.stdin.end("zu früh\n");
    expect(await ended).toBe(0);
    expect(printed.out).toContain("✗ zu früh (not shown: the stage is off air");
    expect(shown).toEqual([]);
  });

  it.runIf(isExhaustive)("ends if the token is replaced", async () => {
    const { child, printed, ended } = start();
    await until(() => printed.err.includes("connected"));
    writeFileSync(join(folder, "captions-token-de"), "another one that is long enough\n");
    child.stdin.write("noch da?\n");
    expect(await ended).toBe(77);
    expect(printed.err).toContain("the token is wrong");
  });
});

describe("refused", () => {
  it.each([
    ["with a wrong token", () => words("wrong"), 77, "the token is wrong"],
    ["without its file", () => words("none"), 65, "no such file"],
    ["with another language", () => words("wrong", "fr"), 1, "no captioner writes fr on this stage"],
    ["with a language that is none", () => words("wrong", "../de"), 64, "expected a language's code"],
    ["over plain HTTP", () => ["captioner", "--url", "http://live.test", ...words().slice(3)], 64, "unencrypted"],
    [
      "with a path",
      () => ["captioner", "--url", "https://live.test/x", ...words().slice(3)],
      64,
      "expected an address",
    ],
  ])("%s", async (_, args, code, says) => {
    const outcome = await runLectern(args());
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringContaining(says)]);
    expect(outcome.stderr).not.toContain(token);
  });

  it("if no server is there", async () => {
    await server?.stop();
    expect((await runLectern(words())).code).toBe(69);
  });
});

describe.runIf(isExhaustive)("a private stage", () => {
  const password = "the viewers' password";
  /** A front that asks for the password before it passes requests on, as a private stage's does. */
  async function privateFront(): Promise<{ port: number; stop(): Promise<void> }> {
    const front = createServer((request, response) => {
      const { authorization, cookie } = request.headers;
      const isKnown = cookie === `${cookieName}=in` || authorization === viewersAuthorization(password);
      if (!isKnown) return void response.writeHead(401, { "WWW-Authenticate": "Basic" }).end();
      if (request.url === "/") return void response.writeHead(200, { "Set-Cookie": `${cookieName}=in; Path=/` }).end();
      const { url: path, method, headers } = request;
      const passed = proxied({ port, host: "127.0.0.1", path, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(passed);
    }).listen(0, "127.0.0.1");
    await once(front, "listening");
    const stop = async () => {
      front.close();
      front.closeAllConnections();
    };
    return { port: (front.address() as AddressInfo).port, stop };
  }

  it("takes the password, and then the token", async () => {
    const front = await privateFront();
    try {
      const [verb = "", , , ...rest] = words();
      const to = [verb, "--url", `http://127.0.0.1:${front.port}`, ...rest];
      const refused = await runLectern(to);
      expect([refused.code, refused.stderr]).toEqual([77, expect.stringContaining("--viewer-password-file")]);
      writeFileSync(join(folder, "password"), `${password}\n`);
      const { child, printed, ended } = start(
        "--url",
        `http://127.0.0.1:${front.port}`,
        "--viewer-password-file",
        join(folder, "password"),
      );
      child.stdin.end("Guten Tag\n");
      expect(await ended).toBe(0);
      expect([printed.out, shown]).toEqual(["✓ Guten Tag\n", ["Guten Tag"]]);
    } finally {
      await front.stop();
    }
  });
});

describe("lines", () => {
  it("go in parts of ten lines and 2000 bytes, and long ones are broken at spaces", () => {
    expect(partsOf(Array.from({ length: 25 }, () => "x")).map((part) => part.length)).toEqual([10, 10, 5]);
    const long = Array.from({ length: 1000 }, (_, at) => `wörd${at}`).join(" ");
    const parts = partsOf([long, "y".repeat(5000)]).flat();
    expect(parts.slice(0, -3).join(" ")).toBe(long);
    expect(parts.slice(-3).join("")).toBe("y".repeat(5000));
    for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThan(2000);
  });
});
