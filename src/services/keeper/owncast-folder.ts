import { statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../lib/error-cause.ts";
import { readSmallFile } from "../../lib/small-file.ts";
import type { Faults } from "./keeper-faults.ts";
import { countVariants, mostPlaylistBytes, type OwncastPlaylist, parseOwncastPlaylist } from "./owncast-playlist.ts";

/** One of Owncast's playlists as last read; `variant` is set if it is a whole one of a variant. */
interface LastRead {
  readonly signature: string;
  readonly text: string;
  readonly variant: OwncastPlaylist | undefined;
}

/** Owncast's master playlist at one moment. */
export interface MasterPlaylist {
  /** Undefined if there is none. */
  readonly text: string | undefined;
  /** Whether two reads in a row found the same. */
  readonly isSettled: boolean;
  /** Whether the last read found one and this one does not. */
  readonly isWiped: boolean;
}

const masterName = "stream.m3u8";

// Treat an unreadable file like a torn one.
const unreadable: LastRead = { signature: "", text: "", variant: undefined };

/** Reads Owncast's playlists, each only if it has changed. */
export class OwncastFolder {
  readonly #dir: string;
  readonly #faults: Faults;
  readonly #lastRead = new Map<string, LastRead>();
  /** How often Owncast was still writing a playlist that was read. */
  tornReads = 0;

  constructor(dir: string, faults: Faults) {
    this.#dir = dir;
    this.#faults = faults;
  }

  /** A changed one is settled only at the next read: if it is cut off between two variants, it looks whole. */
  master(): MasterPlaylist {
    const before = this.#lastRead.get(masterName);
    const now = this.#read(masterName);
    return { text: now?.text, isSettled: !now || now.text === before?.text, isWiped: before !== undefined && !now };
  }

  /** A variant's playlist: undefined if there is none, `torn` if it cannot be read as it is. */
  playlist(input: number): OwncastPlaylist | "torn" | undefined {
    const read = this.#read(`${input}/${masterName}`);
    return read && (read.variant ?? "torn");
  }

  #read(name: string): LastRead | undefined {
    try {
      const read = this.#readIfChanged(name);
      this.#lastRead.set(name, read);
      return read;
    } catch (error) {
      if (codeOf(error) === "ENOENT") {
        this.#lastRead.delete(name);
        return undefined;
      }
      this.#faults.failed("playlists", error);
      this.#lastRead.set(name, unreadable);
      return unreadable;
    }
  }

  #readIfChanged(name: string): LastRead {
    const file = join(this.#dir, name);
    const { mtimeMs, ino, size } = statSync(file);
    const signature = `${mtimeMs} ${ino} ${size}`;
    const before = this.#lastRead.get(name);
    if (before?.signature === signature) return before;
    const text = readSmallFile(file, mostPlaylistBytes);
    this.#faults.worked("playlists");
    const variant = name === masterName ? undefined : parseOwncastPlaylist(text);
    if (!variant && (name !== masterName || countVariants(text) === undefined)) this.tornReads += 1;
    return { signature, text, variant };
  }
}
