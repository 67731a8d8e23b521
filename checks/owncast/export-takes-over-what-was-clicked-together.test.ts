import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configFields, owncastFields } from "../../codegen/schema/owncast/owncast.ts";
import { clickEverything, clicked, typedSecrets } from "../lib/owncast/clicked-together.ts";
import { type PlainOwncast, startSettingsOwncast } from "../lib/owncast/plain-owncast.ts";
import { missedByScan } from "../lib/owncast/planted.ts";
import type { Outcome } from "../lib/owncast/reconciled.ts";
import { type SecretScan, startSecretScan } from "../lib/owncast/secret-scan.ts";
import { startLectern } from "../lib/process/lectern-process.ts";
import { runLectern } from "../lib/process/run-verb.ts";
import { png, svg } from "../lib/schema/tiny-pictures.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-export-"));
const secrets = join(folder, "secrets");
const publicAddress = ["--server-url", "https://live.example.org"];
let owncast: PlainOwncast;
let empty: PlainOwncast | undefined;
let scan: SecretScan;
let exported: Outcome;
beforeAll(async () => {
  for (const name of ["secrets", "one", "two"]) mkdirSync(join(folder, name));
  owncast = await startSettingsOwncast();
  const canaries = { ...typedSecrets, "access-token": await clickEverything(owncast) };
  provide("admin-password");
  // First prove that the scan finds each planted secret.
  expect(await missedByScan(canaries)).toEqual([]);
  scan = startSecretScan(canaries);
  // In a process of its own: the scan also reads its arguments and environment.
  const { code, output } = await startLectern(exportOf(owncast, "one")).ended;
  exported = { code: code ?? -1, output };
  await scan.watch.stop();
  scan.heard("export", exported.output);
});
afterAll(async () => {
  await scan?.watch.stop();
  await owncast?.stop();
  await empty?.stop();
  rmSync(folder, { recursive: true });
});

const provide = (name: string) =>
  writeFileSync(join(secrets, name), `${typedSecrets[name as keyof typeof typedSecrets]}\n`, { mode: 0o600 });
const stageFile = (where: string) => join(folder, where, "main.yaml");
const server = ({ url }: PlainOwncast) => ["--url", url, "--secrets", secrets, "--deadline", "30"];
const exportOf = (from: PlainOwncast, where: string) => [
  ...["export", ...server(from), "--output", stageFile(where), "--json"],
];
const lectern = async (words: readonly string[]): Promise<Outcome> => {
  const { code, stdout, stderr } = await runLectern(words);
  return { code, output: stdout + stderr };
};
const reconcile = (verb: "plan" | "apply", to: PlainOwncast, ...options: string[]): Promise<Outcome> =>
  lectern([verb, "--seed", stageFile("one"), ...server(to), ...publicAddress, ...options]);
const reportOf = ({ output }: Outcome) => JSON.parse(output) as Record<string, unknown[]>;
/** All files of an export, by name. */
const filesOf = (where: string) =>
  readdirSync(join(folder, where), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), "base64")]);

test("the server differs in every setting that can be read back", () => {
  const readable = configFields.filter(({ meta }) => meta.read !== null).map(({ path }) => path);
  expect(Object.keys(clicked)).toEqual(readable);
});

test("every setting is in the stage file, and export has no complaints", () => {
  expect(exported).toMatchObject({ code: 0 });
  const { settings, refused, notes, options } = reportOf(exported);
  const paths = owncastFields
    .map(({ path }) => path)
    .filter((path) => path !== "serverUrl" && path !== "access.adminPassword");
  expect(settings).toEqual(paths);
  expect({ refused, notes }).toEqual({ refused: [], notes: [] });
  expect(options).toEqual([{ option: "--server-url", value: "https://live.example.org" }]);
});

test("pictures are beside it, byte for byte", () => {
  const pictures = {
    "main/logo.svg": svg(),
    "main/favicon.png": png("icon"),
    "main/emoji-Snow_flake.png": png("flake"),
  };
  expect([...(reportOf(exported).files ?? [])].sort()).toEqual(Object.keys(pictures).sort());
  for (const [path, bytes] of Object.entries(pictures))
    expect(readFileSync(join(folder, "one", path)).equals(bytes)).toBe(true);
});

test("no secret is in it, in the command's output, or in any process's arguments or environment", () => {
  expect(scan.watch.rounds()).toBeGreaterThan(1);
  expect(scan.findings([join(folder, "one")])).toEqual([]);
});

test("with the listed secrets provided, plan finds nothing", async () => {
  const names = (reportOf(exported).secrets as { name: string }[]).map(({ name }) => name);
  expect([...names].sort()).toEqual(Object.keys(typedSecrets).sort());
  for (const name of names) provide(name);
  expect(await reconcile("plan", owncast)).toMatchObject({ code: 0, output: expect.stringMatching(/^no changes\n/) });
});

test("applied to a fresh server, it exports as the same bytes", async () => {
  expect(await lectern(["check", stageFile("one")])).toMatchObject({ code: 0 });
  empty = await startSettingsOwncast();
  const applied = await reconcile("apply", empty, "--state-dir", join(folder, "state"));
  expect(applied).toMatchObject({ code: 0 });
  expect(await lectern(exportOf(empty, "two"))).toMatchObject({ code: 0 });
  expect(filesOf("two")).toEqual(filesOf("one"));
});
