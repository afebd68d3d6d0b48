import type { Proof } from "../proof";
import { steps } from "./steps";

export const proof: Proof = { kind: "direct", steps, mutations: [] };
