/** What every guardrail's function runs on. No Pulumi import: bundles, pages and the cost are made of it, too. */

/** Node.js in Lambda: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
export const nodeVersion = 24;

/** What the code is made for: the least Node.js of whoever deploys, since the sandbox runs the same text there. */
export const targetNodeVersion = 20;

/** The processor grows with it. */
export const memoryMegabytes = 256;

/** How long an invocation may take: a launch of a thousand instances takes minutes. */
export const timeoutSeconds = 300;
