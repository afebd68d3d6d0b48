import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import type { Properties } from "../values";
import type { Difference } from "../provider";

const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = PropertyDiff.Kind;

/** A difference in the protocol's words: each input that changed, and whether it is new, gone or other. */
export function diffResponse(difference: Difference, before: Properties, after: Properties): DiffResponse {
  const { changed, replaces, deleteBeforeReplace } = difference;
  const response = new DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList([...changed]);
  response.setReplacesList([...replaces]);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const name of changed) {
    const [plain, replacing] = kindsOf(name in before, name in after);
    const property = new PropertyDiff();
    property.setKind(replaces.includes(name) ? replacing : plain);
    property.setInputdiff(true);
    response.getDetaileddiffMap().set(name, property);
  }
  return response;
}

function kindsOf(wasGiven: boolean, isGiven: boolean) {
  if (wasGiven === isGiven) return [UPDATE, UPDATE_REPLACE] as const;
  return wasGiven ? ([DELETE, DELETE_REPLACE] as const) : ([ADD, ADD_REPLACE] as const);
}
