import { partitionOf } from "./partition";

/** An account of AWS's own, from which one of its services delivers what one has asked it for. */
export interface ServiceAccount {
  readonly service: string;
  /** Whose resources it delivers from; absent where it is one for all. */
  readonly region?: string;
}

interface Published {
  readonly service: string;
  /** What of such an account AWS tells its customers to admit. */
  readonly principal: "root" | "user/logs";
  readonly accounts: Readonly<Record<string, string>>;
}

/**
 * As AWS's pages had them in August 2022. Regions that came later have none: there the services deliver by service
 * principals, which are recommended everywhere.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 * https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html
 */
const published: readonly Published[] = [
  {
    service: "Elastic Load Balancing",
    principal: "root",
    accounts: {
      "us-east-1": "127311923021",
      "us-east-2": "033677994240",
      "us-west-1": "027434742980",
      "us-west-2": "797873946194",
      "af-south-1": "098369216593",
      "ap-east-1": "754344448648",
      "ap-northeast-1": "582318560864",
      "ap-northeast-2": "600734575887",
      "ap-northeast-3": "383597477331",
      "ap-south-1": "718504428378",
      "ap-southeast-1": "114774131450",
      "ap-southeast-2": "783225319266",
      "ap-southeast-3": "589379963580",
      "ca-central-1": "985666609251",
      "eu-central-1": "054676820928",
      "eu-north-1": "897822967062",
      "eu-south-1": "635631232127",
      "eu-west-1": "156460612806",
      "eu-west-2": "652711504416",
      "eu-west-3": "009996457667",
      "me-south-1": "076674570225",
      "sa-east-1": "507241528517",
      "us-gov-west-1": "048591011584",
      "us-gov-east-1": "190560391635",
      "cn-north-1": "638102146993",
      "cn-northwest-1": "037604701340",
    },
  },
  {
    service: "Redshift",
    principal: "user/logs",
    accounts: {
      "us-east-1": "193672423079",
      "us-east-2": "391106570357",
      "us-west-1": "262260360010",
      "us-west-2": "902366379725",
      "af-south-1": "365689465814",
      "ap-east-1": "313564881002",
      "ap-northeast-1": "404641285394",
      "ap-northeast-2": "760740231472",
      "ap-northeast-3": "090321488786",
      "ap-south-1": "865932855811",
      "ap-southeast-1": "361669875840",
      "ap-southeast-2": "762762565011",
      "ca-central-1": "907379612154",
      "eu-central-1": "053454850223",
      "eu-north-1": "729911121831",
      "eu-south-1": "945612479654",
      "eu-west-1": "210876761215",
      "eu-west-2": "307160386991",
      "eu-west-3": "915173422425",
      "me-south-1": "013126148197",
      "sa-east-1": "075028567923",
      "cn-north-1": "111890595117",
      "cn-northwest-1": "660998842044",
    },
  },
];

/**
 * By which CloudFront delivers standard logs, a canonical user.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
 */
const cloudFront = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";

/**
 * The AWS service that a policy's principal stands for; undefined for everybody else. Only the principal that AWS has
 * published counts: the whole account of Redshift's log user is not what a customer was asked to admit.
 */
export function serviceAccountOf(principal: string): ServiceAccount | undefined {
  if (principal === cloudFront) return { service: "CloudFront" };
  const [, partition, account, name] =
    /^arn:([a-z-]+):iam::(\d{12}):(root|user\/logs)$/.exec(principal) ??
    (/^\d{12}$/.test(principal) ? [principal, undefined, principal, "root"] : []);
  for (const { service, principal: expected, accounts } of published) {
    const region = Object.keys(accounts).find(one => accounts[one] === account);
    if (region === undefined || name !== expected) continue;
    if (partition === undefined || partition === partitionOf(region).id) return { service, region };
  }
  return undefined;
}

/** A policy's principal as people know it: with the service's name where it stands for one. */
export function principalInWords(principal: string): string {
  const known = serviceAccountOf(principal);
  if (known === undefined) return principal;
  return `${principal} (${known.service}${known.region === undefined ? "" : ` in ${known.region}`})`;
}
