import { CliError, ExitCode } from "../lib/errors.ts";
import { PlaylistError, parseMaster, parseMedia, tornBy } from "../viewer/playlist.ts";
import { namedRungs, type Rung } from "./choose-rendition.ts";

/** A segment to load. */
export interface LiveSegment {
  /** With the query, on the stage's own host. */
  readonly path: string;
  readonly sequence: number;
  readonly durationSeconds: number;
  /** When its last frame was made, in ms since the epoch on the server's clock; undefined if the playlist has no dates. */
  readonly madeUntilMs: number | undefined;
}

/** A media playlist as the viewers use it. */
export interface LivePlaylist {
  readonly targetSeconds: number;
  readonly ended: boolean;
  readonly segments: readonly LiveSegment[];
}

/** Longer ones are refused; Owncast's have 2 kB. */
export const maxPlaylistBytes = 256 * 1024;

// Far more than Owncast lists. A rehearsal opens each rendition once, and looks through all segments of a playlist.
const mostRenditions = 32;
const mostSegments = 5000;
// Some texts for each rendition of a large ladder.
const kept = 32;

/**
 * Reads playlists. Many viewers get the same text, so each text is read once while it is new. Throws PlaylistError for one that
 * cannot be used, and CliError 77 for one that leads to another host: nobody there has allowed the rehearsal.
 */
export class LivePlaylists {
  readonly #origin: string;
  readonly #masters = new Recent<Rung[]>();
  readonly #media = new Recent<LivePlaylist>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The renditions, with paths on the stage's host, the best one first. */
  master(text: string, path: string): Rung[] {
    return this.#masters.get(text, path, () => {
      const variants = atMost(mostRenditions, "renditions", parseMaster(whole(text)));
      return namedRungs(variants).map((rung) => ({ ...rung, uri: this.#path(rung.uri, path) }));
    });
  }

  media(text: string, path: string): LivePlaylist {
    return this.#media.get(text, path, () => {
      const { targetDurationSeconds, ended, segments } = parseMedia(whole(text));
      return {
        targetSeconds: targetDurationSeconds,
        ended,
        segments: atMost(mostSegments, "segments", segments).map(({ uri, sequence, durationSeconds, madeAtMs }) => ({
          ...{ path: this.#path(uri, path), sequence, durationSeconds },
          madeUntilMs: madeAtMs === undefined ? undefined : madeAtMs + durationSeconds * 1000,
        })),
      };
    });
  }

  #path(uri: string, base: string): string {
    if (!URL.canParse(uri, this.#origin + base)) throw new PlaylistError("it names an address that is none");
    const { origin, pathname, search } = new URL(uri, this.#origin + base);
    if (origin === this.#origin) return pathname + search;
    throw new CliError(
      ExitCode.refused,
      `the playlists of ${this.#origin} lead to ${origin}: a rehearsal loads only the host that allows it`,
      "rehearse the stage without the object storage or the other site that serves its video",
    );
  }
}

function atMost<Entry>(most: number, what: string, entries: readonly Entry[]): readonly Entry[] {
  if (entries.length > most) throw new PlaylistError(`it lists ${entries.length} ${what}, more than ${most}`);
  return entries;
}

/** The text of a torn playlist throws, so that it is not kept. */
function whole(text: string): string {
  const flaw = tornBy(text);
  if (flaw !== undefined) throw new TornPlaylist(flaw);
  return text;
}

/** A playlist that was read while the server wrote it. */
export class TornPlaylist extends PlaylistError {}

/** Results for the newest texts. */
class Recent<Result> {
  readonly #results = new Map<string, Result>();

  get(text: string, path: string, make: () => Result): Result {
    const key = `${path}\n${text}`;
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (this.#results.size >= kept) this.#results.delete(this.#results.keys().next().value!);
    this.#results.set(key, made);
    return made;
  }
}
