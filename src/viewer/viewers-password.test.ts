import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readViewersPassword } from "./viewer-credentials.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-viewers-"));
afterAll(() => rmSync(folder, { recursive: true }));
const read = (content: string) => {
  const file = join(folder, "password");
  writeFileSync(file, content);
  return readViewersPassword(file);
};

it.each([
  ["the shortest password", "12345678"],
  ["a password in any language", "größer ≥ 1:2"],
  ["the longest password", "x".repeat(72)],
])("%s is accepted, without the line end after it", async (_, password) => {
  expect(await read(`${password}\n`)).toBe(password);
});

it.each([
  ["an empty password", "", "is empty"],
  ["Owncast's public password", "abc123", "everybody knows"],
  ["a password that strangers can guess", "1234567", "is shorter than 8 characters"],
  ["a password longer than Caddy compares", "x".repeat(73), "is longer than 72 bytes"],
  ["a password of fewer characters and more bytes", "€".repeat(25), "is longer than 72 bytes"],
  ["a file of two lines", "12345678\n12345678", "one line"],
])("%s is refused, and never shown", async (_, password, why) => {
  const fault = await read(password).catch((error: Error) => error);
  expect(fault).toMatchObject({ name: "SecretFault", message: expect.stringContaining(why) });
});

it("a missing file is reported as missing", async () => {
  await expect(readViewersPassword(join(folder, "none"))).rejects.toMatchObject({ message: "no such file" });
});
