#!/usr/bin/env node
"use strict";
require("../register");
require("./cli");
