"use strict";
/** Loaded before a step's operator runs a command: the account's time is the machine's, and what the clock has jumped. */
const jumped = Number(process.env.SANDBOX_CLOCK_JUMPED);
const wall = Date.now;
Date.now = () => wall() + jumped;
