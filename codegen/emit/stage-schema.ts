import type { JsonSchema } from "../annotated-schema.ts";
import { banner } from "./banner.ts";

/** The JSON Schema of stage files, for editors and other validators. */
export const emitStageSchema = ({ $schema, ...schema }: JsonSchema): string =>
  `${JSON.stringify({ $schema, $comment: banner("codegen/schema/").join(" "), title: "Lectern stage", ...schema }, null, 2)}\n`;
