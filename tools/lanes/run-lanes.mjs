import { SetupError, Unavailable } from "../process/errors.mjs";

/** @typedef {import("./lanes.mjs").Lane} Lane */
/** @typedef {import("./run-lane.mjs").LaneResult} LaneResult */
/** @typedef {Readonly<Record<string, string>>} Environment */

/**
 * What running lanes takes. Tests hand in made-up ones.
 * @typedef {object} Means
 * @property {import("../setup/machine.mjs").Machine} machine
 * @property {(lane: Lane) => import("./lanes.mjs").Obstacle | undefined} missing what a person would have to install for it
 * @property {(needs: readonly import("../setup/survey.mjs").Need[]) => Promise<Environment>} provision
 * @property {(name: string, environment: Environment) => Promise<LaneResult>} run
 * @property {(line: string) => void} say
 */

/**
 * Runs lanes in their order, each whatever came of those before it. One that cannot run here counts as one skipped;
 * as one failed if it is required. Rejects only when interrupted.
 * @param {readonly Lane[]} lanes
 * @param {readonly Lane[]} required
 * @param {Means} means
 * @returns {Promise<LaneResult[]>}
 */
export async function runLanes(lanes, required, { machine, missing, provision, run, say }) {
  const obstacles = new Map(lanes.map((lane) => [lane, lane.obstacle(machine) ?? missing(lane)]));
  const ready = await prepare(
    lanes.filter((lane) => !obstacles.get(lane)),
    provision,
    say,
  );
  /** @type {LaneResult[]} */
  const results = [];
  for (const lane of lanes) {
    const obstacle = obstacles.get(lane);
    const preparation = obstacle ? undefined : await ready(lane);
    const reason = obstacle ?? unavailable(preparation);
    if (reason) {
      const note = `cannot run here: ${reason.reason} → ${reason.command}`;
      const isRequired = required.includes(lane);
      say(`${lane.name}: ${note}`);
      results.push(
        isRequired ? failedLane(lane, `is required by LANES_REQUIRED and ${note}`) : skippedLane(lane, note),
      );
    } else if (preparation instanceof SetupError)
      results.push(failedLane(lane, `the set-up failed: ${preparation.message.split("\n")[0]}`));
    else results.push(judgeRequired(await run(lane.name, preparation ?? {}), lane, required));
  }
  return results;
}

/**
 * A required lane that has proven nothing has failed.
 * @type {(result: LaneResult, lane: Lane, required: readonly Lane[]) => LaneResult}
 */
function judgeRequired(result, lane, required) {
  if (!required.includes(lane) || result.passed > 0 || result.failed > 0) return result;
  return { ...result, failed: 1, notes: ["is required by LANES_REQUIRED and has proven nothing", ...result.notes] };
}

/** @type {(preparation: Environment | SetupError | undefined) => import("./lanes.mjs").Obstacle | undefined} */
const unavailable = (preparation) =>
  preparation instanceof Unavailable
    ? { reason: preparation.message, command: preparation.remedy ?? "see above" }
    : undefined;

/**
 * Sets up for all lanes at once, and only if that fails, for each lane by its own needs. Nothing is tried twice.
 * @param {readonly Lane[]} lanes
 * @param {Means["provision"]} provision
 * @param {Means["say"]} say
 * @returns {Promise<(lane: Lane) => Promise<Environment | SetupError>>}
 */
async function prepare(lanes, provision, say) {
  /** @type {Map<string, Promise<Environment | SetupError>>} */
  const attempts = new Map();
  const attempt = (/** @type {readonly import("../setup/survey.mjs").Need[]} */ some) => {
    const needs = [...new Set(some)].sort();
    const earlier = attempts.get(needs.join());
    if (earlier) return earlier;
    const outcome = provision(needs).catch((error) => {
      if (!(error instanceof SetupError)) throw error;
      say([error.message, ...(error.remedy ? [`  → ${error.remedy}`] : [])].join("\n"));
      return error;
    });
    attempts.set(needs.join(), outcome);
    return outcome;
  };
  const all = await attempt(lanes.flatMap(({ needs }) => needs));
  return async (lane) => (all instanceof SetupError ? attempt(lane.needs) : all);
}

/** @type {(lane: Lane, note: string) => LaneResult} */
const failedLane = ({ name }, note) => ({ name, passed: 0, failed: 1, skipped: 0, seconds: 0, notes: [note] });
/** @type {(lane: Lane, note: string) => LaneResult} */
const skippedLane = ({ name }, note) => ({ name, passed: 0, failed: 0, skipped: 1, seconds: 0, notes: [note] });
