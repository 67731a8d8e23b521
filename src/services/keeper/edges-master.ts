import { steering } from "../../../codegen/site/rules.ts";
import { type Edges, originPathway } from "../../lib/edges-file.ts";

const variantUri = /^(?:0|[1-9]\d?)\/stream\.m3u8$/;
const bandwidth = /(?<=[:,]BANDWIDTH=)\d{1,15}/;

/**
 * A master playlist that also leads to the stage's edges: each variant once for each edge and once for the origin, and one line
 * that says where players ask for the order. Everything else stays as it is and stays once, such as subtitles. Pure.
 *
 * `order` is the present order of pathways: its first is the pathway on which players begin. Players that cannot be steered
 * take the first variant, or the one with the most bits per second. Edges that it does not name follow in their declared order, so an empty one is as good as any.
 *
 * Each edge before the origin has one bit per second more than the edge before it. When an edge dies, video.js excludes the
 * rendition that it was playing for a minute, and then treats it as playable on every pathway. Among otherwise equal renditions
 * it chooses the one with the most bits. So it does not go back to a failed edge if its new edge comes later in the order. If the
 * new edge comes earlier, or is the origin, it may go back: no order of one list helps everybody.
 *
 * A master whose variants are elsewhere, such as on object storage, is returned unchanged.
 */
export function masterWithEdges(master: string, { origin = "", edges }: Edges, order: readonly string[]): string {
  const lines = master.split("\n").filter((line) => line !== "");
  const isUri = (line: string): boolean => !line.startsWith("#");
  const isVariant = (line: string): boolean => isUri(line) || line.startsWith("#EXT-X-STREAM-INF:");
  const variants = lines.filter(isVariant);
  if (variants.length === 0 || !variants.every((line) => !isUri(line) || variantUri.test(line))) return master;
  const bases = new Map([...edges.map(({ name, url }) => [name, url] as const), [originPathway, origin] as const]);
  const pathways = [...new Set([...order.filter((name) => bases.has(name)), ...bases.keys()])];
  const usable = pathways.slice(0, pathways.indexOf(originPathway));
  const ofPathway = (name: string): string[] => {
    const base = bases.get(name);
    const more = usable.indexOf(name) + 1;
    return variants.map((line) => {
      if (isUri(line)) return base ? `${base}/hls/${line}` : line;
      return `${line.replace(bandwidth, (bits) => `${Number(bits) + more}`)},PATHWAY-ID="${name}"`;
    });
  };
  const line = `#EXT-X-CONTENT-STEERING:SERVER-URI="${origin}${steering.at.exactly}",PATHWAY-ID="${pathways[0]}"`;
  return `${[...lines.filter((one) => !isVariant(one)), line, ...pathways.flatMap(ofPathway)].join("\n")}\n`;
}
