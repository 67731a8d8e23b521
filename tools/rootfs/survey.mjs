import { existsSync } from "node:fs";
import { cacheFolder } from "../setup/machine.mjs";
import { findMirror } from "./mirror.mjs";
import { rootfsPath } from "./recipe.mjs";

/**
 * Which of the wanted root file systems are to be made, from where, and what that takes. Changes nothing.
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
