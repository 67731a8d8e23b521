import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { needs } from "../../checks/lib/needs.ts";
import { runTypeScript } from "../../checks/lib/process/lectern-command.ts";
import { mayMount, onSmallDisk } from "../../checks/lib/process/small-disk.ts";
import { writeWhole } from "./whole-file.ts";

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-whole-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("replaces a file or a link, not the link's target, sets the given permissions and leaves no draft", async () => {
  writeFileSync(at("target"), "theirs");
  symlinkSync(at("target"), at("file"));
  await writeWhole(at("file"), "new", { mode: 0o600 });
  expect([readFileSync(at("file"), "utf8"), readFileSync(at("target"), "utf8")]).toEqual(["new", "theirs"]);
  expect(statSync(at("file")).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(["file", "target"]);
});

it("never replaces an existing file if it is told not to", async () => {
  writeFileSync(at("file"), "theirs");
  await expect(writeWhole(at("file"), "new", { exclusive: true })).rejects.toMatchObject({ code: "EEXIST" });
  expect(readFileSync(at("file"), "utf8")).toBe("theirs");
  expect(readdirSync(folder)).toEqual(["file"]);
});

it("removes the draft of a killed process, and keeps drafts of running ones", async () => {
  const child = spawn("true");
  await once(child, "exit");
  const [stale, alive, other] = [`file.${child.pid}-1.new`, `file.${process.ppid}-1.new`, "file.old.new"];
  for (const name of [stale, alive, other]) writeFileSync(at(name), "half");
  await writeWhole(at("file"), "new");
  expect(readdirSync(folder).sort()).toEqual(["file", alive, other].sort());
});

it("leaves the whole old text or the whole new one if it is killed at any moment", async () => {
  const texts = ["a", "b"].map((letter) => letter.repeat(300_000));
  const program = `
    const { writeWhole } = await import("${new URL("./whole-file.ts", import.meta.url)}");
    const texts = ${JSON.stringify(["a", "b"])}.map((letter) => letter.repeat(300_000));
    process.stdout.write("on");
    for (let round = 0; ; round++) await writeWhole("${at("file")}", texts[round % 2]);
  `;
  writeFileSync(at("file"), texts[0] ?? "");
  for (let round = 0; round < 5; round++) {
    const [node = "", ...flags] = [...runTypeScript, "--input-type=module", "-e", program];
    const child = spawn(node, flags);
    await once(child.stdout, "data");
    await sleep(5 + 7 * round);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(texts).toContain(readFileSync(at("file"), "utf8"));
  }
});

it("works although an earlier process with the same number left drafts", async () => {
  for (let number = 1; number < 50; number++) writeFileSync(at(`file.${process.pid}-${number}.new`), "half");
  await writeWhole(at("file"), "new", { exclusive: true });
  expect(readdirSync(folder)).toEqual(["file"]);
});

it("keeps the old text and leaves no draft if the disk is full", needs(mayMount, "root → sudo npm test"), async () => {
  const program = `import("./src/lib/whole-file.ts").then(({ writeWhole }) => writeWhole(process.argv[1] + "/file", "x".repeat(20_000))).catch(({ code }) => console.log(code))`;
  const { stdout } = await onSmallDisk(
    folder,
    64,
    `echo old > "$disk/file"; fill; "${process.execPath}" --import tsx -e '${program}' "$disk"; cat "$disk/file"; ls "$disk"`,
  );
  expect(stdout.split("\n")).toEqual(["ENOSPC", "old", "file", "filler", ""]);
});
