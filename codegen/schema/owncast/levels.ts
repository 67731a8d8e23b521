/** Owncast's five levels, in its own order. Both latency and the encoder's effort are sent as an index into this list. */
export const levels = ["lowest", "low", "medium", "high", "highest"] as const;

/** The level that a number of Owncast's stands for; the number itself where it is none. */
export const levelName = (index: number): string | number => levels[index] ?? index;

/** The number that Owncast is sent for a level. */
export const levelIndex = (level: (typeof levels)[number]): number => levels.indexOf(level);
