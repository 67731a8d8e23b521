import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadFile } from "../codegen/load/load-seed.ts";
import { readStages } from "./host/installed-stages.ts";
import { trusting } from "./viewer/http-client.ts";

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-small-"));
  for (const extension of ["yaml", "json"]) {
    execFileSync("mkfifo", [at(`pipe.${extension}`)]);
    mkdirSync(at(`folder.${extension}`));
    writeFileSync(at(`huge.${extension}`), "");
    // A film given by mistake; it takes no room on the disk.
    truncateSync(at(`huge.${extension}`), 3_000_000_000);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const refused = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "taken",
    (error: Error) => (error.constructor.name === "Error" ? `${error.stack}` : error.message),
  );

it.each([
  ["a stage file", "pipe.yaml", "expected a mapping of settings, got nothing", () => loadFile(at("pipe.yaml"))],
  ["a seed", "pipe.json", "pipe.json:1:1:", () => loadFile(at("pipe.json"))],
  ["a stage file", "folder.yaml", "is a folder, not a file", () => loadFile(at("folder.yaml"))],
  ["a stage file", "huge.yaml", "is larger than 1000000 bytes", () => loadFile(at("huge.yaml"))],
  ["a seed", "huge.json", "is larger than 1000000 bytes", () => loadFile(at("huge.json"))],
  ["an authority's certificate", "pipe.json", "it holds no PEM certificate", () => trusting(at("pipe.json"))],
  ["an authority's certificate", "folder.json", "illegal operation on a directory", () => trusting(at("folder.json"))],
  ["an authority's certificate", "huge.json", "it is larger than 1000000 bytes", () => trusting(at("huge.json"))],
  ["a host's stages", "pipe.json", "pipe.json: it: ", () => readStages(at("pipe.json"))],
  ["a host's stages", "folder.json", "cannot be read (EISDIR)", () => readStages(at("folder.json"))],
  ["a host's stages", "huge.json", "it is larger than 1000000 bytes", () => readStages(at("huge.json"))],
])("%s in %s is refused at once, with the reason", async (_, __, says, read) => {
  expect(await refused(read())).toContain(says);
});

it("a pipe with a writer is read to its end, however slowly the bytes come", () => {
  const module = fileURLToPath(new URL("./lib/small-file.ts", import.meta.url));
  const program = `import { readSmallText } from ${JSON.stringify(module)}; process.stdout.write(await readSmallText(process.argv[1]));`;
  const slowly = `exec "$0" --import tsx --input-type=module -e "$1" <(sleep 1; echo one; sleep 1; echo two)`;
  expect(execFileSync("bash", ["-c", slowly, process.execPath, program], { encoding: "utf8" })).toBe("one\ntwo\n");
});
