/** Kernels take rows in blocks of the size of a unit: sums of blocks are added one after another. */
export const BLOCK_ROWS = 1024;

/** The lanes of group accumulators: row i adds to lane i mod 4 of its group, so that neighbours never wait for each other. */
export const GROUP_LANES = 4;
