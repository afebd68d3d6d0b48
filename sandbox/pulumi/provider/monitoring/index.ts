import { metricAlarm } from "./alarm";
import { dashboard } from "./dashboard";

export const monitoringTypes = [metricAlarm, dashboard];
