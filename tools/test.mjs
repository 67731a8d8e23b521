// `npm test`, `npm run test:<lane>`: sets up what the lanes need, runs them, and prints what was proven.
import { relative } from "node:path";
import { chooseLanes, lanes, readArguments, requiredLanes } from "./lanes/lanes.mjs";
import { reportPath } from "./lanes/report.mjs";
import { runLanes } from "./lanes/run-lanes.mjs";
import { runTests } from "./lanes/run-tests.mjs";
import { summarise } from "./lanes/summary.mjs";
import { interruptible } from "./process/endings.mjs";
import { runProgram } from "./process/program.mjs";
import { thisMachine } from "./setup/machine.mjs";
import { provision, tree } from "./setup/provision.mjs";
import { survey } from "./setup/survey.mjs";

const onlyAll = lanes.flatMap((lane) => (lane.onlyAll ? [lane.name] : [])).join(", ");
const help = `Usage: npm test [-- [--all] [LANE...]]

Sets up what is missing, runs the lanes, and says what was proven, what was not, and what was left out.

  LANE    one or more of: ${lanes.map(({ name }) => name).join(", ")}
  --all   run everything, in about 40 minutes on two processors; without it, npm test
          takes a sample of each lane, in about 10 minutes, and leaves out the lane ${onlyAll}

Files that fail beside others on a busy machine run once more by themselves: at most 12 files of the
lanes e2e, browser, systemd and newest (3 in a sample). What fails again has failed. The summary lists
what passed only then.

Examples:
  npm test                        a sample of the lanes
  npm test -- --all               everything
  npm run test:e2e                a sample of one lane
  npm test -- --all unit e2e      everything of two lanes
`;

/**
 * Why the set-up cannot provide a lane's needs, as one reason and one command.
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

/** @param {import("./lanes/lanes.mjs").Arguments} args */
const test = ({ names, isExhaustive }) =>
  interruptible(async (signal) => {
    const started = performance.now();
    const chosen = chooseLanes(names, isExhaustive);
    /** @type {import("./lanes/report.mjs").Report | undefined} */
    let report;
    const results = await runLanes(chosen, requiredLanes(process.env.LANES_REQUIRED), {
      machine: thisMachine,
      missing,
      provision: (needs) => provision(needs, { signal }),
      run: async (ready, environment) => {
        const ran = await runTests(ready, { signal, environment, isExhaustive });
        report = ran.report;
        return ran.results;
      },
      say: (line) => process.stderr.write(`${line}\n`),
    });
    const wholeLanes = lanes.filter((lane) => names.length === 0 && !chosen.includes(lane));
    process.stdout.write(
      summarise({
        results,
        seconds: (performance.now() - started) / 1000,
        files: report?.files ?? [],
        passedAlone: report?.passedAlone ?? [],
        leftOut: [...wholeLanes.map(({ name }) => `${name}: the whole lane`), ...(report?.leftOut ?? [])],
        everything: ["npm test -- --all", ...names].join(" "),
        report: relative(tree, reportPath),
      }),
    );
    return results.some(({ failed }) => failed > 0) ? 1 : 0;
  });

await runProgram(async () => {
  const args = readArguments(process.argv.slice(2));
  if (!args.wantsHelp) return test(args);
  process.stdout.write(help);
  return 0;
});
