// `npm start`: puts in place what is missing, then runs `lectern demo` with the arguments given.
import { createRequire } from "node:module";
import { join } from "node:path";
import { interruptible } from "./process/endings.mjs";
import { runProgram } from "./process/program.mjs";
import { supervise } from "./process/supervise.mjs";
import { namedPorts } from "./setup/checks.mjs";
import { allNeeds, provision, tree } from "./setup/provision.mjs";

await runProgram(async () => {
  const args = process.argv.slice(2);
  const wantsHelp = args.some((word) => word === "--help" || word === "-h");
  const environment = await interruptible((signal) =>
    provision(wantsHelp ? ["npm"] : allNeeds, { signal, ports: wantsHelp ? [] : namedPorts(args) }),
  );
  const nodeFlags = ["--import", createRequire(import.meta.url).resolve("tsx")];
  // tsx would run what it finds in a folder of a known name among temporary files, which another user can have put there.
  const isolated = { ...environment, TSX_DISABLE_CACHE: "1" };
  return supervise(join(tree, "src/main.ts"), ["demo", ...args], { environment: isolated, nodeFlags });
});
