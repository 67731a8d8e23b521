import { join } from "node:path";
import { z } from "zod";
import { codeOf, fileFault } from "../../lib/error-cause.ts";
import { readSmallText } from "../../lib/small-file.ts";
import { writeWhole } from "../../lib/whole-file.ts";

const drainsFile = z.strictObject({ drained: z.array(z.string().max(100)).max(1000) });

/** The edges that an admin has drained, on disk, so that a restart keeps them. */
export class Drains {
  readonly #file: string;
  #drained: ReadonlySet<string>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, drained: ReadonlySet<string>) {
    this.#file = file;
    this.#drained = drained;
  }

  /** Reads them. Never rejects: a file that cannot be read drains nothing, and `say` gets the reason. */
  static async read(stateDir: string, say: (line: string) => void): Promise<Drains> {
    const file = join(stateDir, "drains.json");
    try {
      const { drained } = drainsFile.parse(JSON.parse(await readSmallText(file)));
      return new Drains(file, new Set(drained));
    } catch (error) {
      if (codeOf(error) !== "ENOENT") {
        const reason = codeOf(error) === "" ? "it is not a list of drained edges" : fileFault(error);
        say(`${file}: ${reason}; no edge counts as drained: drain them again`);
      }
      return new Drains(file, new Set());
    }
  }

  has(name: string): boolean {
    return this.#drained.has(name);
  }

  /** Changes one edge. It counts once it is on disk. Rejects with the system's error, and then nothing has changed. */
  set(name: string, isDrained: boolean): Promise<void> {
    const change = async (): Promise<void> => {
      const next = new Set(this.#drained);
      if (isDrained) next.add(name);
      else next.delete(name);
      await writeWhole(this.#file, `${JSON.stringify({ drained: [...next].sort() })}\n`, { mode: 0o600 });
      this.#drained = next;
    };
    // One at a time: two changes must not lose each other.
    this.#writing = this.#writing.catch(() => {}).then(change);
    return this.#writing;
  }
}
