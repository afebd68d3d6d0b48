/** What a function learns from its environment: ARNs and names only. Everything else is in `config.json`. */
export interface Environment {
  readonly topicArn: string;
  readonly ledgerTable: string;
  readonly roleArn: string;
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  /** Where `config.json` lies; Lambda sets it. */
  readonly folder: string;
}

/** Reads the variables once, at cold start. @throws Error naming the first that is missing. */
export function readEnvironment(): Environment {
  const read = (name: string): string => {
    const value = process.env[name];
    if (value === undefined || value === "") throw new Error(`${name} is not set`);
    return value;
  };
  return {
    topicArn: read("GUARDRAIL_TOPIC_ARN"),
    ledgerTable: read("GUARDRAIL_LEDGER_TABLE"),
    roleArn: read("GUARDRAIL_ROLE_ARN"),
    stack: read("GUARDRAIL_STACK"),
    account: read("GUARDRAIL_ACCOUNT"),
    region: read("AWS_REGION"),
    folder: read("LAMBDA_TASK_ROOT"),
  };
}
