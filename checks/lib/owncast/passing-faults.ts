import type { Fault } from "../site/faulty-proxy.ts";

/** What the proxy calls a read of the configuration, and a write of the page's name. */
export const read = "GET /api/admin/serverconfig";
export const nameWrite = "POST /api/admin/config/name";

interface PassingFault {
  /** For each kind of request, what happens to the next ones, in order. */
  readonly faults: Record<string, Fault[]>;
  /** How often an apply then writes the name. */
  readonly nameWrites: number;
  readonly deadlineSeconds?: number;
}

const savedAnd = (status: number, body: string): Fault => ({ saved: true, status, body });

/** Faults after which an apply ends converged. */
export const passingFaults: readonly [fault: string, PassingFault][] = [
  [
    "a write that is never answered and never done",
    { faults: { [nameWrite]: ["hold"] }, nameWrites: 2, deadlineSeconds: 4 },
  ],
  [
    "a write that is done and never answered, without writing twice",
    { faults: { [nameWrite]: ["hold when saved"] }, nameWrites: 1, deadlineSeconds: 4 },
  ],
  [
    "reads that are never answered for longer than one request waits",
    { faults: { [read]: ["pass", "hold"] }, nameWrites: 1, deadlineSeconds: 60 },
  ],
  [
    "a write that is refused with 400 and was saved all the same",
    {
      faults: { [nameWrite]: [savedAnd(400, '{"success":false,"message":"followers were not told"}')] },
      nameWrites: 1,
    },
  ],
  ["a write that is saved and answered 500", { faults: { [nameWrite]: [savedAnd(500, "")] }, nameWrites: 1 }],
  ["a connection that is cut before the write is done", { faults: { [nameWrite]: ["cut"] }, nameWrites: 2 }],
  [
    "a connection that is cut when the write is done, without writing twice",
    { faults: { [nameWrite]: ["cut when saved"] }, nameWrites: 1 },
  ],
  ["a connection that is cut twice", { faults: { [nameWrite]: ["cut", "cut"] }, nameWrites: 3 }],
  ["a proxy that says the server is gone", { faults: { [nameWrite]: [{ status: 502 }] }, nameWrites: 2 }],
  [
    "reads that are cut, cut within the answer, or answered 500 and 503",
    {
      faults: { [read]: ["cut", "cut within the answer", { status: 500 }, "pass", { status: 503 }, "cut"] },
      nameWrites: 1,
    },
  ],
];
