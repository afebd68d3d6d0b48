import type { Account } from "../state/account";
import type { Handlers } from "../ground/call";
import type { Clock } from "../ground/clock";
import type { Identities } from "../iam/identity";
import { ec2Handlers } from "./ec2";
import { iamHandlers } from "./iam";
import { kmsHandlers } from "./kms";
import { s3Handlers } from "./s3";
import { stsHandlers } from "./sts";

export interface CorrectionOptions {
  readonly account: Account;
  readonly identities: Identities;
  readonly clock: Clock;
}

/** What the account's state gets wrong or does not keep, service by service. */
export const corrections = (options: CorrectionOptions): Handlers => ({
  ...ec2Handlers(options.account),
  ...iamHandlers(options.account, options.identities),
  ...kmsHandlers(options.account),
  ...s3Handlers(options.account),
  ...stsHandlers(options.identities),
});
