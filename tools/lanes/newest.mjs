/** @typedef {import("../rootfs/versions.mjs").Versions} Versions */
/** @typedef {import("./run-lane.mjs").Counts} Counts */

/**
 * A part of the newest lane: a project of vitest.config.ts, and the packages of forky that it stands on.
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
 * What running the parts takes. Tests hand in made-up ones.
 * @typedef {object} NewestMeans
 * @property {Versions} installed what forky has here
 * @property {Versions} proven what it had when the lane was last green
 * @property {(project: string) => Promise<string | undefined>} canary tries forky's programs without Lectern; why they do not work, if they do not
 * @property {(project: string) => Promise<Counts>} run
 * @property {(line: string) => void} say
 */

/**
 * Runs the parts, each whatever came of the others. A part is skipped with its reason if forky's own programs do not work, or if
 * its tests fail with other versions than the proven ones. With the proven versions a failure is Lectern's.
 * @param {NewestMeans} means
 * @returns {Promise<Counts>}
 */
export async function runNewest({ installed, proven, canary, run, say }) {
  /** @type {Counts[]} */
  const results = [];
  for (const { project, packages } of newestParts) {
    const note = (/** @type {string} */ text) => `${project}: ${text}`;
    say(note(packages.map((name) => `${name} ${installed[name] ?? "(none)"}`).join(", ")));
    const moves = movesOf(packages, installed, proven);
    const fault = await canary(project);
    if (fault === undefined) {
      const counts = judge(await run(project), moves);
      if (moves.length > 0 && counts.skipped === 0)
        say(note(`passes with what is new in forky; write it down in tools/rootfs/proven.json: ${moves.join(", ")}`));
      results.push({ ...counts, notes: counts.notes.map(note) });
    } else {
      const reason = note(`forky's own programs do not work here: ${[fault, ...moves].join("; ")}`);
      say(reason);
      results.push({ passed: 0, failed: 0, skipped: 1, notes: [reason] });
    }
  }
  const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) => results.reduce((all, one) => all + one[key], 0);
  return {
    ...{ passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") },
    notes: results.flatMap(({ notes }) => notes),
  };
}

/**
 * What forky has in other versions than the proven ones, for a person.
 * @param {readonly string[]} packages
 * @param {Versions} installed
 * @param {Versions} proven
 */
export const movesOf = (packages, installed, proven) =>
  packages
    .filter((name) => installed[name] !== proven[name])
    .map((name) => `${name} ${installed[name] ?? "(none)"} (last proven ${proven[name] ?? "never"})`);

/**
 * The counts of a part, if forky may be the reason of its failures: those count as skipped.
 * @param {Counts} counts
 * @param {readonly string[]} moves from movesOf
 * @returns {Counts}
 */
export function judge(counts, moves) {
  const { passed, failed, skipped, notes } = counts;
  if (failed === 0 || moves.length === 0) return counts;
  const reason = `forky has moved: ${moves.join(", ")}; ${failed} failed with it, which may be forky's fault or Lectern's`;
  return { passed, failed: 0, skipped: skipped + failed, notes: [reason, ...notes] };
}
