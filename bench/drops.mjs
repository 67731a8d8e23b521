import { allNeeds, provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";

/**
 * Prints what viewers see when a stage loses its camera or one of its servers, behind Lectern's front and behind the
 * article's. Installs servers and browser first. Takes about 50 minutes; see `runDrops` for less.
 */
export const benchDrops = () =>
  inNamespaces(
    "drops",
    async ({ folder, signal }) => {
      // All temporary files are removed with the folder, even if their makers cannot remove them.
      process.env.TMPDIR = folder;
      const { runDrops } = await import("./drops/run.ts");
      await runDrops(folder, signal);
    },
    (signal) => provision([...allNeeds, "chromium"], { signal }),
  );
