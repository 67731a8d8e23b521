import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, median, times } from "./measure.mjs";

const run = ["--import", "tsx", "codegen/main.ts"];
// Loads codegen's necessary libraries, and does no work.
const libraries = [
  "--import",
  "tsx",
  "--input-type=module",
  "-e",
  'import "ts-morph"; import "json-schema-to-typescript";',
];

/** Prints the cost of `npm run codegen`: against its libraries alone, and with 100 hosts of 3 stages. */
export function benchCodegen() {
  const root = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "lectern-bench-"));
  try {
    for (const part of ["codegen", "src/lib", "hosts", "generated", "package.json", "tsconfig.json"])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const ratio = againstLibraries(folder);
    manyHosts(folder);
    console.log(`codegen: ${times(ratio)} of importing its libraries (bar: 2.0x)`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} folder */
function againstLibraries(folder) {
  succeed(measure(run, folder));
  succeed(measure(libraries, folder));
  const pairs = Array.from({ length: 5 }, () => {
    const whole = succeed(measure(run, folder));
    const imports = succeed(measure(libraries, folder));
    return { whole, imports, ratio: whole.cpuSeconds / imports.cpuSeconds };
  });
  for (const { whole, imports, ratio } of pairs)
    console.log(
      `  pair: ${whole.cpuSeconds.toFixed(2)} s and ${imports.cpuSeconds.toFixed(2)} s of processor, ${times(ratio)}`,
    );
  return median(pairs.map(({ ratio }) => ratio));
}

/** @param {string} folder */
function manyHosts(folder) {
  const one = succeed(measure(run, folder));
  const stages = join(folder, "hosts/live/stages");
  for (let host = 0; host < 100; host++) {
    const copy = join(folder, `hosts/host-${host}/stages`);
    mkdirSync(copy, { recursive: true });
    cpSync(stages, copy, { recursive: true });
    for (const name of ["second", "third"]) cpSync(join(copy, "main.yaml"), join(copy, `${name}.yaml`));
  }
  const many = succeed(measure(run, folder));
  console.log(
    `  100 hosts of 3 stages: ${many.seconds.toFixed(1)} s, ${many.megabytes.toFixed(0)} MB at most; ` +
      `${times(many.cpuSeconds / one.cpuSeconds)} the processor time and ${times(many.megabytes / one.megabytes)} the memory of one stage`,
  );
}

/**
 * @param {ReturnType<typeof measure>} result
 */
function succeed(result) {
  if (result.status !== 0) throw new Error(`ended with ${result.status}: ${result.said}`);
  return result;
}
