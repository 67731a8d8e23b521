/** `2026-11-25 21:38 UTC (12 min)`: the time as everywhere, and how long ago. Times are in ms since the epoch. */
export function timeText(at: number, now: number): string {
  const minutes = Math.max(0, Math.floor((now - at) / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60)];
  const ago = days > 1 ? `${days} days` : hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC (${ago})`;
}
