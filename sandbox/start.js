#!/usr/bin/env node
"use strict";
require("../register");
require("../lazy-clients");
require("./play/begin").begin(process.argv.slice(2));
