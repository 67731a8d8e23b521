import { step } from "../../src/lib/progress.mjs";
import { lastLines } from "../../src/local/part.ts";
import type { HttpClient } from "../../src/viewer/http-client.ts";
import { look } from "./answers.ts";
import { type Cell, cellsOf, hasBar, keyOf } from "./cells.ts";
import type { Measure, Round } from "./figures.ts";
import { putLoad } from "./load.ts";
import { processorSeconds } from "./processor.ts";
import type { Server } from "./servers.ts";

const rounds = 11;
const loadSeconds = 1;
// A shorter load gives no good estimate of the request rate: the kernel counts in hundredths of a second.
const leastSeconds = 0.15;
const mostTries = 3;
const firstRequests = { segment: 32, playlist: 640 } as const;
// A playlist's length changes by some digits during a load.
const tolerance = { segment: 0, playlist: 0.1 } as const;

export interface Measuring {
  readonly client: HttpClient;
  readonly hlsDir: string;
  readonly signal: AbortSignal;
}

/**
 * Measures all cells in the first round, and in the later rounds those with a bar. Compared cells run one after the other, in
 * alternating order. A round before the first warms up and estimates the request rate.
 */
export async function measureRounds(servers: readonly Server[], measuring: Measuring): Promise<readonly Round[]> {
  const cells = cellsOf(servers.map(({ name }) => name));
  const perSecond = new Map<string, number>();
  const measureRound = (title: string, order: readonly Cell[], requestsFor: (cell: Cell) => number): Promise<Round> =>
    step(title, async (note) => {
      const round = new Map<string, Measure>();
      for (const [index, cell] of order.entries()) {
        note(`${index + 1} of ${order.length}: ${keyOf(cell)}`);
        const server = servers.find(({ name }) => name === cell.server) as Server;
        let { seconds, ...measure } = await measureWell(cell, server, requestsFor(cell), measuring);
        while (seconds < leastSeconds)
          ({ seconds, ...measure } = await measureWell(cell, server, 3 * measure.requests, measuring));
        perSecond.set(keyOf(cell), measure.requests / seconds);
        round.set(keyOf(cell), measure);
      }
      return round;
    });
  await measureRound("Warming up", cells, ({ kind }) => firstRequests[kind]);
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const some = round === 0 ? cells : cells.filter(hasBar);
    const order = round % 2 === 0 ? some : [...some].reverse();
    const requestsFor = (cell: Cell) =>
      Math.max(firstRequests[cell.kind], Math.round((perSecond.get(keyOf(cell)) ?? 0) * loadSeconds));
    results.push(await measureRound(`Measuring, round ${round + 1} of ${rounds}`, order, requestsFor));
  }
  return results;
}

/** Measures a cell. Retries after a failure, and reports that: under load a server may lose a connection. */
async function measureWell(cell: Cell, server: Server, requests: number, measuring: Measuring) {
  for (let tries = 1; ; tries++) {
    try {
      return await measureCell(cell, server, requests, measuring);
    } catch (error) {
      if (tries === mostTries || measuring.signal.aborted) throw error;
      process.stderr.write(
        `\n${(error as Error).message}\n${server.title}:\n${lastLines(server.logFile)}\ntrying again …\n`,
      );
    }
  }
}

/** Runs one load. Throws unless every response is like the first one. */
async function measureCell(cell: Cell, server: Server, requests: number, { client, hlsDir, signal }: Measuring) {
  const { path, sentBytes, plainBytes } = await look(client, server, cell, hlsDir);
  const keptBefore = await server.kept?.();
  const before = processorSeconds(server.pids());
  const { protocol, encoding } = cell;
  const { seconds, bodyBytes } = await putLoad(
    { url: `${server.origin}${path}`, protocol, encoding, requests },
    signal,
  );
  const used = processorSeconds(server.pids()) - before;
  const deviation = Math.abs(bodyBytes / (requests * sentBytes) - 1);
  if (deviation > tolerance[cell.kind])
    throw new Error(`${keyOf(cell)}: ${requests} responses had ${bodyBytes} bytes, the first one ${sentBytes}`);
  // The keeper must serve all playlists itself: else Owncast would do a part of the work.
  if (cell.kind === "playlist" && keptBefore !== undefined && server.kept) {
    const kept = (await server.kept()) - keptBefore;
    if (kept < requests) throw new Error(`${keyOf(cell)}: the keeper served only ${kept} of ${requests} playlists`);
  }
  return { requests, plainBytes, processorSeconds: used, seconds };
}
