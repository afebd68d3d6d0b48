import type { Account } from "./account";

/** What the account's state forgets or cannot be told, by id; empty again after a reset. */
export type Kept<T> = () => Map<string, T>;

export function createKept<T>(account: Pick<Account, "resets">): Kept<T> {
  let [kept, resets] = [new Map<string, T>(), account.resets];
  return () => {
    if (resets !== account.resets) [kept, resets] = [new Map<string, T>(), account.resets];
    return kept;
  };
}
