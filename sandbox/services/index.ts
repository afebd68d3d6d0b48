import { loadApi, type Api } from "../codec/api";
import type { Handlers } from "../ground/call";
import { createRequirements, type Requirements } from "../iam/requirements";
import { cloudtrail } from "./cloudtrail";
import { createDynamodb } from "./dynamodb";
import type { TransactionReading } from "./dynamodb/leading-keys";
import { ec2 } from "./ec2";
import { events } from "./events";
import { iam } from "./iam";
import { kms } from "./kms";
import { lambda } from "./lambda";
import { logs } from "./logs";
import { monitoring } from "./monitoring";
import { s3 } from "./s3";
import { s3Control } from "./s3-control";
import type { Correcting, Service, Serving } from "./service";
import { sns } from "./sns";
import { sqs } from "./sqs";
import { sts } from "./sts";

export type { Service } from "./service";

/** The services that the sandbox has: a folder each, and a line each here. Everything else is looked up in this list. */
export const services: readonly Service[] = [
  cloudtrail,
  createDynamodb("item"),
  ec2,
  events,
  iam,
  kms,
  lambda,
  logs,
  monitoring,
  s3,
  s3Control,
  sns,
  sqs,
  sts,
];

/** What IAM asks of calls to these services. */
export const requirements = createRequirements(services);

/** The same with another reading of what AWS's pages leave open: what conditions see of DynamoDB's transactions. */
export const requirementsWith = (transactions: TransactionReading): Requirements => {
  const dynamodb = createDynamodb(transactions);
  return createRequirements(services.map(service => (service.name === dynamodb.name ? dynamodb : service)));
};

/** @throws Error that names the services, for one that is not among them */
export function serviceNamed(name: string): Service {
  const found = services.find(service => service.name === name);
  if (!found)
    throw new Error(
      `The sandbox has no service "${name}"; it has ${services.map(({ name: known }) => known).join(", ")}`,
    );
  return found;
}

/** "<service>:<Operation>" → handler, of every service. */
export const correctionsOf = (needs: Correcting): Handlers => merged(service => service.corrections?.(needs));
export const handlersOf = (needs: Serving): Handlers => merged(service => service.handlers?.(needs));

const merged = (handlers: (service: Service) => Handlers | undefined): Handlers =>
  Object.fromEntries(
    services.flatMap(service =>
      Object.entries(handlers(service) ?? {}).map(([name, handler]) => [`${service.name}:${name}`, handler]),
    ),
  );

/** Loads a service's SDK client on first use (EC2: about 0.3 s). */
export function createApis(): (name: string) => Promise<Api> {
  const loaded = new Map<string, Promise<Api>>();
  return name => {
    const found = loaded.get(name) ?? loadApi(serviceNamed(name));
    loaded.set(name, found);
    return found;
  };
}
