import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type ProcessWatch, watchProcesses } from "../process/process-watch.ts";
import { secretForms } from "./secret-forms.ts";

/** Looks for secrets wherever they do not belong, while commands run and in what they leave. */
export interface SecretScan {
  readonly watch: ProcessWatch;
  /** Looks for this one too, also in what was seen before. */
  add(name: string, value: string): void;
  /** Notes what a command printed. */
  heard(what: string, text: string): void;
  /**
   * Every secret found in arguments, environments, what was heard, and the files below the folders, but for those paths
   * (relative to their folder) where secrets belong. As `stream-key (base64) in argv of process 12: ffmpeg …`.
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
