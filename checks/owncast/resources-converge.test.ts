import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyAgain, inSync, type Reconciled, startReconciled } from "../lib/owncast/reconciled.ts";
import { ico, jpg, png, svg } from "../lib/schema/tiny-pictures.ts";
import type { Fault } from "../lib/site/faulty-proxy.ts";

const hook = "https://hooks.example/stage";
let stand: Reconciled;
beforeAll(async () => {
  stand = await startReconciled();
});
afterAll(() => stand?.stop());
const lectern: Reconciled["lectern"] = (...args) => stand.lectern(...args);
const admin: Reconciled["admin"] = (...args) => stand.admin(...args);
const shown = (path: string) => stand.shown(path);
const put = (name: string, bytes: Uint8Array) => writeFileSync(join(stand.folder, name), bytes);
/** Breaks the next request of this kind. */
function breakOnce(wanted: string, fault: Fault): void {
  let isDone = false;
  stand.proxy.faultOf = (asked) => {
    if (isDone || asked !== wanted) return "pass";
    isDone = true;
    return fault;
  };
}
const writes = () => stand.proxy.requests.filter((request) => !request.startsWith("GET "));

test("apply does not read lists that a stage does not declare", async () => {
  expect(await applyAgain(stand, {})).toEqual(inSync());
});

describe("webhooks", () => {
  const live = async () =>
    ((await admin("webhooks")) as { url: string; events: string[] }[]).map(({ url, events }) => [url, ...events]);
  const stage = (events: readonly string[], rest = {}) => ({
    integrations: { webhooks: { list: [{ url: hook, events }], ...rest } },
  });

  test("are made, once", async () => {
    const declared = stage(["stream-started", "message-visibility-changed"]);
    const planned = await lectern("plan", declared);
    expect(planned.code).toBe(2);
    expect(planned.output).toContain(`+ integrations.webhooks ${hook}: message-visibility-changed, stream-started`);
    expect((await lectern("apply", declared)).code).toBe(0);
    expect(await live()).toEqual([[hook, "STREAM_STARTED", "VISIBILITY-UPDATE"]]);
    expect(await applyAgain(stand, declared)).toEqual(inSync("/api/admin/webhooks"));
    expect((await lectern("plan", declared)).code).toBe(0);
  });

  test("are made once when the connection is lost before or after Owncast makes them", async () => {
    const urls = ["before", "after"].map((when) => `${hook}/${when}`);
    for (const [index, fault] of (["cut", "cut when saved"] as const).entries()) {
      breakOnce("POST /api/admin/webhooks/create", fault);
      const list = urls.slice(0, index + 1).map((url) => ({ url, events: ["chat-message"] }));
      expect(await lectern("apply", { integrations: { webhooks: { list } } })).toMatchObject({ code: 0 });
    }
    expect((await live()).map(([url]) => url).sort()).toEqual([hook, urls[1], urls[0]]);
    const first = { list: [{ url: hook, events: ["stream-started", "message-visibility-changed"] }], prune: true };
    expect((await lectern("apply", { integrations: { webhooks: first } })).code).toBe(0);
  });

  test("are replaced if their events change, but not if only the order changes", async () => {
    const reordered = stage(["message-visibility-changed", "stream-started"]);
    expect(await applyAgain(stand, reordered)).toEqual(inSync("/api/admin/webhooks"));
    const { output } = await lectern("apply", stage(["chat-message"]));
    expect(output).toContain(
      `~ integrations.webhooks ${hook}: message-visibility-changed, stream-started → chat-message`,
    );
    expect(await live()).toEqual([[hook, "CHAT"]]);
  });

  test("made by hand are named without their token and kept; with prune they are removed", async () => {
    await admin("webhooks/create", { url: "https://other.example/hook?token=hidden", events: ["CHAT"] });
    const kept = await lectern("apply", stage(["chat-message"]));
    expect(kept.output).toMatch(/no changes\nnot managed: integrations\.webhooks https:\/\/other\.example\/… /);
    expect(writes()).toEqual([]);
    const planned = await lectern("plan", stage(["chat-message"], { prune: true }), "--json");
    expect(planned.code).toBe(2);
    expect((await lectern("apply", stage(["chat-message"], { prune: true }))).output).toContain(
      "- integrations.webhooks https://other.example/…",
    );
    expect(kept.output + planned.output).not.toContain("hidden");
    expect(await live()).toEqual([[hook, "CHAT"]]);
    expect((await lectern("apply", { integrations: { webhooks: { list: [], prune: true } } })).code).toBe(0);
    expect(await live()).toEqual([]);
  });

  test("may have a secret address: apply compares its value, and shows only its name", async () => {
    const keep = (address: string) => writeFileSync(join(stand.folder, "secrets/webhook"), `${address}\n`);
    const declared = {
      integrations: { webhooks: { list: [{ url: { secret: "webhook" }, events: ["chat-message"] }], prune: true } },
    };
    keep("https://hooks.example/?token=hidden-1");
    const planned = await lectern("plan", declared);
    expect(planned.output).toContain("+ integrations.webhooks (secret webhook): chat-message");
    const applied = await lectern("apply", declared);
    expect(await live()).toEqual([["https://hooks.example/?token=hidden-1", "CHAT"]]);
    expect(await applyAgain(stand, declared)).toEqual(inSync("/api/admin/webhooks"));
    keep("https://hooks.example/?token=hidden-2");
    const rotated = await lectern("plan", declared, "--json");
    expect(rotated.output.match(/"name": "[^"]*/g)).toEqual([
      '"name": "(secret webhook)',
      expect.stringMatching(/^"name": "https:\/\/hooks\.example\/… \(number \d+\)$/),
    ]);
    const again = await lectern("apply", declared);
    expect(await live()).toEqual([["https://hooks.example/?token=hidden-2", "CHAT"]]);
    keep("hooks.example/hidden-3");
    const refused = await lectern("apply", declared);
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringContaining("webhook: expected an address that starts"),
    });
    for (const { output } of [planned, applied, rotated, again, refused]) expect(output).not.toContain("hidden");
    expect((await lectern("apply", { integrations: { webhooks: { list: [], prune: true } } })).code).toBe(0);
  });
});

describe("access tokens", () => {
  type Token = { accessToken: string; displayName: string; scopes: string[] };
  const live = async () => (await admin("accesstokens")) as Token[];
  const stage = (scopes: readonly string[], rest = {}) => ({
    integrations: { accessTokens: { list: [{ name: "scoreboard", scopes }], ...rest } },
  });
  const stateDir = () => ["--state-dir", join(stand.folder, "state")];
  const file = () => join(stand.folder, "state/tokens/scoreboard");
  const says = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    const body = JSON.stringify({ body: "one to nil" });
    const response = await fetch(`${stand.owncast.url}/api/integrations/chat/send`, { method: "POST", headers, body });
    return response.status;
  };

  test("are not made without a folder for their files", async () => {
    const { code, output } = await lectern("apply", stage(["send-messages"]));
    expect(code).toBe(64);
    expect(output).toContain("--state-dir");
    expect(writes()).toEqual([]);
  });

  test("are made, work, have files that only their owner can read, and are never printed", async () => {
    const applied = await lectern("apply", stage(["send-messages"]), ...stateDir());
    expect(applied.code).toBe(0);
    expect(applied.output).toContain(file());
    const token = readFileSync(file(), "utf8").trim();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(stand.folder, "state/tokens")).mode & 0o777).toBe(0o700);
    expect(await says(token)).toBe(200);
    expect(await says(`${token}x`)).not.toBe(200);
    const planned = await lectern("plan", stage(["admin"]), "--json");
    for (const { output } of [applied, planned]) expect(output).not.toContain(token);
    expect(await applyAgain(stand, stage(["send-messages"]), ...stateDir())).toEqual(inSync("/api/admin/accesstokens"));
  });

  test("get a new file if their file was lost", async () => {
    const token = readFileSync(file(), "utf8");
    rmSync(file());
    const { output } = await lectern("apply", stage(["send-messages"]), ...stateDir());
    expect(output).toContain("no changes");
    expect(readFileSync(file(), "utf8")).toBe(token);
    expect(output).not.toContain(token.trim());
  });

  test("are replaced if their scopes change, and the old one no longer works", async () => {
    const old = readFileSync(file(), "utf8").trim();
    const applied = await lectern("apply", stage(["send-messages", "send-system-messages"]), ...stateDir());
    expect(applied.output).toContain("scoreboard: send-messages → send-messages, send-system-messages");
    const token = readFileSync(file(), "utf8").trim();
    expect([await says(old), await says(token)]).toEqual([401, 200]);
    expect(await live()).toMatchObject([{ scopes: ["CAN_SEND_MESSAGES", "CAN_SEND_SYSTEM_MESSAGES"] }]);
    expect(applied.output).not.toContain(token);
  });

  test("made by hand are named and kept; with prune they are removed", async () => {
    const declared = ["send-messages", "send-system-messages"];
    await admin("accesstokens/create", { name: "by hand", scopes: ["HAS_ADMIN_ACCESS"] });
    const kept = await lectern("apply", stage(declared), ...stateDir());
    expect(kept.output).toContain("no changes\nnot managed: integrations.accessTokens by hand");
    const tokens = (await live()).map(({ accessToken }) => accessToken);
    const pruned = await lectern("apply", stage(declared, { prune: true }));
    expect(pruned.output).toContain("- integrations.accessTokens by hand: admin");
    expect((await live()).map(({ displayName }) => displayName)).toEqual(["scoreboard"]);
    for (const token of tokens) expect(kept.output + pruned.output).not.toContain(token);
  });
});

describe("the page's pictures", () => {
  test.each([
    { setting: "logo", file: "logo.png", bytes: png("a"), changed: png("b"), address: "/logo" },
    { setting: "logo", file: "logo.svg", bytes: svg("red"), changed: svg("blue"), address: "/logo" },
    { setting: "logo", file: "logo.jpeg", bytes: jpg(), changed: Buffer.concat([jpg(), jpg()]), address: "/logo" },
    { setting: "favicon", file: "icon.png", bytes: png("c"), changed: png("d"), address: "/favicon.ico" },
    {
      setting: "favicon",
      file: "icon.ico",
      bytes: ico(),
      // The largest picture that the schema allows.
      changed: ico("x".repeat(200_000 - 6)),
      address: "/favicon.ico",
    },
  ])("$setting: $file is shown, once, and again when its bytes change", async ({ setting, file, bytes, ...rest }) => {
    const stage = { appearance: { [setting]: file } };
    for (const content of [bytes, rest.changed]) {
      put(file, content);
      const { code, output } = await lectern("apply", stage);
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(`~ appearance.${setting}: `) });
      expect((await shown(rest.address)).equals(content)).toBe(true);
      expect(await applyAgain(stand, stage)).toEqual(inSync(rest.address));
    }
  });
});

describe("emoji", () => {
  const stage = (file: string, rest = {}) => ({ chat: { emoji: { list: [{ name: "snowflake", file }], ...rest } } });
  const names = async () =>
    (JSON.parse((await shown("/api/emoji")).toString()) as { name: string }[]).map(({ name }) => name);

  test("appear once, beside Owncast's own, which are named", async () => {
    put("one.png", png("e"));
    const { code, output } = await lectern("apply", stage("one.png"));
    expect(code).toBe(0);
    expect(output).toMatch(/1 setting changed\nnot managed: chat\.emoji .* and \d\d more \(prune: true removes them\)/);
    expect((await shown("/img/emoji/snowflake.png")).equals(png("e"))).toBe(true);
    expect(await applyAgain(stand, stage("one.png"))).toEqual(inSync("/api/emoji", "/img/emoji/snowflake.png"));
    expect((await names()).length).toBeGreaterThan(50);
  });

  test("are replaced if their bytes or their kind change", async () => {
    put("one.png", png("f"));
    expect((await lectern("apply", stage("one.png"))).output).toMatch(/~ chat\.emoji snowflake: picture .* → picture /);
    expect((await shown("/img/emoji/snowflake.png")).equals(png("f"))).toBe(true);
    put("two.svg", svg());
    expect((await lectern("apply", stage("two.svg"))).code).toBe(0);
    expect((await shown("/img/emoji/snowflake.svg")).equals(svg())).toBe(true);
    expect((await names()).filter((name) => name === "snowflake")).toEqual(["snowflake"]);
  });

  test("with prune, no other emoji are left", async () => {
    const { code } = await lectern("apply", stage("two.svg", { prune: true }));
    expect(code).toBe(0);
    expect(await names()).toEqual(["snowflake"]);
    expect(await applyAgain(stand, stage("two.svg", { prune: true }))).toEqual(
      inSync("/api/emoji", "/img/emoji/snowflake.svg"),
    );
  });
});

test("for a server without favicons, apply names the setting and the needed release, and applies the rest", async () => {
  stand.proxy.faultOf = (asked) => (asked === "POST /api/admin/config/favicon" ? { status: 404 } : "pass");
  put("late.png", png("late"));
  const { code, output } = await lectern("apply", { appearance: { favicon: "late.png", logo: "late.png" } });
  expect(code).toBe(1);
  expect(output).toContain("appearance.favicon (the server answered 404; Owncast has it since 0.2.5)");
  expect((await shown("/logo")).equals(png("late"))).toBe(true);
});
