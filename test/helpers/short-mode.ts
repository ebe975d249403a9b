// Whether long stories are told shorter: the matrix of Node versions tells each, and .ci/run has told them whole before.
export const isBrief = process.env.BRIEF !== undefined;
