/** What every guardrail's function runs on. No Pulumi import: bundles, pages and the cost are made of it, too. */

/** Node.js in Lambda: what runs the code, and what it is made for. */
export const nodeVersion = 22;

/** The processor grows with it. */
export const memoryMegabytes = 256;

/** How long an invocation may take: a launch of a thousand instances takes minutes. */
export const timeoutSeconds = 300;
