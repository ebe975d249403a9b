// Why budgets are missed, where somebody has found out: printed under those that are. Kept by hand.

/** By `scenario: what` of the budget, as in the list on a terminal; one or two sentences. */
export const EXPLANATIONS: ReadonlyMap<string, string> = new Map();
