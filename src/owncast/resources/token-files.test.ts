import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { accessTokens } from "./access-tokens.ts";
import type { ResourcePlan } from "./converge.ts";
import { diffResource } from "./kind.ts";
import { ensureTokenFolder, saveTokens } from "./token-files.ts";
import { webhooks } from "./webhooks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-tokens-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A plan for the program `bot` with the scope to send. `live` are the server's tokens of that name, by their scopes. */
function planWith(live: Readonly<Record<string, string>>, kind = accessTokens): ResourcePlan {
  const create = async () => ({ status: 200, message: "" });
  const found = Object.entries(live).map(([scope, token]) => ({
    ...{ key: "bot", value: [scope], shown: scope, label: "bot", token },
    remove: create,
  }));
  const state = { wanted: [{ key: "bot", label: "bot", value: ["send"], shown: "send", create }], found, prune: false };
  return { kind, path: "x.y", state, ...diffResource("x.y", state) };
}
const file = () => join(folder, "tokens/bot");
const modeOf = (path: string) => statSync(path).mode & 0o777;

it("requires a token folder only if a token is to be created", async () => {
  await expect(ensureTokenFolder([planWith({})], undefined)).rejects.toMatchObject({ exitCode: 64 });
  await expect(ensureTokenFolder([planWith({ admin: "t" })], undefined)).rejects.toThrow("no folder for it");
  await ensureTokenFolder([planWith({ send: "t" })], undefined);
  await ensureTokenFolder([planWith({}, webhooks)], undefined);
});

it("says before any change that the folder cannot be written", async () => {
  writeFileSync(join(folder, "tokens"), "a file");
  await expect(ensureTokenFolder([planWith({})], folder)).rejects.toMatchObject({ exitCode: 1 });
});

it("writes the matching token once, to a file that only its owner may read", async () => {
  await ensureTokenFolder([planWith({})], folder);
  const plan = planWith({ admin: "wrong", send: "right" });
  expect(await saveTokens([plan], folder)).toEqual([file()]);
  expect(readFileSync(file(), "utf8")).toBe("right\n");
  expect([modeOf(join(folder, "tokens")), modeOf(file())]).toEqual([0o700, 0o600]);
  expect(await saveTokens([plan], folder)).toEqual([]);
  expect(readdirSync(join(folder, "tokens"))).toEqual(["bot"]);
});

it("writes the file again if it holds another token or others may read it", async () => {
  await saveTokens([planWith({ send: "old" })], folder);
  expect(await saveTokens([planWith({ send: "new" })], folder)).toEqual([file()]);
  chmodSync(file(), 0o644);
  expect(await saveTokens([planWith({ send: "new" })], folder)).toEqual([file()]);
  expect([modeOf(file()), readFileSync(file(), "utf8")]).toEqual([0o600, "new\n"]);
});

it("writes nothing if no token folder or no token was requested", async () => {
  expect(await saveTokens([planWith({ send: "t" })], undefined)).toEqual([]);
  expect(await saveTokens([planWith({ send: "t" }, webhooks)], folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});
