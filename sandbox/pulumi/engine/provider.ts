import type { Properties } from "../values";

/** What a provider needs to know to create one resource. Inputs are plain: no secrets' wrappers, references as ids. */
export interface CreateRequest {
  readonly urn: string;
  /** e.g. aws:sns/topic:Topic */
  readonly type: string;
  /** The name in the program, not in AWS. */
  readonly name: string;
  readonly inputs: Properties;
  /** The configuration of the provider resource that the program chose, if it chose one. */
  readonly provider?: Properties;
  /** Check the inputs and foretell, create nothing; inputs may hold `unknownValue`. */
  readonly preview: boolean;
}

export interface Created {
  /** Empty in a preview. */
  readonly id: string;
  /** All output properties that are known; plain values. */
  readonly outputs: Properties;
}

/**
 * What the engine asks to make resources real. Throws an Error whose message is for the user; it names the type,
 * property or function that is not known.
 */
export interface ResourceProvider {
  create(request: CreateRequest): Promise<Created>;
  /** e.g. aws:index/getCallerIdentity:getCallerIdentity */
  invoke(request: {
    readonly token: string;
    readonly args: Properties;
    readonly provider?: Properties;
  }): Promise<Properties>;
}
