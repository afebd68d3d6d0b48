#!/usr/bin/env node
"use strict";
require("../register");
require("../lazy-clients");
require("./cli");
