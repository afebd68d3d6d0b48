import type { Tick } from "./chore";

/** Sends the notices that waited for now, or whose invocation died before it sent them. */
export const digests = ({ post }: Tick): Promise<void> => post.sendDue();
