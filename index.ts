import * as pulumi from "@pulumi/pulumi";
import { AuditLog } from "./components/shared/audit-log";
import { bundleRemediators } from "./components/bundle";
import { Dashboard } from "./components/shared/dashboard";
import { Failures } from "./components/shared/failures";
import {
  Guardrail,
  functionNames,
  measuredIds,
  publishingRuleNames,
  ruleNames,
} from "./components/guardrail";
import { catalogue, defaultPack } from "./components/guardrails";
import { Ledger } from "./components/shared/ledger";
import { Notifications } from "./components/shared/notifications";
import { homePlace } from "./components/place";
import { readSettings } from "./components/settings";

const settings = readSettings(pulumi.runtime.allConfig(), catalogue, defaultPack);
settings.warnings.forEach(warning => void pulumi.log.warn(warning));
const definitions = settings.guardrails.map(({ definition }) => definition);
const place = homePlace();

const notifications = new Notifications("notifications", {
  recipients: settings.recipients,
  publishingRules: definitions.flatMap(publishingRuleNames),
  place,
});
const auditLog = new AuditLog("audit-log");
const failures = new Failures("failures", {
  rules: definitions.flatMap(ruleNames),
  functions: definitions.flatMap(functionNames),
  topicArn: notifications.topicArn,
  topicName: notifications.topicName,
  place,
});
const ledger = new Ledger("ledger", {
  roles: definitions.flatMap(functionNames),
  operators: settings.operators,
  adopt: settings.ledger === "adopt",
  place,
});

const shared = {
  place,
  ledgerName: ledger.tableName,
  ledgerArn: ledger.tableArn,
  topicArn: notifications.topicArn,
  deadLetterQueueArn: failures.queueArn,
  logGroupName: auditLog.logGroupName,
  logGroupArn: auditLog.logGroupArn,
  permissionsBoundary: settings.permissionsBoundary,
};
const bundles = bundleRemediators(definitions);
const enabled = settings.guardrails.map(
  guardrail => new Guardrail(guardrail.definition.id, { enabled: guardrail, bundles, shared }),
);

const dashboard = new Dashboard("dashboard", {
  guardrails: definitions.flatMap(measuredIds),
  queueName: failures.queueName,
  alarmArns: failures.alarmArns,
  place,
});

export const topicArn = notifications.topicArn;
export const deadLetterQueueUrl = failures.queueUrl;
export const ledgerTable = ledger.tableName;
export const dashboardName = dashboard.dashboardName;
export const guardrails = Object.fromEntries(enabled.map(({ id, summary }) => [id, summary]));
export const regions = place.regions;
export const reminder =
  "Every recipient gets one mail from AWS and hears nothing before following its link: look in the spam folder too.";
