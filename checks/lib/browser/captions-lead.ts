import { readSegmentName } from "../../../src/media/segment-name.ts";
import type { Viewer } from "./browser-viewer.ts";

// A player may fetch these only after their picture: only then it knows where the connection begins.
const firstOnes = 3;

/**
 * Watches what a player fetches from now on. The result gives, for the segments of the last connection of the camera but its first ones, by how
 * many seconds captions were there before their picture; negative if they came later, infinitely if never.
 */
export function watchLeads(viewer: Viewer): () => number[] {
  const cameAtMs = { ts: new Map<string, number>(), vtt: new Map<string, number>() };
  viewer.page.on("requestfinished", (request) => {
    const [, name, kind] = /\/(stream-[^/]+)\.(ts|vtt)$/.exec(new URL(request.url()).pathname) ?? [];
    if (name !== undefined) cameAtMs[kind as keyof typeof cameAtMs].set(name, Date.now());
  });
  return () => {
    const names = [...cameAtMs.ts.keys()];
    const sessionOf = (name: string | undefined) => readSegmentName(`${name}.ts`)?.session;
    const later = names.filter((name) => sessionOf(name) === sessionOf(names.at(-1))).slice(firstOnes);
    const never = Number.POSITIVE_INFINITY;
    return later.map((name) => ((cameAtMs.ts.get(name) ?? 0) - (cameAtMs.vtt.get(name) ?? never)) / 1000);
  };
}
