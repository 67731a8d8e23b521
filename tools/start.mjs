// `npm start`: puts in place what is missing, then becomes `lectern demo` with the arguments given.
import { createRequire } from "node:module";
import { interruptible, whenNpmIsGone } from "./process/endings.mjs";
import { runProgram } from "./process/program.mjs";
import { namedPorts } from "./setup/checks.mjs";
import { allNeeds, provision } from "./setup/provision.mjs";

await runProgram(async () => {
  const args = process.argv.slice(2);
  const wantsHelp = args.some((word) => word === "--help" || word === "-h");
  const environment = await interruptible((signal) =>
    provision(wantsHelp ? ["npm"] : allNeeds, { signal, ports: wantsHelp ? [] : namedPorts(args) }),
  );
  // tsx would run what it finds in a folder of a known name among temporary files, which another user can have put there.
  Object.assign(process.env, environment, { TSX_DISABLE_CACHE: "1" });
  whenNpmIsGone(() => process.kill(process.pid, "SIGTERM"));
  const tsx = createRequire(import.meta.url).resolve("tsx");
  // The demo runs its inner process as it is run itself.
  process.execArgv.push("--import", tsx);
  process.argv.splice(2, 0, "demo");
  await import(tsx);
  await import("../src/main.ts");
  return Number(process.exitCode);
});
