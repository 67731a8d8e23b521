import { SetupError } from "../tools/process/errors.mjs";
import { provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";
import { benchPrograms } from "./programs.mjs";

const needs = /** @type {const} */ (["npm", "owncast", "caddy", "ffmpeg", "namespaces"]);

/**
 * Prints what two edges before a live stage cost and spare: what the origin sends, crowds, response times, ages, an origin that
 * comes back, an origin that tears its playlists, processor time. Takes about seven minutes; `LECTERN_BENCH_ROUNDS=1` takes about
 * five, and `LECTERN_BENCH_EDGES` names the only sections to run.
 * `LECTERN_FRONT=nginx` puts nginx before the origin instead of Caddy.
 */
export const benchEdges = () =>
  inNamespaces(
    "edges",
    async ({ folder, signal }) => {
      // All temporary files are removed with the folder, even if their makers cannot remove them.
      process.env.TMPDIR = folder;
      process.env.NODE24 = process.execPath;
      const { LECTERN_BENCH_ROUNDS: asked = "5", LECTERN_FRONT: front = "caddy" } = process.env;
      const rounds = Number(asked);
      if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 20))
        throw new SetupError("LECTERN_BENCH_ROUNDS: expected 1 to 20", "", 64);
      if (front !== "caddy" && front !== "nginx")
        throw new SetupError("LECTERN_FRONT: expected caddy or nginx", "", 64);
      const { runEdges } = await import("./edges/run.ts");
      await runEdges({ folder, front, rounds }, signal);
    },
    async (signal) => ({ ...(await provision(needs, { signal })), ...(await benchPrograms(signal)) }),
  );
