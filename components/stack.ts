import * as pulumi from "@pulumi/pulumi";
import { bundleRemediators } from "./bundle";
import type { Definition } from "./definition";
import { Guardrail } from "./guardrail";
import { catalogue } from "./guardrails";
import { isPublishing } from "./kinds";
import { partsOf, ticksAnHourOf } from "./parts";
import type { Place } from "./regions";
import type { StackConfig } from "./remediator";
import type { Settings } from "./settings";
import { type Entry, listedIn } from "./settings/people";
import { AuditLog } from "./shared/audit-log";
import { Dashboard } from "./shared/dashboard";
import { Failures } from "./shared/failures";
import { Ledger } from "./shared/ledger";
import { Notifications } from "./shared/notifications";
import { periodOf } from "./timer";

/** The parts that guardrails share, and one Guardrail for each that is enabled. Returns the stack's outputs. */
export function createStack(settings: Settings, home: Place) {
  const stack = pulumi.getStack();
  const definitions = settings.guardrails.map(({ definition }) => definition);
  const parts = settings.guardrails.map(({ definition, mode }) => partsOf(definition, { stack }, mode));
  const functions = parts.filter(({ functionName }) => functionName !== undefined);
  const place = pulumi.output(home);

  const notifications = new Notifications("notifications", {
    recipients: settings.recipients,
    publishing: (catalogue as readonly Definition[])
      .filter(isPublishing)
      .map(definition => partsOf(definition, { stack })),
    place,
  });
  const adopt = settings.ledger === "adopt";
  const auditLog = new AuditLog("audit-log", { adopt });
  const failures = new Failures("failures", {
    watched: {
      functions: functions.length,
      ticksAnHour: ticksAnHourOf(parts),
    },
    topicArn: notifications.topicArn,
    place,
  });
  const ledger = new Ledger("ledger", {
    parts: catalogue.map(definition => partsOf(definition, { stack })),
    operators: settings.operators ?? [],
    deployers: settings.deployers,
    adopt,
    place,
  });
  const shared = {
    place,
    ledgerArn: ledger.tableArn,
    topicArn: notifications.topicArn,
    deadLetterQueueArn: failures.queueArn,
    logGroupName: auditLog.logGroupName,
    logGroupArn: auditLog.logGroupArn,
    permissionsBoundary: settings.permissionsBoundary,
    config: place.apply(where => stackConfig(settings, where)),
  };
  const bundles = bundleRemediators(definitions);
  const guardrails = settings.guardrails.map(
    enabled => new Guardrail(enabled.definition.id, { enabled, bundles, shared }),
  );
  const dashboard = settings.dashboard
    ? new Dashboard("dashboard", {
        hasFunctions: functions.length > 0,
        guardrails: settings.metrics === "guardrail" ? functions.map(({ id }) => id) : [],
        queueName: failures.queueName,
        alarmArns: failures.alarmArns,
        place,
      })
    : undefined;

  return {
    topicArn: notifications.topicArn,
    deadLetterQueueUrl: failures.queueUrl,
    ledgerTable: ledger.tableName,
    ...(dashboard && { dashboardName: dashboard.dashboardName }),
    guardrails: Object.fromEntries(guardrails.map(({ id, summary }) => [id, summary])),
    regions: place.regions,
    reminder:
      "Every recipient gets one mail from AWS and hears nothing before following its link: look in the spam folder too.",
  };
}

/** What every function is told of the stack, in the account that it guards. */
function stackConfig(settings: Settings, where: Place): StackConfig {
  const { trusted, controllers = [], expected = [], recipients, metrics } = settings;
  const listed = (entries: readonly Entry[]) => entries.map(entry => listedIn(entry, where));
  const who = { trusted, controllers: listed(controllers), expected: listed(expected) };
  const ticking = settings.guardrails.flatMap(({ definition, mode }) =>
    periodOf(definition, mode) === undefined ? [] : [definition.id],
  );
  return { who, recipients: recipients.length, metrics, ticking };
}
