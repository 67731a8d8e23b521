import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDocument } from "../../codegen/load/yaml-document.ts";
import { owncastFields } from "../../codegen/schema/owncast/owncast.ts";
import { verb as checkVerb } from "../../src/commands/check.ts";
import { verb as exportVerb } from "../../src/commands/export.ts";
import { verb as planVerb } from "../../src/commands/plan.ts";
import { click, send } from "../lib/owncast/clicked-together.ts";
import { type PlainOwncast, startSettingsOwncast } from "../lib/owncast/plain-owncast.ts";
import { runVerb } from "../lib/process/run-verb.ts";
import { png } from "../lib/schema/tiny-pictures.ts";
import { type FaultyProxy, startFaultyProxy } from "../lib/site/faulty-proxy.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-refused-"));
let owncast: PlainOwncast;
let proxy: FaultyProxy;
beforeAll(async () => {
  mkdirSync(join(folder, "secrets"));
  secret("admin-password", "abc123");
  owncast = await startSettingsOwncast();
  proxy = await startFaultyProxy(owncast.url);
});
afterAll(async () => {
  proxy?.stop();
  await owncast?.stop();
  rmSync(folder, { recursive: true });
});

const secret = (name: string, value: string) => writeFileSync(join(folder, "secrets", name), `${value}\n`);
const target = (url = proxy.url) => ["--url", url, "--secrets", join(folder, "secrets"), "--deadline", "30"];
const file = (name: string) => join(folder, `${name}.yaml`);
const exportTo = (name: string, ...options: string[]) =>
  runVerb(exportVerb, [...target(), "--output", file(name), ...options]);
const text = (name: string): string => readFileSync(file(name), "utf8");
const contentOf = (name: string): unknown => parseDocument(file(name), readFileSync(file(name))).value;

test("a fresh Owncast gives an empty stage file, and export only reads it", async () => {
  proxy.requests.length = 0;
  const { code, stdout, stderr } = await exportTo("fresh");
  expect({ code, value: contentOf("fresh") }).toEqual({ code: 0, value: {} });
  expect(proxy.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
  expect(proxy.requests.filter((request) => request.endsWith("serverconfig"))).toHaveLength(1);
  expect(stdout).toMatch(/admin-password {2}the password of the admin page\n {2}stream-key {6}the stream key\n/);
  expect(stderr).toContain("admin-password: this Owncast has the public default");
  expect(stderr).toContain("stream-key: choose a new value for the stream key");
});

test("--all writes Owncast's defaults, and names those that no stage file can hold", async () => {
  const { code, stdout } = await exportTo("all", "--all", "--json");
  expect(code).toBe(0);
  const { settings } = JSON.parse(stdout) as { settings: string[] };
  const unsayable = ["serverUrl", "access.adminPassword", "access.streamKeys"];
  expect(settings).toEqual(owncastFields.map(({ path }) => path).filter((path) => !unsayable.includes(path)));
  expect(contentOf("all")).toMatchObject({
    video: { ladder: [{ name: "1.2Mbps@24fps", framerate: 24, bitrateKbps: 1200 }] },
  });
  expect((await runVerb(checkVerb, [file("all")])).code).toBe(0);
});

test("an existing file is not replaced", async () => {
  const before = text("fresh");
  const { code, stderr } = await exportTo("fresh", "--all");
  expect(code).toBe(1);
  expect(stderr).toContain("exists already");
  expect(text("fresh")).toBe(before);
  expect((await exportTo("fresh", "--force")).code).toBe(0);
});

describe("a setting from the admin page that a stage file may not hold", () => {
  const refused: Readonly<Record<string, unknown>> = {
    "instance.name": "Line one\r\nLine two",
    "instance.pageText": "typed on Windows\r\n# no comment\r\n",
    "instance.tags": ["<b>", "ok"],
    "chat.suggestedNames": ["Ada"],
    "appearance.styles": `bell \u0007 and \u2028${"x".repeat(20_000)}`,
    "video.ladder": [{ name: "A", videoPassthrough: false, videoBitrate: 1200, audioBitrate: 0, scaledWidth: 641 }],
  };
  const sayable = { "chat.welcomeMessage": "hello", "appearance.javascript": "// kept\n" };
  beforeAll(async () => {
    for (const [path, value] of Object.entries({ ...refused, ...sayable })) await click(owncast, path, value);
    await click(owncast, "access.streamKeys", [{ key: "a-key-of-its-own", comment: "" }]);
    for (const event of ["CHAT", "NAME_CHANGE"])
      await send(owncast.admin, "webhooks/create", { url: "https://hooks.example/x?token=hidden", events: [event] });
    await send(owncast.admin, "accesstokens/create", { name: "bot!", scopes: ["HAS_ADMIN_ACCESS"] });
    await send(owncast.admin, "accesstokens/create", { name: "scoreboard", scopes: ["CAN_SEND_MESSAGES"] });
    const data = `data:image/png;base64,${png().toString("base64")}`;
    await send(owncast.admin, "emoji/upload", { name: "odd name.png", data });
    await send(owncast.admin, "config/adminpass", { value: "of-this-test" });
    secret("admin-password", "of-this-test");
    secret("stream-key", "a-key-of-its-own");
    secret("webhook-hooks-example", "https://hooks.example/x?token=hidden");
  });

  test("is named, is in the file as a comment, and makes the command exit 2", async () => {
    const { code, stderr } = await exportTo("refused");
    expect(code).toBe(2);
    for (const path of Object.keys(refused)) {
      expect(stderr).toContain(`not taken over: ${path}`);
      expect(text("refused")).toContain(`# Not taken over: ${path}`);
    }
    expect(text("refused")).toContain('#   "Line one\\r\\nLine two"');
    expect(stderr).toContain("not taken over: integrations.accessTokens bot!: ");
    expect(stderr).toContain("not taken over: chat.emoji odd name: ");
    expect(stderr).toContain("not taken over: integrations.webhooks https://hooks.example/…: expected each url once");
  });

  test("does not change the rest of the file", async () => {
    expect(contentOf("refused")).toMatchObject({
      chat: { welcomeMessage: "hello" },
      appearance: { javascript: "// kept\n" },
      integrations: {
        webhooks: { list: [{ url: { secret: "webhook-hooks-example" }, events: ["chat-message"] }] },
        accessTokens: { list: [{ name: "scoreboard", scopes: ["send-messages"] }] },
      },
    });
    expect(text("refused")).not.toContain("hidden");
    expect((await runVerb(checkVerb, [file("refused")])).code).toBe(0);
    const planned = await runVerb(planVerb, ["--seed", file("refused"), ...target()]);
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringMatching(/^no changes\n/) });
  });

  test("is in the JSON output too", async () => {
    const { code, stdout } = await exportTo("machine", "--json");
    expect(code).toBe(2);
    const named = (JSON.parse(stdout) as { refused: { path: string }[] }).refused.map(({ path }) => path);
    expect(named).toEqual(expect.arrayContaining(Object.keys(refused)));
  });
});

describe("an older server", () => {
  let old: Server;
  afterAll(() => old?.close());

  test("is exported without the settings that it lacks", async () => {
    proxy.faultOf = (asked) => (asked.endsWith(" /api/admin/config/favicon") ? { status: 404 } : "pass");
    const address = await startOld();
    const { code } = await runVerb(exportVerb, [...target(address), "--output", file("old"), "--all"]);
    expect(code).toBe(2);
    expect(text("old")).toContain("# requireAuthentication: this Owncast does not have it; Owncast has it since 0.2.5");
    expect(text("old")).toContain("# favicon: this Owncast does not have it; Owncast has it since 0.2.5");
    expect(contentOf("old")).not.toMatchObject({ appearance: { favicon: expect.anything() } });
  });

  /** Passes all settings on but one of a later release. */
  async function startOld(): Promise<string> {
    old = createServer(async (incoming, answer) => {
      const headers = { authorization: incoming.headers.authorization ?? "" };
      const response = await fetch(`${proxy.url}${incoming.url}`, { headers });
      const body = Buffer.from(await response.arrayBuffer());
      answer.writeHead(response.status);
      if (!incoming.url?.endsWith("serverconfig")) return answer.end(body);
      const { chatRequireAuthentication: _, ...rest } = JSON.parse(body.toString()) as Record<string, unknown>;
      answer.end(JSON.stringify(rest));
    });
    await new Promise<void>((resolve) => old.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(old.address() as { port: number }).port}`;
  }
});

test("a refused password exits 77 and leaves no file", async () => {
  secret("admin-password", "not-this-one");
  expect(await exportTo("none")).toMatchObject({ code: 77, stderr: expect.not.stringContaining("not-this-one") });
  expect(existsSync(file("none"))).toBe(false);
});
