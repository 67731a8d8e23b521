import { createHash } from "node:crypto";
import { join } from "node:path";
import { proven } from "./versions.mjs";

/**
 * A release of Debian, as the home of one version of systemd.
 * @typedef {"trixie" | "forky"} Suite
 */

/** Debian 13, which is stable, and the release after it: it moves, and has the newest systemd, Caddy and Nix. */
export const suites = /** @type {const} */ (["trixie", "forky"]);

// What the units under test run, or what systemd takes to run them as NixOS does.
const packages = [
  "systemd",
  "dbus",
  // Users of units that have no entry in /etc/passwd.
  "libnss-systemd",
  "ca-certificates",
  "ffmpeg",
  "iproute2",
  // Node is not Debian's here, and takes the C++ library from there.
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

// What nobody reads in a node: it halves the copy on disk.
const dropped = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"];

// Debian starts a Caddy of its own at each boot; the nodes have that of the host under test.
const caddyOfDebian = [
  "usr/lib/systemd/system/caddy.service",
  "usr/lib/systemd/system/caddy-api.service",
  "etc/systemd/system/multi-user.target.wants/caddy.service",
];

/**
 * What the root file system of a suite is made of.
 * @typedef {object} Recipe
 * @property {readonly string[]} packages debootstrap installs them, with all that they need
 * @property {readonly string[]} byApt apt installs them; debootstrap understands no alternatives, which a moving release needs
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
 * Where this recipe's root file system of a suite stands, made or not: another recipe, another place. Other proven versions also
 * are another place, so that a forky that was made before them is made anew.
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
