import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onlyForProof } from "../process/errors.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";
import { cacheFolder } from "../setup/machine.mjs";
import { findMirror } from "./mirror.mjs";
import { recipes, rootfsPath } from "./recipe.mjs";

// debootstrap mounts /proc and /sys in the new root. In its own namespace these mounts always end with it.
const contained = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

// debootstrap does not know newer Debian releases by name. This script makes all recent releases.
const script = "/usr/share/debootstrap/scripts/sid";

// dpkg need not wait for the disk, because an incomplete root file system is thrown away.
const env = { DPKG_FORCE: "security-mac,downgrade,unsafe-io", DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };

const installByApt = fileURLToPath(new URL("install-by-apt.sh", import.meta.url));

/**
 * The wanted root file systems that must be made, the mirror for each, and the Debian packages that this needs. Changes nothing.
 * @param {readonly import("./recipe.mjs").Suite[]} wanted
 * @param {import("../setup/machine.mjs").Machine} machine
 */
export function surveyRootfs(wanted, machine) {
  const targets = wanted
    .map((suite) => ({ suite, target: rootfsPath(cacheFolder(machine.env), suite) }))
    .filter(({ target }) => !existsSync(target));
  const work = targets.flatMap((rootfs) => {
    const mirror = findMirror(machine, rootfs.suite);
    return mirror === undefined ? [] : [{ ...rootfs, mirror }];
  });
  const problems = targets
    .filter(({ suite }) => !work.some((rootfs) => rootfs.suite === suite))
    .map(({ suite }) => ({
      what: `no package source of this machine serves Debian ${suite}`,
      remedy: `add one to /etc/apt/sources.list that serves ${suite}, with Debian's keys in debian-archive-keyring`,
    }));
  return { problems, packages: targets.length > 0 && !machine.find("debootstrap") ? ["debootstrap"] : [], work };
}

/**
 * Makes the root file system of a suite at `target` if it is missing.
 * @param {string} target from rootfsPath
 * @param {import("./recipe.mjs").Suite} suite
 * @param {string} mirror from findMirror
 * @param {import("../process/lock.mjs").LockOptions & { note: (text: string) => void }} options
 */
export async function makeRootfs(target, suite, mirror, { signal, onWait, note }) {
  const { packages, byApt, masked, dropped } = recipes[suite];
  await makeOnce(target, { signal, onWait }, async (workshop) => {
    const root = join(workshop, "root");
    const run = (/** @type {readonly string[]} */ command) =>
      runCommand("unshare", [...contained, ...command], {
        ...{ signal, env, cwd: workshop },
        onLine: (line) => note(line.replace(/^I: /, "")),
        remedy: `the mirror is one of those in /etc/apt: check that it serves ${suite}`,
      }).catch(onlyForProof);
    const flags = ["--variant=minbase", `--include=${packages.join(",")}`];
    await run(["debootstrap", ...flags, suite, root, mirror, script]);
    if (byApt.length > 0) await run([installByApt, root, ...byApt]);
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
