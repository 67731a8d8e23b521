import { statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../lib/error-cause.ts";
import type { Faults } from "./keeper-faults.ts";
import { countVariants, mostPlaylistBytes, type OwncastPlaylist, parseOwncastPlaylist } from "./owncast-playlist.ts";
import { readSmallFile } from "./read-file.ts";

/** A playlist of Owncast's as it was read last; `variant` where it is a whole one of a variant. */
interface Seen {
  readonly signature: string;
  readonly text: string;
  readonly variant: OwncastPlaylist | undefined;
}

/** Owncast's master playlist at a moment. */
export interface SeenMaster {
  /** Undefined if there is none. */
  readonly text: string | undefined;
  /** Whether two looks in a row found the same. */
  readonly isSettled: boolean;
  /** Whether it was there at the last look, and is not any more. */
  readonly isWiped: boolean;
}

const masterName = "stream.m3u8";

// A file that exists and cannot be read is like one that is torn: it says nothing.
const unreadable: Seen = { signature: "", text: "", variant: undefined };

/** Reads Owncast's playlists, each only if it has changed. */
export class OwncastFolder {
  readonly #dir: string;
  readonly #faults: Faults;
  readonly #seen = new Map<string, Seen>();
  /** Playlists that were read while Owncast wrote them. */
  tornReads = 0;

  constructor(dir: string, faults: Faults) {
    this.#dir = dir;
    this.#faults = faults;
  }

  /** Cut off between two variants it would look whole: so one that has changed counts from the next look on. */
  master(): SeenMaster {
    const before = this.#seen.get(masterName);
    const now = this.#read(masterName);
    return { text: now?.text, isSettled: !now || now.text === before?.text, isWiped: before !== undefined && !now };
  }

  /** A variant's playlist: undefined if there is none, `torn` if it cannot be read as it is. */
  playlist(input: number): OwncastPlaylist | "torn" | undefined {
    const seen = this.#read(`${input}/${masterName}`);
    return seen && (seen.variant ?? "torn");
  }

  #read(name: string): Seen | undefined {
    try {
      const seen = this.#readIfChanged(name);
      this.#seen.set(name, seen);
      return seen;
    } catch (error) {
      if (codeOf(error) === "ENOENT") {
        this.#seen.delete(name);
        return undefined;
      }
      this.#faults.failed("playlists", error);
      this.#seen.set(name, unreadable);
      return unreadable;
    }
  }

  #readIfChanged(name: string): Seen {
    const file = join(this.#dir, name);
    const { mtimeMs, ino, size } = statSync(file);
    const signature = `${mtimeMs} ${ino} ${size}`;
    const before = this.#seen.get(name);
    if (before?.signature === signature) return before;
    const text = readSmallFile(file, mostPlaylistBytes);
    this.#faults.worked("playlists");
    const variant = name === masterName ? undefined : parseOwncastPlaylist(text);
    if (!variant && (name !== masterName || countVariants(text) === undefined)) this.tornReads += 1;
    return { signature, text, variant };
  }
}
