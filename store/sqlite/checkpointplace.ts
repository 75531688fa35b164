/** The module of the thread of checkpoints.ts, for those that name it and do not use it. */
export const CHECKPOINT_THREAD = new URL("./checkpointthread.ts", import.meta.url);
