import { z } from "zod";
import { fileFault } from "./error-cause.ts";
import { CliError, ExitCode } from "./errors.ts";
import { readSmallText } from "./small-file.ts";

/** The pathway of a stage's own server, beside those of its edges. No edge may have this name. */
export const originPathway = "origin";

/** The address at which an edge says that it lives. */
export const edgeHealthPath = "/.well-known/lectern-edge";

// Far more than anybody runs. The master playlist has each variant once for each edge.
const mostEdges = 32;
const mostNetworks = 1000;

// An edge is a whole host name: players get a path below it that is the same as at the origin.
const address = z.string().refine(isOrigin, "expected an address such as https://edge.example.org, without a path");

const edge = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/, "expected a lower-case letter and up to 19 more letters, digits and dashes")
    .refine((name) => name !== originPathway, `"${originPathway}" is the stage's own server`),
  url: address,
  /** Its share of the viewers, compared with other edges. 0: only viewers in its networks are sent there. */
  weight: z.int().min(0).max(1000).default(1),
  /** Networks whose viewers are sent there first, such as 192.0.2.0/24. */
  networks: z.array(z.string().max(64)).max(mostNetworks).default([]),
  healthPath: z
    .string()
    .max(200)
    .regex(/^\/[!-~]*$/, "expected a path such as /health")
    .default(edgeHealthPath),
});

const edgesFile = z
  .strictObject({
    /** The stage's own address. Without it, the addresses of its variants stay relative. */
    origin: address.optional(),
    edges: z.array(edge).min(1).max(mostEdges),
  })
  .refine(({ edges }) => new Set(edges.map(({ name }) => name)).size === edges.length, "two edges have the same name");

/** One edge of a stage. */
export type Edge = z.output<typeof edge>;

/** A stage's edges. */
export type Edges = z.output<typeof edgesFile>;

/** Reads the file that lists a stage's edges, as JSON. Throws CliError 65 if it is missing or not valid. */
export async function readEdgesFile(file: string): Promise<Edges> {
  const text = await readSmallText(file).catch((error: unknown) => {
    throw new CliError(ExitCode.badInput, `${file}: ${fileFault(error)}`, "name a file that lists edges");
  });
  return readEdges(text, file);
}

/** The edges in a file's text. Throws CliError 65, with the file's name, if it is not valid. */
export function readEdges(text: string, file: string): Edges {
  const parsed = edgesFile.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CliError(
    ExitCode.badInput,
    `${file}: ${issue?.path.join(".") || "it"}: ${issue?.message}`,
    'the file looks like {"edges": [{"name": "tokyo", "url": "https://tokyo.example.org"}]}',
  );
}

function isOrigin(text: string): boolean {
  if (text.length > 300 || !URL.canParse(text)) return false;
  const { protocol, origin } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && origin === text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
