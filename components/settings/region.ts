import { partitionOf } from "../../runtime/aws/partition";
import { setValue, type Path } from "./fixes";
import { closest, didYouMean, shown, type Report, type Warning } from "./mistakes";

/** Those that AWS has so far: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */
export const regions = [
  ..."us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 mx-central-1 sa-east-1".split(" "),
  ..."eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3".split(" "),
  ..."ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2".split(" "),
  ..."ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6".split(" "),
  ..."ap-southeast-7 af-south-1 il-central-1 me-central-1 me-south-1".split(" "),
  ..."cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1 eusc-de-east-1".split(" "),
];

const path: Path = ["aws:region"];

/** What a stack file without a region should have said of it. */
export const regionUnsaid: Warning = {
  path,
  words: command =>
    "aws:region: nothing is set, so the stack is deployed to the region of whoever deploys it (AWS_REGION, or a profile's), which may be another the next time. " +
    `Say where it belongs: ${command(setValue(path, "<region>"))}`,
};

/**
 * Where the stack is deployed, which is Pulumi's setting: what is no region's name is a mistake. One that is unknown
 * here is none, because AWS may have made it since.
 * @param given absent where the surroundings say it
 */
export function readRegion(given: string | undefined, report: Report): Warning[] {
  if (given === undefined || regions.includes(given)) return [];
  const meant = closest(given, regions);
  const fix = setValue(path, meant ?? "<region>");
  if (isRegionName(given)) {
    const problem = `aws:region: ${shown(given)} is no region that this version knows of${didYouMean(meant)}`;
    const words: Warning["words"] = command =>
      `${problem}${meant === undefined ? "" : ` Then write it with ${command(fix)}`}`;
    return [{ path, words }];
  }
  report(path, `got ${shown(given)}, expected a region such as eu-west-1${didYouMean(meant)}`, fix);
  return [];
}

function isRegionName(text: string): boolean {
  try {
    return partitionOf(text) !== undefined;
  } catch {
    return false;
  }
}
