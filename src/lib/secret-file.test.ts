import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSecretFile, secretFault } from "./secret-file.ts";

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-secret-file-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const bom = "\uFEFF";

describe("the reader of a secret file", () => {
  it.each<{ as: string; bytes: string | Buffer; value: string }>([
    { as: "as it stands", bytes: "hunter2", value: "hunter2" },
    { as: "with a line end", bytes: "hunter2\n", value: "hunter2" },
    { as: "with the line end of Windows", bytes: "hunter2\r\n", value: "hunter2" },
    { as: "with empty lines behind it", bytes: "hunter2\n\n\r\n", value: "hunter2" },
    { as: "with the byte-order mark that a Windows editor writes", bytes: `${bom}hunter2\r\n`, value: "hunter2" },
    {
      as: "with characters that have a meaning in addresses",
      bytes: "a?b=c&d%20e#f+g/h\\i\"j'k",
      value: "a?b=c&d%20e#f+g/h\\i\"j'k",
    },
    { as: "with a space in the middle", bytes: "correct horse", value: "correct horse" },
    { as: "in any language", bytes: "Schlüssel ключ 鍵 🔑\n", value: "Schlüssel ключ 鍵 🔑" },
  ])("accepts a secret $as", async ({ bytes, value }) => {
    writeFileSync(at("secret"), bytes);
    expect(await readSecretFile(at("secret"))).toBe(value);
  });
});

it("the public default is refused as a new secret, and accepted as one that a server may still have", async () => {
  expect(secretFault("abc123")).toContain("everybody knows");
  expect(secretFault("abc123", { mayBePublic: true })).toBeUndefined();
});
