import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandsInBlocks, lecternArguments } from "../lib/command-lines.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { writeTestHost } from "../lib/process/installed-host.ts";
import { type LecternProcess, startLectern } from "../lib/process/lectern-process.ts";
import { runLectern } from "../lib/process/run-verb.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { untilOnline } from "../lib/stream/owncast-state.ts";

// Each command of docs/rehearsal.md, once, as it stands there. What leads to a server leads to a stage of this test.
const commands = [
  ...new Set(
    commandsInBlocks(readFileSync("docs/rehearsal.md", "utf8"))
      .flatMap(lecternArguments)
      .map((args) => args.join("\n")),
  ),
].map((text) => text.split("\n"));
const needsNoStage = ["check", "capacity"];
const onStage = commands.filter(([verb = ""]) => !needsNoStage.includes(verb) && verb !== "publish");
const stageFile = "checks/lib/stages/rehearsed-stage.yaml";

test("the page has commands of each kind", () => {
  const verbs = commands.map(([verb]) => verb);
  expect(verbs).toEqual(
    expect.arrayContaining(["check", "capacity", "publish", "probe", "rehearse", "secrets", "status", "plan"]),
  );
});

test.each(commands.filter(([verb = ""]) => needsNoStage.includes(verb)))("lectern %s …", async (...args) => {
  const { code, stdout } = await runLectern(args);
  // The first machine of the page carries its audience, and the second does not.
  expect({ code, says: /^(✓|✗|.*: ok$)/m.test(stdout) }).toEqual({ code: args.includes("500") ? 2 : 0, says: true });
});

if (!isExhaustive) noteLeftOut("commands of docs/rehearsal.md that need a stage on air");

let stand: Stand;
let camera: LecternProcess;
const folder = mkdtempSync(join(tmpdir(), "lectern-page-"));

beforeAll(async () => {
  if (!isExhaustive) return;
  stand = await startStand(stageFile);
  const { seed, owncastUrl, gateSocket, hlsDir } = stand;
  const names = ["admin-password", "rehearsal-token", ...seed.access.streamKeys.map(({ secret }) => secret)];
  const secrets = Object.fromEntries(names.map((name) => [name, readFileSync(secretFile(name), "utf8").trim()]));
  const host = writeTestHost(folder, { stage: seed, owncastUrl, secrets, gateStatusSocket: gateSocket, hlsDir });
  process.env.LECTERN_STAGES = host.file;
  // As the unit on a host did: the stage's address is not in its file.
  expect(await runLectern(["apply", "main"])).toMatchObject({ code: 0 });
  const publishing = commands.find(([verb]) => verb === "publish") ?? [];
  camera = startLectern(here(publishing));
  await Promise.race([untilOnline(owncastUrl), camera.ended.then(({ output }) => Promise.reject(new Error(output)))]);
});
afterAll(async () => {
  delete process.env.LECTERN_STAGES;
  camera?.kill();
  await camera?.ended;
  await stand?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const secretFile = (name: string): string => join(stand.secretsDir, name);

// A smaller pattern and a smaller crowd, for machines with few cores. On a busy one, times say nothing about the stage.
const sizes: Readonly<Record<string, string>> = { "--size": "320x180", "--bitrate": "400", "--viewers": "3" };
const lenient = ["--max-start", "60", "--max-segment-time", "1000", "--max-stalls", "100000", "--max-rebuffer", "100"];

/** The page's command for this test's stage. */
function here(args: readonly string[]): string[] {
  const { page, rtmpUrl, caFile, seed } = stand;
  const [verb = ""] = args;
  const isRehearsal = verb === "rehearse";
  const replaced: Readonly<Record<string, string>> = {
    "hosts/live/stages/main.yaml": stageFile,
    "https://live.example.org": page,
    "rtmp://live.example.org:1935/live": rtmpUrl,
    "./stream-key-moderator": secretFile(seed.access.streamKeys[0]?.secret ?? ""),
    "./rehearsal-token": secretFile("rehearsal-token"),
  };
  const words = args.map((word, index) => {
    const option = args[index - 1] ?? "";
    if (option === "--report") return join(folder, word);
    return (isRehearsal && option === "--duration" ? "4" : sizes[option]) ?? replaced[word] ?? word;
  });
  const trusts = ["probe", "rehearse"].includes(verb) ? ["--ca", caFile] : [];
  return [...words, ...trusts, ...(isRehearsal ? lenient : [])];
}

test.skipIf(!isExhaustive).each(onStage)("lectern %s … on a stage on air", async (...args) => {
  const { code, stdout, stderr } = await runLectern(here(args));
  expect({ code, said: code === 0 ? "" : `${stdout}${stderr}` }).toEqual({ code: 0, said: "" });
});
