import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { needs } from "../../../checks/lib/needs.ts";
import { runTypeScript } from "../../../checks/lib/process/lectern-command.ts";
import { mayMount, onSmallDisk } from "../../../checks/lib/process/small-disk.ts";
import { keepDatabaseFor } from "./snapshot.ts";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "lectern-snapshot-"));
  mkdirSync(join(state, "data"));
});
afterEach(() => rmSync(state, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(state, name), text);
const read = (name: string) => readFileSync(join(state, name), "utf8");

test.each<{ what: string; put: (path: string) => void; file: string }>([
  { what: "a folder in place of the version record", file: "owncast-version", put: (path) => mkdirSync(path) },
  {
    what: "a link in place of the version record",
    file: "owncast-version",
    put: (path) => symlinkSync("/etc/hostname", path),
  },
  {
    what: "a pipe in place of the version record",
    file: "owncast-version",
    put: (path) => execFileSync("mkfifo", [path]),
  },
  { what: "a file in place of the folder of copies", file: "snapshots", put: (path) => writeFileSync(path, "") },
  {
    what: "a broken link in place of the folder of copies",
    file: "snapshots",
    put: (path) => symlinkSync("/nowhere", path),
  },
])("$what is reported with a remedy, and nothing is changed", async ({ file, put }) => {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  rmSync(join(state, file), { force: true });
  put(join(state, file));
  const before = readdirSync(state).sort();
  await expect(keepDatabaseFor("0.2.10", state)).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining(join(state, file)),
    remedy: expect.stringContaining("move it away"),
  });
  expect([readdirSync(state).sort(), read("data/owncast.db")]).toEqual([before, "old"]);
});

test("no data is lost if the command is killed at any moment and then runs again", async () => {
  const big = (letter: string) => letter.repeat(3_000_000);
  const program = `
    const { keepDatabaseFor } = await import("${new URL("./snapshot.ts", import.meta.url)}");
    process.stdout.write("on");
    for (;;) for (const version of ["0.2.10", "0.2.4"]) await keepDatabaseFor(version, "${state}");
  `;
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", big("o"));
  await keepDatabaseFor("0.2.10", state);
  await keepDatabaseFor("0.2.4", state);
  for (let round = 0; round < 3; round++) {
    const [node = "", ...flags] = [...runTypeScript, "--input-type=module", "-e", program];
    const child = spawn(node, flags);
    await once(child.stdout, "data");
    await sleep(3 + 20 * round);
    child.kill("SIGKILL");
    await once(child, "exit");
    await keepDatabaseFor("0.2.10", state);
    expect(read("data/owncast.db")).toBe(big("o"));
    expect(read("snapshots/0.2.4/owncast.db")).toBe(big("o"));
  }
});

test(
  "on a full disk the command fails with a remedy and keeps all data; it works once there is room again",
  needs(mayMount, "root → sudo npm test"),
  async () => {
    const program = `import("./src/owncast/bootstrap/snapshot.ts")
    .then(({ keepDatabaseFor }) => keepDatabaseFor("0.2.10", process.argv[1]))
    .then((said) => console.log("said " + said), ({ exitCode, message, remedy }) => console.log(exitCode + " " + message + " → " + remedy))`;
    const keep = `"${process.execPath}" --import tsx -e '${program}' "$disk"`;
    const script = `
    mkdir -p "$disk/data" "$disk/snapshots/0.2.3"
    echo oldest > "$disk/snapshots/0.2.3/owncast.db"; echo 0.2.4 > "$disk/owncast-version"
    head -c 50000 /dev/zero | tr '\\0' o > "$disk/data/owncast.db"
    fill; ${keep}
    cat "$disk/owncast-version"; ls "$disk/snapshots"; wc -c < "$disk/data/owncast.db"
    make_room; ${keep}; wc -c < "$disk/snapshots/0.2.4/owncast.db"`;
    const { stdout } = await onSmallDisk(state, 128, script);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(
        /^1 .*cannot copy the database .*ENOSPC: no space left on the disk.* → nothing was changed; free some disk space/,
      ),
      ...["0.2.4", "0.2.3", "50000"],
      expect.stringContaining("said Owncast 0.2.4 was replaced by 0.2.10"),
      ...["50000", ""],
    ]);
  },
);
