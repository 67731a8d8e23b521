import { readFile } from "node:fs/promises";

/** Where the form of a stage file is described for editors. */
export const schemaPlace = "generated/stage.schema.json";

/** What a setting or an area is, in a sentence. Paths are dotted: `video`, `video.latency`. */
export type SettingDocs = (path: string) => string | undefined;

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

/** Reads the sentences from the generated schema, which has them from the settings' own documentation. */
export async function readSettingDocs(): Promise<SettingDocs> {
  const schema = JSON.parse(await readFile(new URL(`../../../${schemaPlace}`, import.meta.url), "utf8")) as Described;
  return (path) => {
    const described = path.split(".").reduce<Described | undefined>((inner, key) => inner?.properties?.[key], schema);
    // A sentence ends before a new one starts: not in "such as 2.5".
    return described?.description?.split(/(?<=\.) (?=[A-Z`[])/)[0];
  };
}
