/** The types of documents the hub knows; it lays out their sections, "free" has none. */
export const templates = ["manual", "strategy", "practice_card", "study", "minutes", "charter", "free"] as const;
