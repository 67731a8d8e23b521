import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDocs } from "../../codegen/emit/docs.ts";
import type { Field } from "../../codegen/schema/core/fields.ts";
import type { ConfigMeta } from "../../codegen/schema/core/registry.ts";
import { configFields } from "../../codegen/schema/owncast/owncast.ts";
import { expandStage, Stage, seedFields } from "../../codegen/schema/stage/stage.ts";
import { apply, countChanges, plan } from "../../src/owncast/apply/apply.ts";
import { encodeSetting } from "../../src/owncast/apply/diff.ts";
import { sample } from "../lib/exhaustive.ts";
import { type PlainOwncast, startSettingsOwncast } from "../lib/owncast/plain-owncast.ts";

let owncast: PlainOwncast;
let fresh: unknown;
/** Its configuration after all examples were written, and its response to each. */
let configured: unknown;
const answers = new Map<string, string>();
beforeAll(async () => {
  owncast = await startSettingsOwncast();
  fresh = await serverConfig();
  for (const [path, { meta }] of readable) {
    const body = JSON.stringify({ value: encodeSetting(meta, exampleOf(path), reveal) });
    const answer = await owncast.admin(`config/${meta.write}`, { method: "POST", body });
    answers.set(path, `${answer.status} ${answer.ok ? "" : await answer.text()}`);
  }
  configured = await serverConfig();
});
afterAll(() => owncast?.stop());

const serverConfig = async (): Promise<unknown> => (await owncast.admin("serverconfig")).json();
const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);
function readBack(config: unknown, { read, absentMeans }: ConfigMeta): unknown {
  const found = at(config, (read ?? "").slice(1).split("/"));
  return found === undefined ? absentMeans : found;
}
const reveal = (name: string): string => `https://secret.example/${name}`;
const normalised = ({ normalise }: ConfigMeta, value: unknown): unknown =>
  normalise ? (normalise as (value: unknown) => unknown)(value) : value;

/** The setting's documented example, in the seed's form. */
function exampleOf(path: string): unknown {
  if (!path.includes(".")) return docs.Seed.get(path)?.example;
  const [area = "", key = ""] = path.split(".");
  const example = docs.Stage.get(path)?.example;
  return at(expandStage(Stage.parse({ [area]: { [key]: example } })), [area, key]);
}
const docs = readDocs("codegen/schema", seedFields);

const readable = configFields
  .filter(({ meta }) => meta.read !== null)
  .map((field): [string, Field<ConfigMeta>] => [field.path, field]);

describe.each(readable)("%s", (path, { meta }) => {
  test("has its read-back path in a fresh server, with the documented default", () => {
    const found = readBack(fresh, meta);
    expect(found).toBeDefined();
    const { ownDefault } = meta;
    if ("value" in ownDefault)
      expect(normalised(meta, found)).toEqual(normalised(meta, encodeSetting(meta, ownDefault.value, reveal)));
    else if (ownDefault.readsBack !== undefined) expect(found).toEqual(ownDefault.readsBack);
  });

  test("accepts its documented example and reads it back", () => {
    expect(answers.get(path)).toBe("200 ");
    const sent = encodeSetting(meta, exampleOf(path), reveal);
    expect(normalised(meta, readBack(configured, meta))).toEqual(normalised(meta, sent));
  });
});

describe("a server that lacks a setting", () => {
  let proxy: Server;
  afterAll(() => proxy?.close());

  test("gets no writes, and the error names the setting and the needed release", async () => {
    const written: string[] = [];
    proxy = createServer(async (incoming, answer) => {
      if (incoming.method !== "GET") written.push(incoming.url ?? "");
      const { chatRequireAuthentication: _, ...rest } = (await serverConfig()) as Record<string, unknown>;
      answer.end(JSON.stringify(rest));
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as { port: number };
    const seed = expandStage({ chat: { requireAuthentication: true, enabled: false } });
    const attempt = apply({ seed, url: `http://127.0.0.1:${port}`, reveal, deadlineSeconds: 5 });
    await expect(attempt).rejects.toThrow("has no chat.requireAuthentication (since Owncast 0.2.5)");
    expect(written).toEqual([]);
  });
});

const streamKeys = [
  "key?token=1",
  "100%",
  "a%20b",
  "key#1",
  "a&b=c",
  "correct horse",
  "a/b",
  "<Schlüssel>",
  "ключ-鍵-🔑",
];
const names = streamKeys.map((_, index) => `key-${index}`);
const seed = expandStage({ access: { streamKeys: names.map((secret) => ({ secret })) } });

const set: string[] = [];
const logsIn = async (password: string): Promise<boolean> => {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  return (await fetch(`${owncast.url}/api/admin/serverconfig`, { headers: { authorization } })).ok;
};

const passwords = [
  { what: "with a colon and signs", password: "a:b?c%d&e#f \"g'h\\" },
  { what: "in any language", password: "Pässwort пароль 鍵🔑" },
  { what: "of 72 bytes", password: "p".repeat(72) },
  { what: "of 512 bytes, whose first 72 open nothing", password: `${"p".repeat(72)}${"q".repeat(440)}` },
];
// Each request sets a password with the previous one, the first with Owncast's default. So these tests must be the last.
test.each(sample("kinds of admin passwords", passwords, 2))(
  "keys of every kind and an admin password $what are taken as they are",
  async ({ password }) => {
    const revealed = (name: string) => (name === "admin-password" ? password : (streamKeys[names.indexOf(name)] ?? ""));
    const target = { seed, reveal: revealed, url: owncast.url, deadlineSeconds: 60 };
    const current = set.at(-1) ?? "abc123";
    await apply({ ...target, currentPassword: current });
    expect(countChanges(await plan(target))).toBe(0);
    expect([await logsIn(password), await logsIn(current)]).toEqual([true, false]);
    const first72 = Buffer.from(password).subarray(0, 72).toString();
    if (first72 !== password) expect(await logsIn(first72)).toBe(false);
    set.push(password);
  },
);
