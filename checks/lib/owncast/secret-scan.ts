import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type ProcessWatch, watchProcesses } from "../process/process-watch.ts";
import { secretForms } from "./secret-forms.ts";

/** Looks for secrets where they do not belong: in running commands, in their output and in their files. */
export interface SecretScan {
  readonly watch: ProcessWatch;
  /** Looks for this secret too, also in earlier records. */
  add(name: string, value: string): void;
  /** Records a command's output. */
  heard(what: string, text: string): void;
  /**
   * All secrets in arguments, environments, outputs, and files below the folders, as
   * `stream-key (base64) in argv of process 12: ffmpeg …`. It skips the paths (relative to their folder) where secrets belong.
   */
  findings(folders: readonly string[], belongs?: RegExp): string[];
}

export function startSecretScan(secrets: Readonly<Record<string, string>>): SecretScan {
  const known = new Map(Object.entries(secrets));
  const outputs: { what: string; bytes: Buffer }[] = [];
  const watch = watchProcesses();
  return {
    watch,
    add: (name, value) => void known.set(name, value),
    heard: (what, text) => void outputs.push({ what: `what ${what} printed`, bytes: Buffer.from(text) }),
    findings(folders, belongs = /^$/) {
      const seen = watch.sightings.map(({ where, pid, bytes }) => ({ what: `${where} of process ${pid}`, bytes }));
      const files = folders.flatMap((folder) =>
        filesBelow(folder)
          .filter((file) => !belongs.test(relative(folder, file)))
          .map((file) => ({ what: file, bytes: readFileSync(file) })),
      );
      const forms = [...known].flatMap(([name, value]) => secretForms(value).map((form) => ({ name, ...form })));
      const found = [...seen, ...outputs, ...files].flatMap(({ what, bytes }) =>
        forms.filter((one) => bytes.includes(one.bytes)).map(({ name, form }) => `${name} (${form}) in ${what}`),
      );
      return [...new Set(found)];
    },
  };
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
