import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Seed } from "../../generated/seed.d.ts";
import { makeSecrets, readSecrets } from "./secrets.ts";

const seed: Seed = {
  access: { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "key-a" }, { secret: "key-b" }] },
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string) => writeFileSync(join(folder, name), text);

describe("reading secrets", () => {
  it("reveals each by its name, without its line end", async () => {
    put("admin-password", "hunter2hunter2\n");
    put("key-a", "a-key\r\n");
    put("key-b", "b key/ü");
    const reveal = await readSecrets(seed, folder);
    expect(["admin-password", "key-a", "key-b"].map(reveal)).toEqual(["hunter2hunter2", "a-key", "b key/ü"]);
  });

  it("names everything that is missing or unusable at once, and no value", async () => {
    put("admin-password", "abc123\n");
    put("key-a", "\n");
    const error = await readSecrets(seed, folder).catch((caught: Error) => caught.message);
    expect(error).toContain("admin-password: holds Owncast's default");
    expect(error).toContain("key-a: is empty");
    expect(error).toContain("key-b: no such file");
    expect(error).not.toContain("abc123");
  });

  it("refuses a stream key that would open the admin page", async () => {
    for (const name of ["admin-password", "key-a", "key-b"]) put(name, name === "key-a" ? "key-a-value" : "the-same");
    await expect(readSecrets(seed, folder)).rejects.toThrow(/key-b: is the same as admin-password/);
  });

  it("refuses a second line", async () => {
    put("admin-password", "one\ntwo\n");
    await expect(readSecrets(seed, folder)).rejects.toThrow("a secret is one line");
  });
});

describe("making secrets", () => {
  it("makes what is missing, private and different each, and touches nothing that is there", async () => {
    put("key-a", "mine\n");
    chmodSync(join(folder, "key-a"), 0o600);
    expect(await makeSecrets(seed, folder)).toEqual(["admin-password", "key-b"]);
    expect(readFileSync(join(folder, "key-a"), "utf8")).toBe("mine\n");
    expect(statSync(join(folder, "key-b")).mode & 0o777).toBe(0o600);
    const reveal = await readSecrets(seed, folder);
    expect(reveal("admin-password")).not.toBe(reveal("key-b"));
    expect(reveal("key-b").length).toBeGreaterThan(40);
  });

  it("leaves out those that lie elsewhere", async () => {
    expect(await makeSecrets(seed, folder, ["key-a"])).toEqual(["admin-password", "key-b"]);
    expect(existsSync(join(folder, "key-a"))).toBe(false);
  });
});
