/**
 * Event name → the members of its record that name a group or a prefix list. Nothing else in a record does:
 * descriptions, tags and names of templates are whatever a caller writes there.
 */
export const members = {
  AuthorizeSecurityGroupIngress: [
    "requestParameters.groupId",
    "requestParameters.groupName",
    "requestParameters.ipPermissions.prefixListIds.prefixListId",
    "responseElements.securityGroupRuleSet.groupId",
    "responseElements.securityGroupRuleSet.prefixListId",
  ],
  ModifySecurityGroupRules: [
    "requestParameters.groupId",
    "requestParameters.ModifySecurityGroupRulesRequest.GroupId",
    "requestParameters.ModifySecurityGroupRulesRequest.SecurityGroupRule.SecurityGroupRule.PrefixListId",
  ],
  RevokeSecurityGroupIngress: [
    "requestParameters.groupId",
    "responseElements.revokedSecurityGroupRuleSet.groupId",
  ],
  ModifyManagedPrefixList: [
    "requestParameters.prefixListId",
    "requestParameters.ModifyManagedPrefixListRequest.PrefixListId",
    "responseElements.ModifyManagedPrefixListResponse.prefixList.prefixListId",
  ],
  RestoreManagedPrefixListVersion: [
    "requestParameters.RestoreManagedPrefixListVersionRequest.PrefixListId",
    "responseElements.RestoreManagedPrefixListVersionResponse.prefixList.prefixListId",
  ],
  RunInstances: [
    "requestParameters.groupSet.groupId",
    "requestParameters.networkInterfaceSet.groupSet.groupId",
    "responseElements.instancesSet.groupSet.groupId",
    "responseElements.instancesSet.networkInterfaceSet.groupSet.groupId",
  ],
  CreateNetworkInterface: [
    "requestParameters.groupSet.groupId",
    "responseElements.networkInterface.groupSet.groupId",
  ],
  ModifyInstanceAttribute: [
    "requestParameters.groupSet.groupId",
    "requestParameters.ModifyInstanceAttributeRequest.GroupId",
  ],
  ModifyNetworkInterfaceAttribute: [
    "requestParameters.groupSet.groupId",
    "requestParameters.ModifyNetworkInterfaceAttributeRequest.SecurityGroupId",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;
