import { SetupError } from "../tools/process/errors.mjs";
import { provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";

const needs = /** @type {const} */ (["npm", "owncast", "caddy", "ffmpeg", "namespaces"]);

/** Measures what encoding and requests cost on this machine, for `lectern capacity --calibration`. Takes about six minutes. */
export const benchCalibrate = () =>
  inNamespaces(
    "calibrate",
    async ({ folder, signal }) => {
      process.env.NODE24 = process.execPath;
      const { runCalibrate } = await import("./calibrate/run.ts");
      await runCalibrate(folder, signal);
    },
    (signal) => provision(needs, { signal }),
  );

/**
 * Prints what `lectern capacity` predicts from that calibration for another ladder and 500 viewers (`LECTERN_BENCH_VIEWERS`), and
 * what they take.
 */
export const benchCapacity = () =>
  inNamespaces(
    "capacity",
    async ({ folder, signal }) => {
      process.env.NODE24 = process.execPath;
      const { runCapacity } = await import("./calibrate/compare.ts");
      const viewers = Number(process.env.LECTERN_BENCH_VIEWERS || 500);
      if (!(viewers >= 1 && viewers <= 2000)) throw new SetupError("LECTERN_BENCH_VIEWERS: expected 1 to 2000", "", 64);
      await runCapacity(folder, viewers, signal);
    },
    (signal) => provision(needs, { signal }),
  );
