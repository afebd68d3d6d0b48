import { eventBus, eventBusPolicy } from "./bus";
import { eventRule } from "./rule";
import { eventTarget } from "./target";

export const eventTypes = [eventRule, eventTarget, eventBus, eventBusPolicy];
