import type { Account } from "./account";
import type { Handlers } from "./call";
import type { Clock } from "./clock";
import type { Identities } from "./identity";
import { ec2Handlers } from "./services/ec2";
import { iamHandlers } from "./services/iam";
import { kmsHandlers } from "./services/kms";
import { s3Handlers } from "./services/s3";
import { stsHandlers } from "./services/sts";

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
