import { nothing } from "./counts.mjs";

/** @typedef {import("../rootfs/versions.mjs").Versions} Versions */
/** @typedef {import("./counts.mjs").Counts} Counts */

/**
 * A part of the newest lane: a project of vitest.config.ts, and the packages of Debian forky that it depends on.
 * @typedef {object} Part
 * @property {string} project
 * @property {readonly string[]} packages
 */

/** @type {readonly Part[]} */
export const newestParts = [
  { project: "newest-caddy", packages: ["caddy", "libc6"] },
  { project: "newest-nix", packages: ["nix-bin", "libc6", "libstdc++6"] },
  {
    project: "newest-systemd",
    packages: ["systemd", "caddy", "dbus", "ffmpeg", "iproute2", "util-linux", "libc6", "libstdc++6"],
  },
];

/**
 * A part before its tests run. `moves` lists the packages whose version is not the proven one. `fault` is set if forky's own programs
 * do not work.
 * @typedef {{ project: string, moves: readonly string[], fault: string | undefined }} TriedPart
 */

/**
 * What `tryNewest` needs. Tests pass stand-ins.
 * @typedef {object} NewestMeans
 * @property {Versions} installed versions in forky's root file system
 * @property {Versions} proven versions with which the lane was last green
 * @property {(project: string) => Promise<string | undefined>} canary runs forky's programs without Lectern; resolves to their fault, if any
 * @property {(line: string) => void} say
 */

/**
 * Runs forky's own programs for each part, also if another part failed. Prints the versions that each part depends on.
 * @param {NewestMeans} means
 * @returns {Promise<TriedPart[]>}
 */
export async function tryNewest({ installed, proven, canary, say }) {
  /** @type {TriedPart[]} */
  const parts = [];
  for (const { project, packages } of newestParts) {
    say(`${project}: ${packages.map((name) => `${name} ${installed[name] ?? "(none)"}`).join(", ")}`);
    parts.push({ project, moves: movesOf(packages, installed, proven), fault: await canary(project) });
  }
  return parts;
}

/**
 * The counts of the lane. A part is skipped with its reason if forky's own programs do not work, or if its tests fail with other versions
 * than the proven ones. With the proven versions a failure is Lectern's.
 * @param {readonly TriedPart[]} parts
 * @param {(project: string) => Counts} countsOf called only for a part without a fault
 * @param {(line: string) => void} say
 * @returns {Counts}
 */
export function judgeNewest(parts, countsOf, say) {
  const results = parts.map(({ project, moves, fault }) => {
    const note = (/** @type {string} */ text) => `${project}: ${text}`;
    if (fault !== undefined) {
      const reason = note(`forky's own programs do not work here: ${[fault, ...moves].join("; ")}`);
      say(reason);
      return { ...nothing, skipped: 1, notes: [reason] };
    }
    const counts = judge(countsOf(project), moves);
    if (moves.length > 0 && counts.skipped === 0)
      say(note(`passes with forky's new packages; add them to tools/rootfs/proven.json: ${moves.join(", ")}`));
    return { ...counts, notes: counts.notes.map(note) };
  });
  const sum = (/** @type {Exclude<keyof Counts, "notes">} */ key) => results.reduce((all, one) => all + one[key], 0);
  return {
    ...{ passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped"), leftOut: sum("leftOut") },
    seconds: sum("seconds"),
    notes: results.flatMap(({ notes }) => notes),
  };
}

/**
 * The packages whose version is not the proven one, as text for a person.
 * @param {readonly string[]} packages
 * @param {Versions} installed
 * @param {Versions} proven
 */
export const movesOf = (packages, installed, proven) =>
  packages
    .filter((name) => installed[name] !== proven[name])
    .map((name) => `${name} ${installed[name] ?? "(none)"} (last proven ${proven[name] ?? "never"})`);

/**
 * Counts failures as skipped if a package has moved, because forky may have caused them.
 * @param {Counts} counts
 * @param {readonly string[]} moves from movesOf
 * @returns {Counts}
 */
export function judge(counts, moves) {
  const { failed, skipped, notes } = counts;
  if (failed === 0 || moves.length === 0) return counts;
  const reason = `forky has moved: ${moves.join(", ")}; ${failed} failed with it, by a fault of forky or of Lectern`;
  return { ...counts, failed: 0, skipped: skipped + failed, notes: [reason, ...notes] };
}
