import { join } from "node:path";
import { cacheIn } from "../../checks/lib/site/front.ts";
import { startGoldenCaddy } from "../../checks/lib/site/golden-caddy.ts";
import { edgeSites, startGoldenEdge } from "../../checks/lib/site/golden-edge.ts";
import { startGoldenNginx } from "../../checks/lib/site/golden-nginx.ts";
import type { Front } from "../../checks/lib/site/golden-site.ts";
import { countTorn, startTearingOwncast, type TornTally, untilKept } from "../../checks/lib/site/tearing-owncast.ts";
import { startKeeper } from "../../checks/lib/stream/keeper-process.ts";
import { makeHttpClient } from "../../src/viewer/http-client.ts";

// An edge keeps a playlist for 1 to 2 s, so it fetches each one anew every third to fifth pause.
const pauseMs = 400;

/** What viewers of an edge get of an Owncast that tears its playlists. */
export interface TornPlaylists {
  readonly byEdge: TornTally;
  /** What this Owncast itself sent in as many requests. */
  readonly ofOwncast: TornTally;
}

/** Starts a stage of its own, whose Owncast tears its playlists for longer than the real one. The keeper, the front and the edge are real. */
export async function measureTorn(
  { folder, front }: { readonly folder: string; readonly front: Front },
  count: number,
): Promise<TornPlaylists> {
  const hls = join(cacheIn(folder), "main/hls");
  const ends: (() => Promise<void>)[] = [];
  try {
    const owncast = await startTearingOwncast(hls);
    ends.push(owncast.stop);
    const socket = join(folder, "keeper.sock");
    const keeper = await startKeeper(socket, `http://${owncast.upstream}`, hls);
    ends.push(keeper.stop);
    const places = { "/run/lectern/main-keeper.sock": socket, "127.0.0.1:8080": owncast.upstream };
    const options = { folder, sites: ["one.test"], places };
    const origin = await (front === "caddy"
      ? startGoldenCaddy("origin", options)
      : startGoldenNginx("origin", options));
    ends.push(origin.stop);
    const edge = await startGoldenEdge(join(folder, "edge"), { port: origin.ports.https, caFile: origin.caFile });
    ends.push(edge.stop);
    const sites = Object.values(edgeSites);
    const watch = (some: number) =>
      countTorn(some, (path, number) => edge.get(path, {}, sites[number % sites.length]), pauseMs);
    await untilKept((path) => origin.get("one.test", path));
    const byEdge = await watch(count);
    const client = await makeHttpClient();
    const ofOwncast = await countTorn(count, (path) => client.fetch(`http://${owncast.upstream}${path}`), 0);
    client.close();
    return { byEdge, ofOwncast };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
