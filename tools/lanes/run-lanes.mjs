import { SetupError, Unavailable } from "../process/errors.mjs";
import { nothing } from "./counts.mjs";

/** @typedef {import("./lanes.mjs").Lane} Lane */
/** @typedef {import("./counts.mjs").LaneResult} LaneResult */
/** @typedef {Readonly<Record<string, string>>} Environment */

/**
 * What `runLanes` needs. Tests pass stand-ins.
 * @typedef {object} Means
 * @property {import("../setup/machine.mjs").Machine} machine
 * @property {(lane: Lane) => import("./lanes.mjs").Obstacle | undefined} missing what only a person can install for the lane
 * @property {(needs: readonly import("../setup/survey.mjs").Need[]) => Promise<Environment>} provision
 * @property {(names: readonly string[], environment: Environment) => Promise<readonly LaneResult[]>} run
 * @property {(line: string) => void} say
 */

/**
 * Runs together all lanes that can run here, and resolves to the results in the lanes' order. A lane that cannot run here counts as one
 * skipped, or as one failed if it is required. Rejects only when interrupted.
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
  const stopped = [];
  /** @type {string[]} */
  const names = [];
  /** @type {Environment} */
  let environment = {};
  for (const lane of lanes) {
    const obstacle = obstacles.get(lane);
    const preparation = obstacle ? undefined : await ready(lane);
    const reason = obstacle ?? unavailable(preparation);
    if (reason) {
      const note = `cannot run here: ${reason.reason} → ${reason.command}`;
      say(`${lane.name}: ${note}`);
      stopped.push(
        required.includes(lane)
          ? { name: lane.name, ...nothing, failed: 1, notes: [`LANES_REQUIRED names it, but it ${note}`] }
          : { name: lane.name, ...nothing, skipped: 1, notes: [note] },
      );
    } else if (preparation instanceof SetupError) {
      const note = `the set-up failed: ${preparation.message.split("\n")[0]}`;
      stopped.push({ name: lane.name, ...nothing, failed: 1, notes: [note] });
    } else {
      environment = { ...environment, ...preparation };
      names.push(lane.name);
    }
  }
  const results = names.length > 0 ? await run(names, environment) : [];
  const all = [...stopped, ...results.map((result) => judgeRequired(result, required))];
  const ofLanes = lanes.flatMap((lane) => all.filter(({ name }) => name === lane.name));
  return [...ofLanes, ...all.filter((result) => !ofLanes.includes(result))];
}

/**
 * Counts a required lane without a result as failed.
 * @type {(result: LaneResult, required: readonly Lane[]) => LaneResult}
 */
function judgeRequired(result, required) {
  const isRequired = required.some(({ name }) => name === result.name);
  if (!isRequired || result.passed > 0 || result.failed > 0) return result;
  return { ...result, failed: 1, notes: ["LANES_REQUIRED names it, but it has proven nothing", ...result.notes] };
}

/** @type {(preparation: Environment | SetupError | undefined) => import("./lanes.mjs").Obstacle | undefined} */
const unavailable = (preparation) =>
  preparation instanceof Unavailable
    ? { reason: preparation.message, command: preparation.remedy ?? "see above" }
    : undefined;

/**
 * Sets up for all lanes together. Only if that fails, it sets up for each lane separately. The same needs are never tried twice.
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
