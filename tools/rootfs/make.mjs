import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { onlyForProof } from "../process/errors.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";
import { dropped, masked, packages } from "./recipe.mjs";

// debootstrap mounts /proc and /sys in what it makes: in a namespace of its own, so that they go when it goes, however it ends.
const contained = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

/**
 * Makes the root file system of a suite at `target`, if it is not there.
 * @param {string} target from rootfsPath
 * @param {import("./recipe.mjs").Suite} suite
 * @param {string} mirror from findMirror
 * @param {import("../process/lock.mjs").LockOptions & { note: (text: string) => void }} options
 */
export async function makeRootfs(target, suite, mirror, { signal, onWait, note }) {
  await makeOnce(target, { signal, onWait }, async (workshop) => {
    const root = join(workshop, "root");
    const flags = ["--variant=minbase", `--include=${packages.join(",")}`];
    await runCommand("unshare", [...contained, "debootstrap", ...flags, suite, root, mirror], {
      signal,
      cwd: workshop,
      onLine: (line) => note(line.replace(/^I: /, "")),
      remedy: `the mirror is one of those in /etc/apt: check that it serves ${suite}`,
    }).catch(onlyForProof);
    for (const path of dropped) rmSync(join(root, path), { recursive: true, force: true });
    const units = join(root, "etc/systemd/system");
    mkdirSync(units, { recursive: true });
    for (const unit of masked) {
      rmSync(join(units, unit), { force: true });
      symlinkSync("/dev/null", join(units, unit));
    }
    return root;
  });
}
