import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copySecrets } from "./gate-keys.ts";

let from: string;
let to: string;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-keys-"));
  [from, to] = [join(folder, "from"), join(folder, "to")];
  mkdirSync(from);
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (keys: Readonly<Record<string, string>>) => {
  rmSync(from, { recursive: true });
  mkdirSync(from);
  for (const [name, key] of Object.entries(keys)) writeFileSync(join(from, name), key, { mode: 0o400 });
};
const held = () =>
  Object.fromEntries(readdirSync(to).map((name) => [name, readFileSync(join(to, name), "utf8")] as const));

describe("copying secrets", () => {
  it("writes files and a folder that only their owner may read", async () => {
    put({ "key-a": "a\n", "key-b": "b\n" });
    expect(await copySecrets(from, to)).toEqual(["key-a", "key-b"]);
    expect(held()).toEqual({ "key-a": "a\n", "key-b": "b\n" });
    expect(statSync(to).mode & 0o777).toBe(0o700);
    expect(readdirSync(to).map((name) => statSync(join(to, name)).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it("replaces changed keys, and removes deleted ones and the drafts of a killed run", async () => {
    put({ "key-a": "a\n", "key-b": "b\n" });
    await copySecrets(from, to);
    writeFileSync(join(to, "key-a.new"), "half");
    writeFileSync(join(to, "key-c.new"), "half");
    put({ "key-a": "another\n" });
    await copySecrets(from, to);
    expect(held()).toEqual({ "key-a": "another\n" });
  });

  it("changes nothing in a folder that contains a subfolder: the path may be mistyped", async () => {
    put({ key: "a\n" });
    mkdirSync(join(to, "sub"), { recursive: true });
    writeFileSync(join(to, "thesis"), "text");
    await expect(copySecrets(from, to)).rejects.toMatchObject({ path: join(to, "sub") });
    expect(readdirSync(to).sort()).toEqual(["sub", "thesis"]);
  });

  it("copies the exact bytes, even if they are not UTF-8", async () => {
    put({});
    writeFileSync(join(from, "key"), Buffer.from([0x6b, 0xe9, 0x79]));
    await copySecrets(from, to);
    expect([...readFileSync(join(to, "key"))]).toEqual([0x6b, 0xe9, 0x79]);
  });

  it("always shows a reader a whole key", async () => {
    const keys = ["1", "2"].map((digit) => digit.repeat(40_000));
    put({ key: keys[0] ?? "" });
    await copySecrets(from, to);
    const seen = new Set<string>();
    let copying = true;
    const look = (async () => {
      while (copying) {
        seen.add(readFileSync(join(to, "key"), "utf8"));
        await new Promise(setImmediate);
      }
    })();
    for (let run = 0; run < 20; run++) {
      put({ key: keys[run % 2] ?? "" });
      await copySecrets(from, to);
    }
    copying = false;
    await look;
    expect([...seen].filter((key) => !keys.includes(key))).toEqual([]);
    expect(seen.size).toBe(2);
  });
});
