import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStreamKey } from "./stream-key.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lectern-key-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function keyIn(text: string): Promise<string> {
  const file = join(folder, "key");
  await writeFile(file, text);
  return readStreamKey(file);
}

describe("a stream key", () => {
  it.each([
    ["without a newline", "correct-horse", "correct-horse"],
    ["with the line end of an editor", "correct-horse\n", "correct-horse"],
    ["with the line end of Windows", "correct-horse\r\n", "correct-horse"],
    ["with all kinds of characters in it", "a=b/c#d e?f&g%20ü\n", "a=b/c#d e?f&g%20ü"],
  ])("is read %s", async (_, text, key) => expect(await keyIn(text)).toBe(key));

  it.each([
    ["an empty file", "", "is empty"],
    ["a blank line", "\n", "is empty"],
    ["several lines", "hunter2\nhunter3\n", "one line"],
    ["a control character", "hunter2\u0000", "zero bytes"],
    ["a whole document", "hunter2".repeat(200), "longer than 512 bytes"],
  ])("is refused in %s, and the error does not repeat it", async (_, text, says) => {
    await expect(keyIn(text)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(new RegExp(`^${folder}/key: .*${says}`)),
      remedy: expect.not.stringContaining("hunter"),
    });
    await expect(keyIn(text)).rejects.not.toThrow("hunter");
  });

  it.each([
    ["does not exist", "none", "no such file"],
    ["is a folder", ".", "is a folder"],
  ])("is refused if its file %s", async (_, name, says) => {
    await expect(readStreamKey(join(folder, name))).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining(says),
      remedy: expect.stringContaining("--stream-key-file"),
    });
  });
});
