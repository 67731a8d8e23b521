import { provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";

const needs = /** @type {const} */ (["npm", "owncast", "caddy", "nginx", "ffmpeg", "namespaces", "chromium"]);

/**
 * Prints how long the viewers of an edge stand still when it is killed, hangs or is drained, with Owncast's page and with hls.js.
 * Takes about 13 minutes; see `runSteering` for less.
 */
export const benchSteering = () =>
  inNamespaces(
    "steering",
    async ({ folder, signal }) => {
      // All temporary files are removed with the folder, even if their makers cannot remove them.
      process.env.TMPDIR = folder;
      const { runSteering } = await import("./steering/run.ts");
      await runSteering(signal);
    },
    (signal) => provision(needs, { signal }),
  );
