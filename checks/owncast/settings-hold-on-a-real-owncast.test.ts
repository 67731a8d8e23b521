import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDocs } from "../../codegen/docs.ts";
import type { Field } from "../../codegen/schema/core/fields.ts";
import type { ConfigMeta } from "../../codegen/schema/core/registry.ts";
import { configFields } from "../../codegen/schema/owncast/owncast.ts";
import { expandStage, Stage, seedFields } from "../../codegen/schema/stage/stage.ts";
import { apply } from "../../src/owncast/apply/apply.ts";
import { encodeSetting } from "../../src/owncast/apply/diff.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";

let owncast: PlainOwncast;
let fresh: unknown;
beforeAll(async () => {
  owncast = await startPlainOwncast();
  fresh = await serverConfig();
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

/** The setting's documented example as a seed holds it. */
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
  test("has its read-back place in a fresh server, with the default that the documentation says", () => {
    const found = readBack(fresh, meta);
    expect(found).toBeDefined();
    const { ownDefault } = meta;
    if ("value" in ownDefault)
      expect(normalised(meta, found)).toEqual(normalised(meta, encodeSetting(meta, ownDefault.value, reveal)));
    else if (ownDefault.readsBack !== undefined) expect(found).toEqual(ownDefault.readsBack);
  });

  test("takes its documented example and reads it back", async () => {
    const sent = encodeSetting(meta, exampleOf(path), reveal);
    const answer = await owncast.admin(`config/${meta.write}`, {
      method: "POST",
      body: JSON.stringify({ value: sent }),
    });
    expect(answer.status, await answer.text()).toBe(200);
    expect(normalised(meta, readBack(await serverConfig(), meta))).toEqual(normalised(meta, sent));
  });
});

describe("a server that lacks a setting", () => {
  let proxy: Server;
  afterAll(() => proxy?.close());

  test("is told so by name and release, and nothing is written", async () => {
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
