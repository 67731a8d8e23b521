import { resolve } from "node:path";
import { SetupError } from "../tools/process/errors.mjs";
import { provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";
import { benchPrograms } from "./programs.mjs";

const needs = /** @type {const} */ (["npm", "owncast", "caddy", "ffmpeg", "namespaces"]);

/**
 * Prints what `lectern rehearse` takes to watch a stage of 2.5 Mbit/s with 1,000 viewers (`LECTERN_BENCH_VIEWERS`). Takes two
 * minutes. `LECTERN_BENCH_KEPT` names a folder for a processor profile and the report page.
 */
export const benchRehearse = () =>
  inNamespaces(
    "rehearse",
    async ({ folder, signal }) => {
      process.env.TMPDIR = folder;
      process.env.NODE24 = process.execPath;
      const { LECTERN_BENCH_VIEWERS: asked = "1000", LECTERN_BENCH_KEPT: kept } = process.env;
      const viewers = Number(asked);
      if (!(viewers >= 1 && viewers <= 5000)) throw new SetupError("LECTERN_BENCH_VIEWERS: expected 1 to 5000", "", 64);
      const { runRehearse } = await import("./rehearse/run.ts");
      await runRehearse({ viewers, kept: kept && resolve(kept) }, signal);
    },
    async (signal) => ({ ...(await provision(needs, { signal })), NGINX: (await benchPrograms(signal)).NGINX }),
  );
