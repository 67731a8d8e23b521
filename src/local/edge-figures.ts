/** Whether a segment is of the clip that Owncast plays while nobody is live. No edge keeps it: its names are the same in each pause. */
export const isOfflineClip = (address: string): boolean => /stream-offline-\d+\.ts$/.test(address);

/** What an edge did with the segments of streams, from its log. */
export interface EdgeFigures {
  /** Segments that viewers got. */
  readonly served: number;
  /** How many different ones they were. */
  readonly different: number;
  /** How often the edge fetched one of them from the origin. */
  readonly fetched: number;
  /** Bytes of segments that viewers got. */
  readonly servedBytes: number;
}

// The names of old segments are forgotten: none is asked for again.
const mostPaths = 10_000;

const line = /^(\d{3}) (\d+) (\/hls\/\S+) (.*)$/;

/**
 * Counts an edge's log of segments, line by line, in the form that edge-site.ts gives it: status, bytes, path, and the status of each
 * request to the origin, or `-` if the edge had the segment.
 */
export class SegmentCounts {
  readonly #paths = new Set<string>();
  #rest = "";
  #different = 0;
  #served = 0;
  #fetched = 0;
  #servedBytes = 0;

  /** Counts the next part of the log, which may end within a line. */
  add(text: string): void {
    const lines = `${this.#rest}${text}`.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const one of lines) this.#count(one);
  }

  #count(text: string): void {
    const [, status, bytes, path = "", upstream = ""] = line.exec(text) ?? [];
    // A segment that does not exist any more costs the origin nothing to speak of.
    if ((status !== "200" && status !== "206") || isOfflineClip(path)) return;
    this.#served += 1;
    this.#servedBytes += Number(bytes);
    this.#remember(path);
    this.#fetched += upstream.match(/\d{3}/g)?.length ?? 0;
  }

  #remember(path: string): void {
    if (this.#paths.has(path)) return;
    this.#different += 1;
    this.#paths.add(path);
    if (this.#paths.size > mostPaths) this.#paths.delete(this.#paths.values().next().value ?? "");
  }

  get figures(): EdgeFigures {
    return {
      ...{ served: this.#served, different: this.#different },
      ...{ fetched: this.#fetched, servedBytes: this.#servedBytes },
    };
  }
}
