import { compile } from "json-schema-to-typescript";
import { banner } from "./banner.ts";
import type { JsonSchema } from "./json-schema.ts";

/** The seed's TypeScript type, as `generated/seed.d.ts`. */
export const emitSeedTypes = async (schema: JsonSchema): Promise<string> =>
  compile(schema as Parameters<typeof compile>[0], "Seed", {
    bannerComment: `/*\n${banner("codegen/schema/")
      .map((line) => ` * ${line}`)
      .join("\n")}\n */`,
    additionalProperties: false,
    // Lengths are checked at run time: as tuple types they would be unreadable unions.
    ignoreMinAndMaxItems: true,
    style: { printWidth: 120 },
  });
