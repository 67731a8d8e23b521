import { afterAll, beforeAll, expect, test } from "vitest";
import { expandStage } from "../../codegen/schema/stage/stage.ts";
import { apply, countChanges, plan } from "../../src/owncast/apply/apply.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";

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
let owncast: PlainOwncast;
beforeAll(async () => {
  owncast = await startPlainOwncast();
});
afterAll(() => owncast?.stop());

const logsIn = async (password: string): Promise<boolean> => {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  return (await fetch(`${owncast.url}/api/admin/serverconfig`, { headers: { authorization } })).ok;
};

// Each is set with the one before; the first with Owncast's default.
test.each([
  { what: "with a colon and signs", password: "a:b?c%d&e#f \"g'h\\" },
  { what: "in any language", password: "Pässwort пароль 鍵🔑" },
  { what: "of 72 bytes", password: "p".repeat(72) },
  { what: "of 512 bytes, whose first 72 open nothing", password: `${"p".repeat(72)}${"q".repeat(440)}` },
])("keys of every kind and an admin password $what are taken as they are", async ({ password }) => {
  const reveal = (name: string) => (name === "admin-password" ? password : (streamKeys[names.indexOf(name)] ?? ""));
  const target = { seed, reveal, url: owncast.url, deadlineSeconds: 60 };
  const current = set.at(-1) ?? "abc123";
  await apply({ ...target, currentPassword: current });
  expect(countChanges(await plan(target))).toBe(0);
  expect([await logsIn(password), await logsIn(current)]).toEqual([true, false]);
  const first72 = Buffer.from(password).subarray(0, 72).toString();
  if (first72 !== password) expect(await logsIn(first72)).toBe(false);
  set.push(password);
});
