import { createHash } from "node:crypto";
import { join } from "node:path";

/**
 * A release of Debian, as the home of one version of systemd.
 * @typedef {"bookworm" | "trixie"} Suite
 */

/** Debian 12 with systemd 252, Debian 13 with systemd 257. */
export const suites = /** @type {const} */ (["bookworm", "trixie"]);

/** What the units under test run, or what systemd takes to run them as NixOS does. */
export const packages = [
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

/** They would change the kernel, the devices or the terminals of the machine that a node shares. */
export const masked = [
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

/** What nobody reads in a node: it halves the copy on disk. */
export const dropped = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"];

/**
 * Where this recipe's root file system of a suite stands, made or not: another recipe, another place.
 * @param {string} cache
 * @param {Suite} suite
 */
export function rootfsPath(cache, suite) {
  const recipe = createHash("sha256")
    .update(JSON.stringify([packages, masked, dropped, process.arch]))
    .digest("hex");
  return join(cache, "rootfs", `${suite}-${recipe.slice(0, 16)}`, "root");
}
