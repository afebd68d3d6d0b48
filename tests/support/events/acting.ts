import type { Definition } from "../../../components/definition";
import { renderPattern } from "../../../components/sources";
import { hasFunction } from "../../../components/kinds";
import { compile } from "../../../patterns";
import type { GuardrailEvent } from "../../../runtime/events";
import { stageOf } from "../stages";
import { settingsOf } from "../inspecting";
import { ownRoleArn } from "../fakes/container";
import { writtenEvents } from "./written";
import { namedIn } from "../../../runtime/guardrail";

/** Whether one of the deployed rules passes the event on. */
export function isPassedOn(definition: Definition, event: GuardrailEvent): boolean {
  const role = hasFunction(definition) ? ownRoleArn(definition.id) : undefined;
  return definition.triggers.some(
    trigger =>
      "pattern" in trigger &&
      compile(JSON.parse(renderPattern(definition.id, trigger.pattern, "123456789012", role)))(event),
  );
}

/** Whether the event is passed on and the function, where there is one, finds that it concerns something. */
export function actsOn(definition: Definition, event: GuardrailEvent): boolean {
  if (!isPassedOn(definition, event)) return false;
  if (!hasFunction(definition)) return true;
  return (
    namedIn(definition.resources(event, settingsOf(definition, stageOf(definition.id).settings))).length > 0
  );
}

/** The guardrail's own events that concern something. @throws Error when there is none. */
export function actingEvents(definition: Definition): GuardrailEvent[] {
  const found = Object.values(writtenEvents(definition.id)).filter(event => actsOn(definition, event));
  if (found.length === 0)
    throw new Error(`No event in tests/guardrails/${definition.id}/events concerns anything`);
  return found;
}
