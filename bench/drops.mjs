import { allNeeds, provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";

/**
 * Prints what viewers see when a stage's camera or one of its servers is lost, behind Lectern's front and behind the
 * article's. First puts servers and browser in place. Takes about 50 minutes; see `runDrops` for less.
 */
export const benchDrops = () =>
  inNamespaces(
    "drops",
    async ({ folder, signal }) => {
      // Whatever is made goes with the folder, even where it cannot be cleared away by who made it.
      process.env.TMPDIR = folder;
      const { runDrops } = await import("./drops/run.ts");
      await runDrops(folder, signal);
    },
    (signal) => provision([...allNeeds, "chromium"], { signal }),
  );
