import { provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";

const needs = /** @type {const} */ ([
  "npm",
  "owncast",
  "caddy",
  "ffmpeg",
  "namespaces",
  "farLink",
  "farViewer",
  "chromium",
]);

/**
 * Prints what a stage carries to viewers far away, by cubic, HTTP/3 and BBR, over several round trips and losses, how long their video
 * stands still, and what Chromium shows of a ladder. Takes about twelve minutes; see `runFar` for more.
 */
export const benchFar = () =>
  inNamespaces(
    "far",
    async ({ folder, signal }) => {
      // All temporary files are removed with the folder, even if their makers cannot remove them.
      process.env.TMPDIR = folder;
      const { runFar } = await import("./far/run.ts");
      await runFar(folder, signal);
    },
    (signal) => provision(needs, { signal }),
  );
