import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sample } from "../../../checks/lib/exhaustive.ts";
import { needs } from "../../../checks/lib/needs.ts";
import { runTypeScript } from "../../../checks/lib/process/lectern-command.ts";
import { mayMount, onSmallDisk } from "../../../checks/lib/process/small-disk.ts";
import type { Seed } from "../../../generated/seed.d.ts";
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

  it("names all missing and unusable secrets at once, and no value", async () => {
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

  const withWebhooks = (...urls: (string | { secret: string })[]): Seed => ({
    access: { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "key-a" }] },
    integrations: { webhooks: { list: urls.map((url) => ({ url, events: ["chat-message"] })) } },
  });

  it("reads a webhook's address from its file", async () => {
    for (const name of ["admin-password", "key-a"]) put(name, `value-of-${name}`);
    put("webhook", "https://hooks.example/?token=abc\n");
    const reveal = await readSecrets(withWebhooks("https://hooks.example/", { secret: "webhook" }), folder);
    expect(reveal("webhook")).toBe("https://hooks.example/?token=abc");
  });

  it("refuses a webhook that cannot be called, and one address twice, without the address", async () => {
    for (const name of ["admin-password", "key-a"]) put(name, `value-of-${name}`);
    put("webhook", "hooks.example/hidden\n");
    for (const name of ["one", "two", "three"])
      put(name, `https://hooks.example/${name === "three" ? "plain" : "hidden"}\n`);
    const names = ["webhook", "one", "two", "three"].map((secret) => ({ secret }));
    const seed = withWebhooks("https://hooks.example/plain", ...names);
    const error = await readSecrets(seed, folder).catch((caught: Error) => caught.message);
    expect(`${error}`.split("\n").slice(1)).toEqual([
      "  webhook: expected an address that starts with https:// or http://, since a webhook uses it",
      "  integrations.webhooks.list[3]: has the same address as integrations.webhooks.list[2]; keep one of the two",
      "  integrations.webhooks.list[4]: has the same address as integrations.webhooks.list[0]; keep one of the two",
    ]);
    expect(error).not.toContain("hidden");
  });

  it("refuses a second line", async () => {
    put("admin-password", "one\ntwo\n");
    await expect(readSecrets(seed, folder)).rejects.toThrow("a secret is one line");
  });
});

describe("making secrets", () => {
  it("makes missing secrets, each private and different, and keeps existing ones", async () => {
    put("key-a", "mine\n");
    chmodSync(join(folder, "key-a"), 0o600);
    expect(await makeSecrets(seed, folder)).toEqual(["admin-password", "key-b"]);
    expect(readFileSync(join(folder, "key-a"), "utf8")).toBe("mine\n");
    expect(statSync(join(folder, "key-b")).mode & 0o777).toBe(0o600);
    const reveal = await readSecrets(seed, folder);
    expect(reveal("admin-password")).not.toBe(reveal("key-b"));
    expect(reveal("key-b").length).toBeGreaterThan(40);
  });

  it("leaves out secrets with a path of their own", async () => {
    expect(await makeSecrets(seed, folder, ["key-a"])).toEqual(["admin-password", "key-b"]);
    expect(existsSync(join(folder, "key-a"))).toBe(false);
  });

  it.each(["", "\n", "\r\n"])(
    "writes a secret into an empty file (%j), which a full disk may have left",
    async (left) => {
      for (const name of ["admin-password", "key-a", "key-b"]) put(name, name === "key-a" ? left : "mine\n");
      expect(await makeSecrets(seed, folder)).toEqual(["key-a"]);
      expect(readFileSync(join(folder, "key-a"), "utf8")).toMatch(/^[\w-]{43}\n$/);
      expect(statSync(join(folder, "key-a")).mode & 0o777).toBe(0o600);
      expect(readdirSync(folder).sort()).toEqual(["admin-password", "key-a", "key-b"]);
    },
  );

  it("changes nothing if the file holds a space or is a folder", async () => {
    put("admin-password", " ");
    put("key-a", "x");
    mkdirSync(join(folder, "key-b"));
    expect(await makeSecrets(seed, folder)).toEqual([]);
    await expect(readSecrets(seed, folder)).rejects.toThrow(
      /admin-password: holds only spaces[\s\S]*key-b: is a folder/,
    );
  });

  const states: [state: string, left: Record<string, string>][] = [
    ["one missing and one empty", { "key-a": "" }],
    ["all missing", {}],
    ["all empty", { "admin-password": "", "key-a": "" }],
  ];
  it.each(sample("states of secrets that processes make at once", states, 1))(
    "makes each secret once if several processes start with %s, and all read the same value",
    async (_, left) => {
      const stage = join(folder, "main.yaml");
      writeFileSync(stage, "access: { streamKeys: [{ secret: key-a }] }\n");
      const secrets = join(folder, "secrets");
      const ready = join(folder, "ready");
      mkdirSync(secrets);
      for (const [name, text] of Object.entries(left)) writeFileSync(join(secrets, name), text);
      const program = `
      const { makeSecrets } = await import("./src/owncast/seed/secrets.ts");
      const { loadSeed } = await import("./codegen/load/load-seed.ts");
      const { appendFileSync, readFileSync } = await import("node:fs");
      const seed = await loadSeed("${stage}");
      appendFileSync("${ready}", "x");
      while (readFileSync("${ready}").length < 4) await new Promise((resolve) => setTimeout(resolve, 1));
      const made = await makeSecrets(seed, "${secrets}");
      const read = ["admin-password", "key-a"].map((name) => readFileSync("${secrets}/" + name, "utf8"));
      process.stdout.write(JSON.stringify({ made, read }));
    `;
      const [node = "", ...flags] = [...runTypeScript, "--input-type=module", "-e", program];
      const runs = await Promise.all(Array.from({ length: 4 }, () => promisify(execFile)(node, flags)));
      const seen = runs.map(({ stdout }) => JSON.parse(stdout) as { made: string[]; read: string[] });
      expect(seen.flatMap(({ made }) => made).sort()).toEqual(["admin-password", "key-a"]);
      expect(new Set(seen.map(({ read }) => read.join())).size).toBe(1);
      expect(readdirSync(secrets).sort()).toEqual(["admin-password", "key-a"]);
    },
  );

  const asRoot = needs(mayMount, "root → sudo npm test");
  it("reports a full disk and leaves no file; once there is room, it makes the secrets", asRoot, async () => {
    const outside = join(folder, "main.yaml");
    writeFileSync(outside, "access: { streamKeys: [{ secret: key-a }] }\n");
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const make = `lectern secrets --make --seed ${outside} --folder "$disk/secrets"`;
    const script = `mkdir "$disk/secrets"; fill; ${make}; echo "exit $?"; ls -A "$disk/secrets"; make_room; ${make}; echo "exit $?"`;
    const { stdout, stderr } = await onSmallDisk(disk, 64, script);
    expect(stderr).toContain(`${disk}/secrets: cannot be written (ENOSPC: no space left on the disk)`);
    expect(stdout.split("\n")).toEqual([
      "exit 1",
      ...["admin-password", "key-a"].map((name) => `${disk}/secrets/${name}`),
      "exit 0",
      "",
    ]);
  });
});
