import { createHash } from "node:crypto";
import { join } from "node:path";
import { proven } from "./versions.mjs";

/**
 * A release of Debian, chosen for its version of systemd.
 * @typedef {"trixie" | "forky"} Suite
 */

/** Debian 13 (stable), and the next release, which still changes and has the newest systemd, Caddy and Nix. */
export const suites = /** @type {const} */ (["trixie", "forky"]);

// Programs that the units under test run, and that systemd needs to run them as on NixOS.
const packages = [
  "systemd",
  "dbus",
  // For users of units that have no entry in /etc/passwd.
  "libnss-systemd",
  "ca-certificates",
  "ffmpeg",
  "iproute2",
  // The tests' Node is not Debian's, but uses Debian's C++ library.
  "libstdc++6",
  "util-linux",
];

// They would change the kernel, the devices or the terminals of the machine that a node shares.
const masked = [
  "getty.target",
  "console-getty.service",
  "systemd-logind.service",
  "systemd-modules-load.service",
  "systemd-sysctl.service",
  "systemd-udevd.service",
  "systemd-udev-trigger.service",
  "systemd-timesyncd.service",
  "systemd-networkd.service",
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "fstrim.timer",
];

// Nothing in a node reads these. Without them the copy on disk is half as large.
const dropped = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"];

// These units would start Debian's Caddy at each boot, but a node runs the Caddy of the host under test.
const caddyOfDebian = [
  "usr/lib/systemd/system/caddy.service",
  "usr/lib/systemd/system/caddy-api.service",
  "etc/systemd/system/multi-user.target.wants/caddy.service",
];

/**
 * The recipe for the root file system of a suite.
 * @typedef {object} Recipe
 * @property {readonly string[]} packages debootstrap installs them and their dependencies
 * @property {readonly string[]} byApt apt installs them; debootstrap cannot choose between alternative dependencies, which forky needs
 * @property {readonly string[]} masked units that never start
 * @property {readonly string[]} dropped paths that are removed
 */

/** @type {Readonly<Record<Suite, Recipe>>} */
export const recipes = {
  trixie: { packages, byApt: [], masked, dropped },
  forky: {
    packages: ["ca-certificates"],
    byApt: [...packages, "caddy", "nix-bin"],
    masked,
    dropped: [...dropped, ...caddyOfDebian],
  },
};

/**
 * The path of a suite's root file system, made or not. It differs by recipe. New proven versions also give a new path, so that forky is
 * made again.
 * @param {string} cache
 * @param {Suite} suite
 */
export function rootfsPath(cache, suite) {
  const { packages, byApt, masked, dropped } = recipes[suite];
  const moving = byApt.length > 0 ? [byApt, proven] : [];
  const hash = createHash("sha256")
    .update(JSON.stringify([packages, masked, dropped, process.arch, ...moving]))
    .digest("hex");
  return join(cache, "rootfs", `${suite}-${hash.slice(0, 16)}`, "root");
}
