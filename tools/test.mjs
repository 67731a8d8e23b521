// `npm test`, `npm run test:<lane>`: puts in place what the lanes need, runs them, and says what was proven.

import { chooseLanes, requiredLanes } from "./lanes/lanes.mjs";
import { runLane } from "./lanes/run-lane.mjs";
import { runLanes } from "./lanes/run-lanes.mjs";
import { summarise } from "./lanes/summary.mjs";
import { interruptible } from "./process/endings.mjs";
import { runProgram } from "./process/program.mjs";
import { thisMachine } from "./setup/machine.mjs";
import { provision, tree } from "./setup/provision.mjs";
import { survey } from "./setup/survey.mjs";

/**
 * What keeps the set-up from putting a lane's needs in place, as one reason and one command.
 * @param {import("./lanes/lanes.mjs").Lane} lane
 */
function missing({ needs }) {
  const { problems } = survey(needs, thisMachine, tree);
  const [first, ...others] = problems;
  if (!first) return undefined;
  return {
    reason: problems.map(({ what }) => what).join("; "),
    command: others.length === 0 ? first.remedy : "npm run setup (it says what to install)",
  };
}

await runProgram(() =>
  interruptible(async (signal) => {
    const results = await runLanes(chooseLanes(process.argv.slice(2)), requiredLanes(process.env.LANES_REQUIRED), {
      machine: thisMachine,
      missing,
      provision: (needs) => provision(needs, { signal }),
      run: (name, environment) => runLane(name, { signal, environment }),
      say: (line) => process.stderr.write(`${line}\n`),
    });
    process.stdout.write(summarise(results));
    return results.some(({ failed }) => failed > 0) ? 1 : 0;
  }),
);
