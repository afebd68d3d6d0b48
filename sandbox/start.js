#!/usr/bin/env node
"use strict";
require("../register");
require("../lazy-clients");
require("./play/main").main(process.argv.slice(2));
