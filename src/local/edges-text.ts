import { edgeLines } from "../host/edge-lines.ts";
import { faultOf } from "../host/stage-status.ts";
import { type Paint, paint } from "../lib/colour.ts";
import { backAfterSeconds } from "./edge-process.ts";
import type { RunningEdges } from "./edges.ts";
import type { EdgesReport } from "./edges-proof.ts";
import type { MoreLines } from "./waiting-block.ts";

const plain: Paint = (_, text) => text;

/** What `lectern edge list` shows, what each edge fetched and served, and what is wrong. */
export function edgesLines({ edges, viewers, faults, steering }: EdgesReport, colours: Paint = plain): string[] {
  const width = Math.max(...edges.map(({ name }) => name.length));
  return [
    ...edgeLines(steering, colours).map((line) => `  ${line}`),
    ...edges.map(({ name, served, different, fetched, servedBytes }) => {
      const megabytes = (servedBytes / 1e6).toFixed(1);
      return `  ${name.padEnd(width)} served ${served} segments (${megabytes} MB), ${different} different ones; the origin served it ${fetched}`;
    }),
    `  ${viewers.started} of ${viewers.count} viewers play, stalled for ${viewers.stalledSeconds.toFixed(1)} s in all`,
    ...faults.map((fault) => `  ✗ ${fault}`),
  ];
}

/** The edges for the block that shows the running stage. */
export const edgesBlock = (report: EdgesReport): MoreLines => ({
  lines: edgesLines({ ...report, faults: [] }, paint),
  news: JSON.stringify(report.steering.edges.map(({ name, state, viewers }) => [name, state, viewers > 0])),
});

/** For the same block, if the edges cannot be read at present. Throws faults in Lectern itself again. */
export function unreadEdges(error: unknown): MoreLines {
  const { message } = faultOf(error);
  return { lines: [`  ${paint("✗", "✗")} ${message}`], news: message };
}

/** How a person drains and kills an edge, and sees viewers move. */
export interface EdgeCommands {
  readonly list: string;
  readonly drain: string;
  readonly undrain: string;
  readonly kill: string;
}

/** Commands for a shell in the checkout. They work while the demo runs. */
export function edgeCommands({ stagesFile, list }: RunningEdges): EdgeCommands {
  const edge = `LECTERN_STAGES=${shellWord(stagesFile)} npm run -s lectern -- edge`;
  const [{ name, killFile } = { name: "", killFile: "" }] = list;
  return {
    list: `${edge} list`,
    drain: `${edge} drain ${name}`,
    undrain: `${edge} undrain ${name}`,
    kill: `touch ${shellWord(killFile)}`,
  };
}

/** The summary's part on how to see viewers move. */
export const moveLines = ({ list, drain, undrain, kill }: EdgeCommands, name: string): string[] => [
  `See viewers move: run these commands in another terminal, in this folder. For another edge, replace ${name} in them.`,
  `  Edges and viewers: ${list}`,
  `  Drain it:          ${drain}`,
  `  Undrain it:        ${undrain}`,
  `  Kill it:           ${kill}`,
  `  Its viewers play on by another edge. A killed edge comes back by itself after ${backAfterSeconds} s.`,
];

/** A word that a shell takes as it is. */
const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
