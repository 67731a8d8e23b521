// `npm start`: sets up what is missing, then runs `lectern demo` in this process with the given arguments.
import { createRequire } from "node:module";
import { interruptible, whenNpmIsGone } from "./process/endings.mjs";
import { runProgram } from "./process/program.mjs";
import { namedPorts } from "./setup/checks.mjs";
import { allNeeds, provision } from "./setup/provision.mjs";

await runProgram(async () => {
  const args = process.argv.slice(2);
  const wantsHelp = args.some((word) => word === "--help" || word === "-h");
  const has = (/** @type {string} */ option) => args.some((word) => word === option || word.startsWith(`${option}=`));
  const environment = await interruptible((signal) =>
    provision(wantsHelp ? ["npm"] : [...allNeeds, ...needsOf(has)], {
      signal,
      ports: wantsHelp ? [] : namedPorts(args),
      isNginxOptional: false,
      isSpeechOptional: false,
    }),
  );
  // tsx runs files from a temporary folder with a known name. Another user could have put them there.
  Object.assign(process.env, environment, { TSX_DISABLE_CACHE: "1" });
  whenNpmIsGone(() => process.kill(process.pid, "SIGTERM"));
  const tsx = createRequire(import.meta.url).resolve("tsx");
  // The demo starts its inner process with the same flags.
  process.execArgv.push("--import", tsx);
  process.argv.splice(2, 0, "demo");
  await import(tsx);
  await import("../src/main.ts");
  return Number(process.exitCode);
});

/**
 * What the demo needs only for some options.
 * @param {(option: string) => boolean} has
 * @returns {import("./setup/survey.mjs").Need[]}
 */
function needsOf(has) {
  return [
    ...(has("--edges") ? /** @type {const} */ (["nginx"]) : []),
    ...(has("--storage") ? /** @type {const} */ (["versitygw"]) : []),
    ...(has("--captions") ? /** @type {const} */ (["speech"]) : []),
  ];
}
