import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SetupError, Unavailable } from "../process/errors.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";

/** The virtual environments: `python` checks the project's Python, `speech` runs the speech server with its engines. */
const recipes = {
  python: { requirements: pathOf("requirements.txt"), holds: "pyflakes and mypy", example: "mypy" },
  speech: { requirements: pathOf("../speech/requirements.txt"), holds: "the speech engines", example: "pocketsphinx" },
};

/** @typedef {keyof typeof recipes} PythonEnvironment */

/**
 * The path of the virtual environment, made or not. It differs by requirements and by Python version.
 * @param {PythonEnvironment} name
 * @param {string} cache
 * @param {string} version what `python3 --version` says
 */
export function pythonEnvironmentPath(name, cache, version) {
  const text = readFileSync(recipes[name].requirements, "utf8");
  const recipe = createHash("sha256").update(JSON.stringify([text, version]));
  return join(cache, `${name}-${recipe.digest("hex").slice(0, 16)}`, "environment");
}

/** @param {string} environment its path */
export const pythonOf = (environment) => join(environment, "bin/python");

/**
 * Makes the virtual environment if it is missing. Rejects with Unavailable if pip fails.
 * @param {PythonEnvironment} name
 * @param {string} target from pythonEnvironmentPath
 * @param {string} python the Python program that makes it
 * @param {import("../process/lock.mjs").LockOptions} options
 */
export async function makePythonEnvironment(name, target, python, { signal, onWait }) {
  const { requirements, holds, example } = recipes[name];
  await makeOnce(target, { signal, onWait }, async (workshop) => {
    const environment = join(workshop, "environment");
    const flags = ["--disable-pip-version-check", "--no-input", "--retries=2", "--no-deps", "--only-binary=:all:"];
    try {
      await runCommand(python, ["-m", "venv", environment], { signal, cwd: workshop });
      await runCommand(pythonOf(environment), ["-m", "pip", "install", ...flags, "--requirement", requirements], {
        signal,
        cwd: dirname(requirements),
      });
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      const lastLine = error.message
        .split("\n")
        .at(-1)
        ?.replace(/^[\s|]+/, "");
      throw new Unavailable(`${holds} cannot be installed (${lastLine})`, `see why \`pip download ${example}\` fails`);
    }
    return environment;
  });
}

/**
 * Like makePythonEnvironment, but if pip fails it only says that tests which need the environment are skipped.
 * @type {typeof makePythonEnvironment}
 */
export async function tryPythonEnvironment(name, ...rest) {
  await makePythonEnvironment(name, ...rest).catch((error) => {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n  ${error.message}, so their tests are skipped → ${error.remedy}\n`);
  });
}

/** @param {string} file */
function pathOf(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
