import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SeedValue } from "../codegen/schema/stage/stage.ts";
import { readToken } from "./host/set-title.ts";
import { openServer } from "./owncast/export/export-stage.ts";
import { readSecrets } from "./owncast/seed/secrets.ts";
import { readStreamKey } from "./publish/stream-key.ts";
import { readRehearsalToken } from "./viewer/rehearsal-token.ts";

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-secrets-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
const bom = "\uFEFF";

const seed: SeedValue = { access: { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "key" }] } };
const elsewhere = { url: "http://127.0.0.1:1", deadlineSeconds: 1 };

/** Everything that reads a secret of people's. */
const readers: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
  "--secrets": (file) => readSecrets(seed, (name) => (name === "key" ? file : at("good"))),
  "--stream-key-file": readStreamKey,
  "--token-file of title": readToken,
  "the rehearsal token of a local stage": readRehearsalToken,
  "the admin password of export": () => openServer({ ...elsewhere, secrets: folder }),
};

describe.each(Object.entries(readers))(
  "%s names the file and the reason, and never the value, if the file holds",
  (_, read) => {
    it.each<{ what: string; bytes: string | Buffer; says: string }>([
      { what: "nothing", bytes: "", says: "is empty" },
      { what: "only empty lines", bytes: "\r\n\n", says: "is empty" },
      { what: "only a byte-order mark", bytes: bom, says: "is empty" },
      { what: "only one space", bytes: " ", says: "holds only spaces" },
      { what: "only a space and a line end", bytes: " \n", says: "holds only spaces" },
      { what: "a space before the secret", bytes: " hunter2", says: "begins or ends with a space" },
      { what: "a space after the secret", bytes: "hunter2 \r\n", says: "begins or ends with a space" },
      { what: "a no-break space after the secret", bytes: "hunter2\u00a0", says: "begins or ends with a space" },
      { what: "a no-break space in the secret", bytes: "hun\u00a0ter2", says: "not the space bar's" },
      { what: "a second line", bytes: "hunter2\nhunter3\n", says: "one line" },
      { what: "a tab", bytes: "hun\tter2", says: "control character" },
      { what: "a character of no width", bytes: "hun\u200bter2", says: "an invisible character" },
      { what: "a sign that changes the direction of writing", bytes: "hun\u202eter2", says: "an invisible character" },
      { what: "two byte-order marks", bytes: `${bom}${bom}hunter2`, says: "an invisible character" },
      { what: "a replacement character", bytes: "hun\ufffdter2", says: "an invisible character" },
      { what: "Latin-1", bytes: Buffer.from("hünter2\n", "latin1"), says: "is not in UTF-8" },
      { what: "UTF-16", bytes: utf16("hunter2\r\n"), says: "is in UTF-16" },
      { what: "UTF-16 without a byte-order mark", bytes: Buffer.from("hunter2", "utf16le"), says: "holds zero bytes" },
      { what: "a zero byte", bytes: "hunter2\0", says: "holds zero bytes" },
      { what: "an accent as a separate character", bytes: "hu\u0308nter2", says: "type it again" },
      { what: "more than the longest secret", bytes: "hunter2".repeat(80), says: "longer than 512 bytes" },
      { what: "a megabyte", bytes: Buffer.alloc(1e6, "hunter2"), says: "too long for a secret" },
    ])("$what", async ({ bytes, says }) => {
      writeFileSync(at("good"), "good enough\n");
      writeFileSync(at("admin-password"), bytes);
      const error = await read(at("admin-password")).catch((caught: Error) => caught);
      expect(error).toMatchObject({ exitCode: 1, message: expect.stringContaining(says), remedy: expect.any(String) });
      expect(error).toMatchObject({ message: expect.stringContaining(at("admin-password")) });
      expect(JSON.stringify([error, `${(error as Error).stack}`])).not.toMatch(/hunter|ter2/);
    });

    it("nothing, because it is a folder or does not exist", async () => {
      rmSync(at("admin-password"), { recursive: true, force: true });
      await expect(read(at("admin-password"))).rejects.toThrow(`${at("admin-password")}: `);
      await expect(read(at("admin-password"))).rejects.toThrow("no such file");
      if (read !== readers["the admin password of export"]) await expect(read(folder)).rejects.toThrow("is a folder");
    });
  },
);
